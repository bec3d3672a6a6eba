/** Use cases of API tokens, the credentials of programs of an account. */
import { randomId, type TokenScope } from '@concord/protocol';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { ApiTokenRecord } from '../store/ports/account-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { WriteThrough } from '../store/ports/write-through.ts';
import { AccountError } from './account-error.ts';
import { newApiToken } from './authenticator.ts';
import type { PasswordClaim, PasswordProofs } from './password-proof.ts';
import { tokenHash } from './secrets.ts';

/** Bound per account; more suggest that tokens are never revoked. */
const TOKENS_MAX = 100;

export interface ApiTokensOptions {
  readonly store: Pick<Store, 'apiTokens'>;
  readonly events: Pick<DomainEvents, 'publish'>;
  readonly proofs: PasswordProofs;
}

export interface WantedToken {
  readonly label: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresAt: number | null;
}

export interface AddedToken {
  readonly record: ApiTokenRecord;
  /** Returned only here: the store has its hash. */
  readonly token: string;
}

export class ApiTokens {
  readonly #options: ApiTokensOptions;

  constructor(options: ApiTokensOptions) {
    this.#options = options;
  }

  /** Oldest first. */
  listOf(userId: string): Promise<readonly ApiTokenRecord[]> {
    return this.#options.store.apiTokens.listOf(userId);
  }

  /** Rejects as `PasswordProofs.requireRecent`, or with {@link AccountError} `tooManyTokens`. */
  async create(
    claim: PasswordClaim,
    { label, scopes, expiresAt }: WantedToken,
    through: WriteThrough<AddedToken>,
  ): Promise<AddedToken> {
    const { store, proofs } = this.#options;
    const { userId } = claim.principal;
    await proofs.requireRecent(claim);
    if ((await store.apiTokens.listOf(userId)).length >= TOKENS_MAX) {
      const detail = `You have ${TOKENS_MAX} API tokens: delete one that is not used first.`;
      throw new AccountError('tooManyTokens', detail);
    }
    const token = newApiToken();
    const record: ApiTokenRecord = {
      id: randomId(),
      userId,
      label,
      tokenHash: tokenHash(token),
      scopes: [...new Set(scopes)],
      createdAt: Date.now(),
      lastUsedAt: null,
      expiresAt,
    };
    const added = { record, token };
    await store.apiTokens.create(record, through(added));
    return added;
  }

  /** Revokes the token and ends its connections. Rejects with {@link AccountError} `tokenNotFound`. */
  async remove(userId: string, tokenId: string, through: WriteThrough): Promise<void> {
    const { store, events } = this.#options;
    if (!(await store.apiTokens.remove(userId, tokenId, through()))) {
      throw new AccountError('tokenNotFound', 'You have no such API token.');
    }
    await events.publish({ type: 'apiTokenDeleted', userId, tokenId });
  }
}
