/**
 * Messages between the main thread and the workers. Requests are batched into groups: posting a message costs some 10
 * µs, each request in it 1 µs. Each worker answers groups of a kind in order.
 */
import type { StoreEvent } from '../ports/store.ts';
import type { AccountTables } from './account-tables.ts';
import type { AccessTables } from './access-tables.ts';
import type { DocumentInvitationTables } from './document-invitation-tables.ts';
import type { DocumentTables } from './document-tables.ts';
import type { LibraryTables } from './library-tables.ts';
import type { LogTables } from './log-tables.ts';
import type { RetentionTables } from './retention-tables.ts';
import type { SearchTables } from './search-tables.ts';
import type { SessionTables } from './session-tables.ts';
import type { SigningKeyTables } from './signing-key-tables.ts';
import type { UsageTables } from './usage-tables.ts';
import type { StoreOpenErrorCode } from './store-open-error.ts';
import type { StorageRoom } from '../ports/store.ts';

/** The worker's tables; a request names one of their methods. */
export interface Tables {
  readonly log: LogTables;
  readonly documents: DocumentTables;
  readonly access: AccessTables;
  readonly documentInvitations: DocumentInvitationTables;
  readonly library: LibraryTables;
  readonly search: SearchTables;
  readonly accounts: AccountTables;
  readonly sessions: SessionTables;
  readonly retention: RetentionTables;
  readonly usage: UsageTables;
  readonly signingKeys: SigningKeyTables;
}

type MethodOf<T> = {
  [M in keyof T]: T[M] extends (...given: never[]) => unknown ? M : never;
}[keyof T] &
  string;
export type TableName = keyof Tables;
export type Method<T extends TableName> = MethodOf<Tables[T]>;
type Callable<T extends TableName, M extends Method<T>> = Extract<
  Tables[T][M],
  (...given: never[]) => unknown
>;
export type Given<T extends TableName, M extends Method<T>> = Parameters<Callable<T, M>>;
export type Answer<T extends TableName, M extends Method<T>> = ReturnType<Callable<T, M>>;

/** A call of a method of a table; `sqlite-store.ts` holds the types together. */
export interface Call {
  readonly table: TableName;
  readonly method: string;
  readonly given: readonly unknown[];
}

export interface WriteCall extends Call {
  /** By the rule of the port (ports/room-rule.ts). */
  readonly needsRoom: boolean;
}

/** Calls that form one write, whose result is that of the first; if that is false, the others are skipped. */
export interface Together {
  readonly together: readonly [WriteCall, ...WriteCall[]];
}

/** A batch to append is a plain JSON string, because it is the write of the hot path. */
export type WriteRequest = string | WriteCall | Together;

/** A serialised error: threads do not share classes. */
export interface Failure {
  readonly kind:
    | 'duplicateBatch'
    | 'fenced'
    | 'duplicateDocument'
    | 'duplicateRecord'
    | 'lastAdministrator'
    | 'lastOwner'
    | 'duplicateAccount'
    | 'invitation'
    | 'corruption'
    | 'full'
    | 'unavailable';
  readonly message: string;
  /** The duplicate field of an account. */
  readonly field?: 'userId' | 'userName' | 'email' | 'subject';
}

/**
 * What a worker does, each on a connection of its own: one `writes`, and is the only one that does; one `reads`; one
 * `searches`, and keeps the search index, which is a file of its own.
 */
export type WorkerRole = 'writes' | 'reads' | 'searches';

/** What a worker starts with. */
export interface WorkerData {
  readonly role: WorkerRole;
  readonly dataDirectory: string;
  /** How long the one that writes makes the write-ahead log beforehand. */
  readonly logBytes?: number | undefined;
  /** What the one that writes leaves free on the disk; see DiskSpaceOptions in disk-space.ts. */
  readonly reserveBytes?: number | null;
  /** The one that writes checks all pages of the files before it answers, however long that takes. */
  readonly checksAll?: boolean;
}

export type ToWorker =
  | { readonly kind: 'read'; readonly requests: readonly Call[] }
  | { readonly kind: 'write'; readonly requests: readonly WriteRequest[] }
  | { readonly kind: 'close' };

export type FromWorker =
  | {
      readonly kind: 'opened';
      readonly historyId: string;
      /** What was found at opening. */
      readonly events: readonly StoreEvent[];
    }
  | { readonly kind: 'refused'; readonly code: StoreOpenErrorCode; readonly message: string }
  | { readonly kind: 'answered'; readonly answers: readonly Outcome[] }
  /** The group is durable. Lists only requests with a result, and those that failed without a change. */
  | { readonly kind: 'written'; readonly outcomes: readonly PlacedOutcome[] }
  /** State of the disk space: on change, and periodically. */
  | { readonly kind: 'room'; readonly room: StorageRoom }
  /** The group failed and the state of the disk is unknown: all further writes are refused. */
  | { readonly kind: 'broken'; readonly message: string }
  /** An event of the store: damage, repair or failure. */
  | { readonly kind: 'event'; readonly event: StoreEvent }
  | { readonly kind: 'closed' };

export type Outcome = { readonly value: unknown } | { readonly failure: Failure };
export interface PlacedOutcome {
  readonly place: number;
  readonly outcome: Outcome;
}
