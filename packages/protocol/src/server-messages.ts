/** Messages from server to client. */
import type { TextOperation } from '@concord/ot';
import { z } from 'zod';
import { refusalCodes, rejectionCodes } from './codes.ts';
import { clientIdSchema, renameIdSchema } from './client-messages.ts';
import { roleSchema } from './roles.ts';

const counter = z.number().int().nonnegative();
/** Trusted from the owner, who validated it before it was committed. */
const operationSchema = z.custom<TextOperation>((value) => Array.isArray(value));

/** Someone present in a document. `session` is the short name under which carets refer to them. */
export const personSchema = z.strictObject({
  session: counter,
  /** Whose operations move this person's caret. */
  clientId: clientIdSchema,
  userId: z.string(),
  name: z.string(),
  /** Index into the ten colours; never shared by two people while ten suffice. */
  color: counter,
});
export type Person = z.infer<typeof personSchema>;

/** A committed operation; its version is its place in the frame. */
export const committedOperationSchema = z.strictObject({
  clientId: clientIdSchema,
  seq: counter,
  /** User id of the author, by the server. */
  author: z.string(),
  /** When it was committed, in milliseconds since 1970, by the server's clock. */
  at: counter,
  /** Absent only towards its own author, for whom the entry is the acknowledgement. */
  op: operationSchema.optional(),
});
export type CommittedOperation = z.infer<typeof committedOperationSchema>;

/** Consecutive committed operations; the first produces `firstVersion`. */
export const operationsSchema = z.strictObject({
  firstVersion: counter.min(1),
  operations: z.array(committedOperationSchema).readonly(),
  /** Checksum of the text after the last of them, now and then (docs/protocol.md#divergence). */
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
  /** The epoch of the join this answers: answers to older joins are ignored. */
  epoch: counter,
  /** The owner's durable head; the tail leads up to it. */
  version: counter,
  role: roleSchema,
  /** Highest sequence number of this client that was decided: committed or rejected. */
  lastSeq: counter,
  /** The first operations after the client's version; the rest follows in `operations` frames. */
  tail: z.array(committedOperationSchema).readonly(),
  limits: limitsSchema,
  /** At most PEOPLE_LISTED of them. */
  people: z.array(personSchema),
  /** How many are present in all. */
  peopleTotal: counter,
  /** The client's own session. */
  self: counter,
  /** Its own user id: an operation is its own when client id and author are. */
  userId: z.string(),
  title: z.string(),
  /** Since version 3: how often the title was changed. */
  titleVersion: counter.optional(),
  /** Changes when a backup is restored: a client that knows another history keeps its text and stops. */
  historyId: z.string(),
});
export type JoinedMessage = z.infer<typeof joinedSchema>;

/** The submitted operation was not committed. Unless `retryable`, its sequence number is used up. */
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
  /** Not before this. */
  retryAfterMs: counter.optional(),
  detail: z.string(),
});
export type RefusedMessage = z.infer<typeof refusedSchema>;

/** The client's version is older than the retained log: fetch the snapshot, rebase by diff, join again. */
export const resyncSchema = z.strictObject({
  /** The epoch of the join this answers. */
  epoch: counter,
  /** The snapshot to fetch must be at least this new. */
  version: counter,
  /** The client's last committed operation (0, 0 for none): what a snapshot at that version contains of it. */
  lastCommittedSeq: counter,
  lastCommittedVersion: counter,
});
export type ResyncMessage = z.infer<typeof resyncSchema>;

/** Carets that moved, in code points of the text at each one's version. */
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

/** Connect again after a random delay in this range: the document lives elsewhere, or the server restarts. */
export const movedSchema = z.strictObject({ minDelayMs: counter, maxDelayMs: counter });
export type MovedMessage = z.infer<typeof movedSchema>;

/** The heartbeat: nothing newer than `version` exists. */
export const headSchema = z.strictObject({ version: counter });
export type HeadMessage = z.infer<typeof headSchema>;

export const titledSchema = z.strictObject({
  title: z.string(),
  /** Since version 3: a title whose version is not newer than a known one is late. */
  titleVersion: counter.optional(),
  /** Since version 3: the renaming that led to it, when it had an id. */
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
/** Any server message, told apart by `type`. */
export type ServerMessage = {
  [N in ServerMessageName]: { readonly type: N; readonly body: ServerMessageBody<N> };
}[ServerMessageName];
