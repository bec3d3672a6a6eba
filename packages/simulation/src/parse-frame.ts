/** Parses frames of clients as the gateway does: invalid frames never become inputs of the owner. */
import {
  clientMessages,
  type ClientMessageName,
  type DocumentId,
  type JoinMessage,
  type PresenceMessage,
  type Role,
  type SubmitMessage,
  type WithdrawMessage,
} from '@concord/protocol';
import type { DocumentInput } from '@concord/server';

/** The person of a connection, as the access layer knows it. */
export interface Guest {
  readonly userId: string;
  readonly name: string;
  /** Role at the beginning and the end of the world; it may change in between. */
  readonly role: Role;
}

/** Null for a frame that violates the protocol or concerns another document. */
export function parseFrame(
  frame: string,
  session: number,
  guest: Guest,
  authorizedUntil: number,
  documentId: DocumentId,
): DocumentInput | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(frame);
  } catch {
    return null;
  }
  const { type, body } = (parsed ?? {}) as { type?: unknown; body?: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(clientMessages, type)) return null;
  const name = type as ClientMessageName;
  const message = clientMessages[name].safeParse(body);
  if (!message.success) return null;
  switch (name) {
    case 'join': {
      const join = message.data as JoinMessage;
      if (join.docId !== documentId) return null;
      const { userId, name } = guest;
      return { type: 'join', session, userId, name, atMost: null, authorizedUntil, message: join };
    }
    case 'submit':
      return { type: 'submit', session, message: message.data as SubmitMessage };
    case 'withdraw':
      return { type: 'withdraw', session, message: message.data as WithdrawMessage };
    case 'presence':
      return { type: 'presence', session, message: message.data as PresenceMessage };
    case 'probe':
      return { type: 'probe', session };
    case 'renew':
      // Handled by the gateway; here the server renews by itself.
      return null;
    case 'leave':
      return { type: 'left', session };
  }
}
