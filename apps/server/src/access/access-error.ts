/** Refusals by permission: the role in the document, or the scopes of the API token, do not allow it. */
import type { TokenScope } from '@concord/protocol';
import { DomainError } from '../platform/domain-error.ts';

export type AccessErrorCode = 'forbidden' | 'scopeNeeded';

export class AccessError extends DomainError<AccessErrorCode> {}

/** The API token lacks a scope; without `scope`, the action is open to no API token at all. */
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
