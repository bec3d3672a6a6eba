/** The part of the store port that knows accounts: who they are, where they are signed in, what they gave away. */
import type { TokenScope } from '@concord/protocol';

export interface AccountRecord {
  readonly userId: string;
  /** Lower case, unique. */
  readonly userName: string;
  /** Lower case, unique; null for none. */
  readonly email: string | null;
  /** Argon2id, in PHC format; null where only a single sign-on opens the account. */
  readonly passwordHash: string | null;
  /** Of the single sign-on: issuer and subject in one string, unique; null for none. */
  readonly subject: string | null;
  readonly isAdmin: boolean;
  readonly createdAt: number;
  /** Null for an account in use. */
  readonly disabledAt: number | null;
}

export type AccountChange = Partial<
  Pick<AccountRecord, 'email' | 'passwordHash' | 'subject' | 'isAdmin' | 'disabledAt'>
>;

export interface AccountRepository {
  /**
   * Creates the account; with an invitation (its token's hash), uses it up in the same write, and with a name, gives
   * it to the person. Rejects with {@link DuplicateAccountError} or {@link InvitationError}, and changes nothing then.
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
   * account's API tokens and what its sessions proved (`provenAt`) in the same write: both came by the old one.
   */
  change(userId: string, change: AccountChange): Promise<void>;
  /**
   * Deletes the account, its sessions and tokens, its own roles and starred or filed documents. A document
   * of which it was the only owner is deleted too. Operations keep the user id as their author, and it stays
   * taken: a tombstone remains. Rejects with {@link LastAdministratorError}.
   */
  remove(userId: string): Promise<void>;
  /** Whether the user id is, or was, of an account: then a guest's token for it proves nothing. */
  isTaken(userId: string): Promise<boolean>;
  /** By user name, after `afterUserName`. */
  list(afterUserName: string, limit: number): Promise<readonly AccountRecord[]>;
  /** How many accounts administer and are not disabled. */
  adminCount(): Promise<number>;
}

export interface AuthSessionRecord {
  readonly id: string;
  readonly userId: string;
  /** SHA-256 of the refresh token in use, hexadecimal. */
  readonly tokenHash: string;
  /** Of the token before, and of the attempt that exchanged it; null before the first exchange. */
  readonly formerTokenHash: string | null;
  readonly attemptHash: string | null;
  readonly rotatedAt: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  /** When the account's present password (or its provider) was last asked for here; 0 for never. */
  readonly provenAt: number;
  readonly userAgent: string;
  readonly address: string;
}

export interface Rotation {
  /** The token that must be in use still. */
  readonly fromHash: string;
  readonly toHash: string;
  readonly attemptHash: string;
  readonly at: number;
  readonly expiresAt: number;
  readonly userAgent: string;
  readonly address: string;
}

/** A session that was ended, or expired, is not there any more. */
export interface AuthSessionRepository {
  create(session: AuthSessionRecord): Promise<void>;
  get(id: string): Promise<AuthSessionRecord | null>;
  /** Compare and set: false when another token is in use by now. */
  rotate(id: string, rotation: Rotation): Promise<boolean>;
  /** The password was asked for, and was right. */
  proven(id: string, at: number): Promise<void>;
  /** Newest use first. */
  listOf(userId: string): Promise<readonly AuthSessionRecord[]>;
  end(id: string): Promise<void>;
  /** Ends all but one. */
  endAllOf(userId: string, exceptId: string | null): Promise<void>;
  /** Those of the ids that are sessions still, of accounts that are not disabled. */
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
  /** Null too when its account is disabled or gone. */
  ofHash(tokenHash: string): Promise<ApiTokenRecord | null>;
  /** Oldest first. */
  listOf(userId: string): Promise<readonly ApiTokenRecord[]>;
  /** False when this person has no such token. */
  remove(userId: string, id: string, kept?: KeptWrite | null): Promise<boolean>;
  used(id: string, at: number): Promise<void>;
  /** Those of the ids that are tokens still, not expired, of accounts that are not disabled. */
  alive(ids: readonly string[], now: number): Promise<ReadonlySet<string>>;
}

export interface InvitationRecord {
  readonly id: string;
  readonly tokenHash: string;
  readonly label: string;
  readonly isAdmin: boolean;
  /** Null for the one that the first start prints. */
  readonly createdBy: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** User id; null while nobody used it. */
  readonly usedBy: string | null;
}

export interface InvitationRepository {
  create(invitation: InvitationRecord, kept?: KeptWrite | null): Promise<void>;
  /** Newest first. */
  list(): Promise<readonly InvitationRecord[]>;
  /** Null when it is used up or unknown; expiry is the caller's to check. */
  ofHash(tokenHash: string): Promise<InvitationRecord | null>;
  remove(id: string, kept?: KeptWrite | null): Promise<boolean>;
  /** Takes back those that a first start printed and nobody used. */
  removeUnusedOfFirstStart(): Promise<void>;
}

/** An answer to a write, kept so that the same request again gets it again. */
export interface KeptAnswer {
  /** Hash of method, path and body: the same key for something else is a mistake. */
  readonly requestHash: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly at: number;
}

/**
 * An answer that a write keeps in the same transaction: after a crash the write and its answer are there, or neither. A
 * write that answers false, or rejects, keeps nothing. Named operations of the port take one as their last argument;
 * appends to the log do not, since they know a repeated operation by themselves.
 */
export interface KeptWrite {
  /** As in {@link KeptAnswerRepository.get}. */
  readonly key: string;
  readonly answer: KeptAnswer;
}

/** A request that was begun, and may have been done: its answer is not known. */
export type BegunRequest = Pick<KeptAnswer, 'requestHash' | 'at'>;

export interface KeptAnswerRepository {
  /** @param key whose it is and the idempotency key, hashed. Null too for a request without an answer. */
  get(key: string): Promise<KeptAnswer | null>;
  /**
   * Remembers that a request is begun, unless there is one under the key that is newer than `newerThan`: resolves
   * with that one then, answered or not, else with the given one.
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

/** An account administers, and no other one does: it goes on to, so that somebody can. */
export class LastAdministratorError extends Error {
  readonly code = 'lastAdministrator';
  constructor(message = 'This is the only account that administers.', options?: ErrorOptions) {
    super(message, options);
  }
}

/** Used up, expired, taken back, or never there. */
export class InvitationError extends Error {
  readonly code = 'invitation';
}
