/**
 * What the main thread and the workers say to each other. Requests travel in groups: posting a message costs
 * some 10 µs, a request in it 1 µs. Each worker answers groups of a kind in the order they came.
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

/** Calls that are one write; its answer is the first one's. The others are left out when that is false. */
export interface Together {
  readonly together: readonly [WriteCall, ...WriteCall[]];
}

/** A batch to append travels as its JSON alone: it is the one write of the hot path. */
export type WriteRequest = string | WriteCall | Together;

/** An error on its way between threads, which do not share classes. */
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
  /** Of an account that is taken. */
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
  /** The group is durable; named are only requests that answer something, or changed nothing and failed. */
  | { readonly kind: 'written'; readonly outcomes: readonly PlacedOutcome[] }
  /** Whether there is room to store more: when that changed, and now and then. */
  | { readonly kind: 'room'; readonly room: StorageRoom }
  /** The group failed and the disk's state is unknown: nothing may be written any more. */
  | { readonly kind: 'broken'; readonly message: string }
  /** Something happened to the files or tables by itself. */
  | { readonly kind: 'event'; readonly event: StoreEvent }
  | { readonly kind: 'closed' };

export type Outcome = { readonly value: unknown } | { readonly failure: Failure };
export interface PlacedOutcome {
  readonly place: number;
  readonly outcome: Outcome;
}
