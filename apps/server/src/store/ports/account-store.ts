/** The part of the store port for accounts: identities, auth sessions, API tokens, invitations, kept answers. */
import type { TokenScope } from '@concord/protocol';

export interface AccountRecord {
  readonly userId: string;
  /** Lower case, unique. */
  readonly userName: string;
  /** Lower case, unique; null for none. */
  readonly email: string | null;
  /** Argon2id, in PHC format; null for an account that only has single sign-on. */
  readonly passwordHash: string | null;
  /** Issuer and subject of single sign-on in one string, unique; null for none. */
  readonly subject: string | null;
  readonly isAdmin: boolean;
  readonly createdAt: number;
  /** Null for an enabled account. */
  readonly disabledAt: number | null;
}

export type AccountChange = Partial<
  Pick<AccountRecord, 'email' | 'passwordHash' | 'subject' | 'isAdmin' | 'disabledAt'>
>;

export interface AccountRepository {
  /**
   * Creates the account; in the same write uses up the invitation, if given (by its token's hash), and sets the display
   * name, if given. Rejects with {@link DuplicateAccountError} or {@link InvitationError}, and then changes nothing.
   */
  create(
    account: AccountRecord,
    invitation: { hash: string; now: number } | null,
    name?: string | null,
  ): Promise<void>;
  get(userId: string): Promise<AccountRecord | null>;
  /** By user name or email address, both lower case. */
  ofLogin(login: string): Promise<AccountRecord | null>;
  ofSubject(subject: string): Promise<AccountRecord | null>;
  /**
   * Rejects with {@link DuplicateAccountError} when the email address is taken, and with
   * {@link LastAdministratorError} (core/last-administrator.ts). A new password removes the
   * account's API tokens and resets `provenAt` of its sessions in the same write: both relied on the old password.
   */
  change(userId: string, change: AccountChange): Promise<void>;
  /**
   * Deletes the account, its sessions and tokens, its own roles and starred or filed documents. A document
   * of which it was the only owner is deleted too. Operations keep the user id as their author, and a
   * tombstone keeps it taken. Rejects with {@link LastAdministratorError}.
   */
  remove(userId: string): Promise<void>;
  /** Whether the user id is or was that of an account: then a guest's token for it proves nothing. */
  isTaken(userId: string): Promise<boolean>;
  /** By user name, after `afterUserName`. */
  list(afterUserName: string, limit: number): Promise<readonly AccountRecord[]>;
  /** Number of enabled administrators. */
  adminCount(): Promise<number>;
}

export interface AuthSessionRecord {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the refresh token in use, hexadecimal. */
  readonly tokenHash: string;
  /** Hashes of the former token and of the attempt that rotated it; null before the first rotation. */
  readonly formerTokenHash: string | null;
  readonly attemptHash: string | null;
  readonly rotatedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  /** When the current password was last entered, or the provider last used, in this session; 0 for never. */
  readonly provenAt: number;
  readonly userAgent: string;
  readonly address: string;
}

export interface Rotation {
  /** Expected hash of the token in use, for the compare-and-set. */
  readonly fromHash: string;
  readonly toHash: string;
  readonly attemptHash: string;
  readonly at: number;
  readonly expiresAt: number;
  readonly userAgent: string;
  readonly address: string;
}

/** Auth sessions. Ended and expired ones do not exist. */
export interface AuthSessionRepository {
  create(session: AuthSessionRecord): Promise<void>;
  get(id: string): Promise<AuthSessionRecord | null>;
  /** Compare-and-set: false when another token is in use by now. */
  rotate(id: string, rotation: Rotation): Promise<boolean>;
  /** Records that the right password was entered. */
  proven(id: string, at: number): Promise<void>;
  /** Newest use first. */
  listOf(userId: string): Promise<readonly AuthSessionRecord[]>;
  end(id: string): Promise<void>;
  /** Ends all but one. */
  endAllOf(userId: string, exceptId: string | null): Promise<void>;
  /** Those of the ids that are sessions of enabled accounts. */
  alive(ids: readonly string[]): Promise<ReadonlySet<string>>;
  removeExpired(now: number): Promise<void>;
}

export interface ApiTokenRecord {
  readonly id: string;
  readonly userId: string;
  readonly label: string;
  readonly tokenHash: string;
  readonly scopes: readonly TokenScope[];
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
}

export interface ApiTokenRepository {
  create(token: ApiTokenRecord, kept?: KeptWrite | null): Promise<void>;
  /** Null also when its account is disabled or deleted. */
  ofHash(tokenHash: string): Promise<ApiTokenRecord | null>;
  /** Oldest first. */
  listOf(userId: string): Promise<readonly ApiTokenRecord[]>;
  /** False when this person has no such token. */
  remove(userId: string, id: string, kept?: KeptWrite | null): Promise<boolean>;
  used(id: string, at: number): Promise<void>;
  /** Those of the ids that are unexpired tokens of enabled accounts. */
  alive(ids: readonly string[], now: number): Promise<ReadonlySet<string>>;
}

export interface InvitationRecord {
  readonly id: string;
  readonly tokenHash: string;
  readonly label: string;
  readonly isAdmin: boolean;
  /** Null for an invitation printed at the first start. */
  readonly createdBy: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** User id of the new account; null while unused. */
  readonly usedBy: string | null;
}

export interface InvitationRepository {
  create(invitation: InvitationRecord, kept?: KeptWrite | null): Promise<void>;
  /** Newest first. */
  list(): Promise<readonly InvitationRecord[]>;
  /** Null when it is used up or unknown; the caller checks expiry. */
  ofHash(tokenHash: string): Promise<InvitationRecord | null>;
  remove(id: string, kept?: KeptWrite | null): Promise<boolean>;
  /** Revokes unused invitations printed by earlier starts. */
  removeUnusedOfFirstStart(): Promise<void>;
}

/** The stored answer to a write with an idempotency key, returned to repeats of the request. */
export interface KeptAnswer {
  /** Hash of method, path and body: reuse of the key for another request is an error. */
  readonly requestHash: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

/**
 * An answer that a write stores in its own transaction: after a crash, both the write and its answer exist, or neither.
 * A write that resolves to false, or rejects, stores nothing. Named operations of the port take one as their last
 * argument; appends to the log do not, since they are idempotent by client id and sequence number.
 */
export interface KeptWrite {
  /** As in {@link KeptAnswerRepository.get}. */
  readonly key: string;
  readonly answer: KeptAnswer;
}

/** A request that was started and may have been executed: its answer is unknown. */
export type BegunRequest = Pick<KeptAnswer, 'requestHash' | 'at'>;

export interface KeptAnswerRepository {
  /** @param key hash of the user and the idempotency key. Null also for a request without an answer. */
  get(key: string): Promise<KeptAnswer | null>;
  /**
   * Records the start of a request, unless the key has one newer than `newerThan`. Resolves to the request that the key
   * has then: that one, answered or not, or the given one.
   */
  begin(key: string, request: BegunRequest, newerThan: number): Promise<BegunRequest>;
  put(key: string, answer: KeptAnswer): Promise<void>;
  removeBefore(at: number): Promise<void>;
}

export class DuplicateAccountError extends Error {
  readonly code = 'duplicateAccount';
  readonly field: 'userId' | 'userName' | 'email' | 'subject';
  constructor(field: DuplicateAccountError['field']) {
    super(`There is an account with this ${field} already.`);
    this.field = field;
  }
}

/** The change would leave the installation without an enabled administrator. */
export class LastAdministratorError extends Error {
  readonly code = 'lastAdministrator';
  constructor(message = 'This is the only account that administers.', options?: ErrorOptions) {
    super(message, options);
  }
}

/** The invitation is used up, expired, revoked or unknown. */
export class InvitationError extends Error {
  readonly code = 'invitation';
}
