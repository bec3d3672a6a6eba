/** For tests: a client with a text, whose connection the test speaks for. */
import { randomClientId, randomDocumentId, type ServerMessage } from '@concord/protocol';
import { MemoryQueueStore } from './adapters/memory-queue-store.ts';
import { newReplica } from './core/new-replica.ts';
import { RunningDocumentClient } from './document-client.ts';
import type { TransportListener } from './ports.ts';

export interface TestConnection {
  readonly client: RunningDocumentClient;
  /** Types of the messages that the client sent. */
  readonly sent: readonly string[];
  /** The server says something. */
  readonly receive: (message: ServerMessage) => void;
}

/** The client asks to join in a moment. */
export function connectedClient(): TestConnection {
  const documentId = randomDocumentId();
  const sent: string[] = [];
  let events: TransportListener | null = null;
  const client = new RunningDocumentClient({
    documentId,
    replica: { ...newReplica(documentId, randomClientId()), opened: true },
    queueStore: new MemoryQueueStore(),
    snapshots: { fetch: () => new Promise(() => undefined) },
    createTransport: (given) => {
      events = given;
      return {
        connect: () => given.connected(),
        disconnect: () => undefined,
        send: ({ type }) => void sent.push(type),
      };
    },
  });
  return { client, sent, receive: (message) => events?.message(message) };
}
