/** What the owner of a document may still say when its process no longer owns documents. */
import type { DocumentId, ServerMessage } from '@concord/protocol';
import type { Ownership } from './ownership.ts';
import type { SessionTransport } from './runner-ports.ts';

/** They say that a session is over, and nothing of the document. */
const partings: ReadonlySet<ServerMessage['type']> = new Set(['moved', 'refused']);

/**
 * Asks {@link Ownership.mayAnswer} right before each frame, and leaves those out that would answer for a document which
 * another process may have by now. Its sessions are told that it moved when it is dropped.
 */
export function ownedSessions(
  sessions: SessionTransport,
  ownership: Pick<Ownership, 'mayAnswer'>,
): SessionTransport {
  return {
    send(session: number, message: ServerMessage): void {
      if (ownership.mayAnswer() || partings.has(message.type)) sessions.send(session, message);
    },
    broadcast(documentId: DocumentId, message: ServerMessage, except: ReadonlySet<number>): void {
      if (ownership.mayAnswer()) sessions.broadcast(documentId, message, except);
    },
    joined: (session, documentId) => sessions.joined(session, documentId),
    unjoined: (session, documentId) => sessions.unjoined(session, documentId),
    dismissed: (session) => sessions.dismissed(session),
    diverged: (session, documentId, report) => sessions.diverged(session, documentId, report),
  };
}
