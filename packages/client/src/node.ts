/** For programs: bots, benchmarks, tests. Needs no DOM. */
import { randomId, type DocumentId } from '@concord/protocol';
import { HttpSnapshotSource } from './adapters/http-snapshot.ts';
import { MemoryQueueStore } from './adapters/memory-queue-store.ts';
import { socketIoTransport } from './adapters/socket-io-transport.ts';
import { RunningDocumentClient } from './document-client.ts';
import type { Credentials, QueueStore } from './ports.ts';
import type { Replica } from './core/replica.ts';

export interface ConnectOptions {
  /** Origin of the server, such as `http://localhost:8080`. */
  readonly url: string;
  readonly documentId: DocumentId;
  /** A secret of at least 20 characters; if left out, a random guest is used. */
  readonly guestToken?: string;
  /** Credentials of an account: a constant API token, or access tokens that are renewed. */
  readonly credentials?: Credentials;
  readonly queueStore?: QueueStore;
  readonly replica?: Replica;
}

/** Connects to a document. Await `whenOpen()` before the first edit to see its text. */
export function connectDocument(options: ConnectOptions): RunningDocumentClient {
  const { url, documentId, credentials, replica } = options;
  const guestToken = credentials === undefined ? (options.guestToken ?? randomId()) : undefined;
  return new RunningDocumentClient({
    documentId,
    ...(replica === undefined ? {} : { replica }),
    queueStore: options.queueStore ?? new MemoryQueueStore(),
    snapshots: new HttpSnapshotSource(url, { guestToken, credentials }),
    createTransport: socketIoTransport({ url, documentId, guestToken, credentials }),
  });
}

/** Credentials that never change: an API token. */
export function constantToken(token: string): Credentials {
  return { token: () => Promise.resolve(token), subscribe: () => () => undefined };
}
