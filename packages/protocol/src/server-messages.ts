/** Messages from server to client. */
import type { Effect, TextOperation } from '@concord/ot';
import { z } from 'zod';
import { refusalCodes, rejectionCodes } from './codes.ts';
import { clientIdSchema, renameIdSchema } from './client-messages.ts';
import { roleSchema } from './role-schema.ts';

const counter = z.number().int().nonnegative();
/** Not validated again: the owner validated it before the commit. */
const operationSchema = z.custom<TextOperation>((value) => Array.isArray(value));

/** Trusted likewise. A client keeps away from those of a type that it does not know. */
const effectsSchema = z.custom<readonly Effect[]>((value) => Array.isArray(value));

/** Someone present in a document. `session` is the short name under which carets refer to them. */
export const personSchema = z.strictObject({
  session: counter,
  /** Client whose operations move this person's caret. */
  clientId: clientIdSchema,
  userId: z.string(),
  name: z.string(),
  /** Index into the ten colours; unique among up to ten people. */
  color: counter,
});
export type Person = z.infer<typeof personSchema>;

/** A committed operation; its version follows from its place in the frame. */
export const committedOperationSchema = z.strictObject({
  clientId: clientIdSchema,
  seq: counter,
  /** User id of the author, set by the server. */
  author: z.string(),
  /** When it was committed, in milliseconds since 1970, by the server's clock. */
  at: counter,
  /** May be absent for its own author, for whom the entry is the acknowledgement. */
  op: operationSchema.optional(),
  /** Since version 4: what the change did besides; absent for nothing. Also towards its own author. */
  effects: effectsSchema.optional(),
});
export type CommittedOperation = z.infer<typeof committedOperationSchema>;

/** Consecutive committed operations; the first produces `firstVersion`. */
export const operationsSchema = z.strictObject({
  firstVersion: counter.min(1),
  operations: z.array(committedOperationSchema).readonly(),
  /** Checksum of the text after the last operation, in some frames (docs/protocol.md#divergence). */
  checksum: counter.optional(),
});
export type OperationsMessage = z.infer<typeof operationsSchema>;

export const limitsSchema = z.strictObject({
  messageBytes: counter,
  operationBytes: counter,
  operationComponents: counter,
  documentCodePoints: counter,
  operationsPerSecond: counter,
  operationsBurst: counter,
});

export const joinedSchema = z.strictObject({
  /** Epoch of the join that this answers; clients ignore answers to older joins. */
  epoch: counter,
  /** The owner's durable head; the tail leads up to it. */
  version: counter,
  role: roleSchema,
  /** Highest decided (committed or rejected) sequence number of this client. */
  lastSeq: counter,
  /** Operations after the client's version if they are few; else the rest follows in `operations` frames. */
  tail: z.array(committedOperationSchema).readonly(),
  limits: limitsSchema,
  /** At most PEOPLE_LISTED of them. */
  people: z.array(personSchema),
  /** Number of people present. */
  peopleTotal: counter,
  /** The client's own session. */
  self: counter,
  /** The client's user id: an operation is its own if client id and author match. */
  userId: z.string(),
  title: z.string(),
  /** Since version 3: number of changes of the title. */
  titleVersion: counter.optional(),
  /** Changes when a backup is restored: a client that knows another history keeps its text and stops. */
  historyId: z.string(),
});
export type JoinedMessage = z.infer<typeof joinedSchema>;

/** The submitted operation was not committed. Unless `retryable`, its sequence number is consumed. */
export const rejectedSchema = z.strictObject({
  seq: counter,
  code: z.enum(rejectionCodes),
  retryable: z.boolean(),
  retryAfterMs: counter.optional(),
  detail: z.string(),
});
export type RejectedMessage = z.infer<typeof rejectedSchema>;

/** The session is over, or a join was not accepted. */
export const refusedSchema = z.strictObject({
  code: z.enum(refusalCodes),
  retryable: z.boolean(),
  /** Minimum delay before a retry. */
  retryAfterMs: counter.optional(),
  detail: z.string(),
});
export type RefusedMessage = z.infer<typeof refusedSchema>;

/** The client is too far behind or diverged: it fetches the snapshot, rebases, and rejoins. */
export const resyncSchema = z.strictObject({
  /** Epoch of the join that this answers. */
  epoch: counter,
  /** The snapshot to fetch must be at least this new. */
  version: counter,
  /** The client's last committed operation (0, 0 for none): what a snapshot at that version contains of it. */
  lastCommittedSeq: counter,
  lastCommittedVersion: counter,
});
export type ResyncMessage = z.infer<typeof resyncSchema>;

/** Moved carets, in code points of the text at each one's version. */
export const caretsSchema = z.strictObject({
  carets: z.array(
    z.strictObject({
      session: counter,
      version: counter,
      anchor: counter,
      head: counter,
    }),
  ),
});
export type CaretsMessage = z.infer<typeof caretsSchema>;
export type Caret = CaretsMessage['carets'][number];

export const peopleSchema = z.strictObject({ people: z.array(personSchema), total: counter });
export type PeopleMessage = z.infer<typeof peopleSchema>;

export const roleChangedSchema = z.strictObject({ role: roleSchema });
export type RoleChangedMessage = z.infer<typeof roleChangedSchema>;

/** The client reconnects after a random delay in this range: the document moved, or the server restarts. */
export const movedSchema = z.strictObject({ minDelayMs: counter, maxDelayMs: counter });
export type MovedMessage = z.infer<typeof movedSchema>;

/** The heartbeat: nothing newer than `version` exists. */
export const headSchema = z.strictObject({ version: counter });
export type HeadMessage = z.infer<typeof headSchema>;

export const titledSchema = z.strictObject({
  title: z.string(),
  /** Since version 3: clients ignore titles whose version is not newer than the known one. */
  titleVersion: counter.optional(),
  /** Since version 3: id of the renaming that set it, if it had one. */
  renameId: renameIdSchema.optional(),
});
export type TitledMessage = z.infer<typeof titledSchema>;

export const serverMessages = {
  joined: joinedSchema,
  operations: operationsSchema,
  rejected: rejectedSchema,
  refused: refusedSchema,
  resync: resyncSchema,
  carets: caretsSchema,
  people: peopleSchema,
  role: roleChangedSchema,
  moved: movedSchema,
  head: headSchema,
  titled: titledSchema,
} as const;

export type ServerMessageName = keyof typeof serverMessages;
export type ServerMessageBody<N extends ServerMessageName> = z.infer<(typeof serverMessages)[N]>;
/** Any server message, discriminated by `type`. */
export type ServerMessage = {
  [N in ServerMessageName]: { readonly type: N; readonly body: ServerMessageBody<N> };
}[ServerMessageName];
