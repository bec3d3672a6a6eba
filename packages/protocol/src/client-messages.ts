/** Messages from client to server. Unknown keys are refused; the operation itself is validated in @concord/ot. */
import { z } from 'zod';

/** 128 random bits in lower-case base32: 26 characters. Parsed once, then a type of its own. */
export const documentIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/)
  .brand<'DocumentId'>();
export type DocumentId = z.infer<typeof documentIdSchema>;

/** One replica (a tab's queue), chosen by the client: 128 random bits, like a document id. */
export const clientIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/)
  .brand<'ClientId'>();
export type ClientId = z.infer<typeof clientIdSchema>;

/** One renaming, chosen by the client: 128 random bits, like a document id. One that is known is not applied again. */
export const renameIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/)
  .brand<'RenameId'>();
export type RenameId = z.infer<typeof renameIdSchema>;

const counter = z.number().int().nonnegative();

/**
 * Names one operation of one history: a log that was cut off and written on has another time, client or number at
 * the same version. Two logs that agree in one entry agree in all before it (protocol.md, "Another history").
 */
export const operationIdentitySchema = z.strictObject({
  clientId: clientIdSchema,
  seq: counter,
  /** When it was committed, in milliseconds since 1970, by the server's clock. */
  at: counter,
});
export type OperationIdentity = z.infer<typeof operationIdentitySchema>;

/** Characters of a history's id on the wire: a UUID has 36. */
const HISTORY_ID_CHARACTERS = 100;

/** Opens the document for a client. The client has persisted `epoch` before it sends this. */
export const joinSchema = z.strictObject({
  docId: documentIdSchema,
  clientId: clientIdSchema,
  /** Incremented and persisted before every join; lower epochs are dead. */
  epoch: counter,
  /** Version of the client's confirmed text. */
  version: counter,
  /** The lowest sequence number the client may still send: in flight, or next to be used. */
  nextSeq: counter.min(1),
  protocol: counter,
  /** The client's checksum did not match: it asks for a snapshot whatever its version (docs/protocol.md#divergence). */
  diverged: z.literal(true).optional(),
  /**
   * Since version 3: checksum of the confirmed text, with `diverged`, by which the server judges the report, or in
   * place of a `head` that the device does not know.
   */
  checksum: counter.optional(),
  /** Since version 3: the store that the client's version belongs to, unless it never joined. */
  historyId: z.string().max(HISTORY_ID_CHARACTERS).optional(),
  /** Since version 3: the operation that produced `version`; absent when that is 0 or the device does not know. */
  head: operationIdentitySchema.optional(),
});
export type JoinMessage = z.infer<typeof joinSchema>;

/** One operation. `op` is unknown here on purpose: its validator needs the text's length. */
export const submitSchema = z.strictObject({
  seq: counter.min(1),
  /** Version of the text `op` applies to. */
  baseVersion: counter,
  op: z.unknown(),
});
export type SubmitMessage = z.infer<typeof submitSchema>;

/**
 * Since version 3. The client will not send the operation of this number, or not again: it outgrew the limits while
 * it was moved over others' operations. The owner decides the number, unless it is decided already, and says so.
 */
export const withdrawSchema = z.strictObject({ seq: counter.min(1) });
export type WithdrawMessage = z.infer<typeof withdrawSchema>;

/** Caret and selection, code points in the text at `version`. */
export const presenceSchema = z.strictObject({
  version: counter,
  anchor: counter,
  head: counter,
});
export type PresenceMessage = z.infer<typeof presenceSchema>;

/** Since version 3. Asks for a sign of life: the owner answers with `head`. */
export const probeSchema = z.strictObject({});
export type ProbeMessage = z.infer<typeof probeSchema>;

/** Leaves without waiting for the connection to be noticed as gone. */
export const leaveSchema = z.strictObject({});
export type LeaveMessage = z.infer<typeof leaveSchema>;

/** A new access token before the old one expires. Not for the owner: the gateway checks it. */
export const renewSchema = z.strictObject({ token: z.string().max(4_096) });
export type RenewMessage = z.infer<typeof renewSchema>;

export const clientMessages = {
  join: joinSchema,
  submit: submitSchema,
  withdraw: withdrawSchema,
  presence: presenceSchema,
  probe: probeSchema,
  renew: renewSchema,
  leave: leaveSchema,
} as const;

export type ClientMessageName = keyof typeof clientMessages;
export type ClientMessage =
  | { readonly type: 'join'; readonly body: JoinMessage }
  | { readonly type: 'submit'; readonly body: SubmitMessage }
  | { readonly type: 'withdraw'; readonly body: WithdrawMessage }
  | { readonly type: 'presence'; readonly body: PresenceMessage }
  | { readonly type: 'probe'; readonly body: ProbeMessage }
  | { readonly type: 'renew'; readonly body: RenewMessage }
  | { readonly type: 'leave'; readonly body: LeaveMessage };
