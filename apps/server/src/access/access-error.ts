/** What somebody may not do: by their role, or by the scopes of their API token. */
import type { TokenScope } from '@concord/protocol';
import { DomainError } from '../platform/domain-error.ts';

export type AccessErrorCode = 'forbidden' | 'scopeNeeded';

export class AccessError extends DomainError<AccessErrorCode> {}

/** The API token lacks a scope; without one, the same is for no API token at all. */
export class ScopeNeededError extends AccessError {
  readonly scope: TokenScope | null;

  constructor(scope: TokenScope | null) {
    super(
      'scopeNeeded',
      scope === null
        ? 'An API token cannot do this: sign in with a password.'
        : `This API token may not do this: it needs the scope “${scope}”.`,
    );
    this.scope = scope;
  }
}
