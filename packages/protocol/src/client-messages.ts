/** Messages from client to server. Unknown keys are refused; the operation itself is validated in @concord/ot. */
import { z } from 'zod';

/** 128 random bits in lower-case base32: 26 characters. Parsed into a branded type. */
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

/** Idempotency key of one renaming, chosen by the client: 128 random bits, like a document id. */
export const renameIdSchema = z
  .string()
  .regex(/^[a-z2-7]{26}$/)
  .brand<'RenameId'>();
export type RenameId = z.infer<typeof renameIdSchema>;

const counter = z.number().int().nonnegative();

/**
 * Identifies one operation of one history: a truncated log that was written on has another time, client or number at the
 * same version. Two logs that agree in one entry agree in all before it (docs/protocol.md#another-history).
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

/** Opens the document for a client, which has persisted `epoch` before. */
export const joinSchema = z.strictObject({
  docId: documentIdSchema,
  clientId: clientIdSchema,
  /** Incremented and persisted before every join; fences off sessions with lower epochs. */
  epoch: counter,
  /** Version of the client's confirmed text. */
  version: counter,
  /** The lowest sequence number the client may still send: in flight, or next to be used. */
  nextSeq: counter.min(1),
  protocol: counter,
  /** The client's checksum did not match: it requests a snapshot at any version (docs/protocol.md#divergence). */
  diverged: z.literal(true).optional(),
  /**
   * Since version 3: checksum of the confirmed text. With `diverged` it is evidence for the report; without `head` it
   * proves the history.
   */
  checksum: counter.optional(),
  /** Since version 3: history that the client's version belongs to; absent before the first join. */
  historyId: z.string().max(HISTORY_ID_CHARACTERS).optional(),
  /** Since version 3: the operation that produced `version`; absent at version 0 and in rows from before version 3. */
  head: operationIdentitySchema.optional(),
  /** Since version 4: the client does not have the state that effects led to at its version: it asks for a snapshot. */
  lacksEffects: z.literal(true).optional(),
});
export type JoinMessage = z.infer<typeof joinSchema>;

/** One operation. `op` is validated by @concord/ot, which needs the text's length. */
export const submitSchema = z.strictObject({
  seq: counter.min(1),
  /** Version of the text `op` applies to. */
  baseVersion: counter,
  op: z.unknown(),
  /**
   * Since version 4: what the change does besides, in the text that \`op\` makes; absent for nothing. Checked by the
   * types in @concord/ot, so that what is wrong with it costs the effects alone.
   */
  effects: z.unknown().optional(),
});
export type SubmitMessage = z.infer<typeof submitSchema>;

/**
 * Since version 3. Gives up a sequence number whose operation outgrew the limits by transforms over others' operations.
 * The owner decides the number, unless it is decided already, and replies.
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

/** Since version 3. A liveness probe, which the owner answers with `head`. */
export const probeSchema = z.strictObject({});
export type ProbeMessage = z.infer<typeof probeSchema>;

/** Ends the session at once, without waiting for the transport's timeout. */
export const leaveSchema = z.strictObject({});
export type LeaveMessage = z.infer<typeof leaveSchema>;

/** Renews the access token before the old one expires. Handled by the gateway, not by the owner. */
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
