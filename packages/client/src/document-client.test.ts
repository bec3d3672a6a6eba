import { randomDocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import { MemoryQueueStore } from './adapters/memory-queue-store.ts';
import { newReplica, RunningDocumentClient } from './document-client.ts';
import type { Replica } from './replica.ts';

it('a busy page that runs its timers late writes what was typed as soon as the next key comes', async () => {
  const saved: Replica[] = [];
  const queueStore = new MemoryQueueStore();
  queueStore.save = async (replica) => void saved.push(replica);
  const documentId = randomDocumentId();
  const client = new RunningDocumentClient({
    documentId,
    replica: { ...newReplica(documentId), opened: true },
    queueStore,
    snapshots: { fetch: () => new Promise(() => undefined) },
    createTransport: () => ({
      connect: () => undefined,
      disconnect: () => undefined,
      send: () => undefined,
    }),
  });
  client.insert(0, 'a');
  client.insert(1, 'b');
  expect(saved).toEqual([]);
  // No timer runs meanwhile.
  const busyUntil = performance.now() + 40;
  while (performance.now() < busyUntil);
  client.insert(2, 'c');
  expect(saved.map(({ pendingEdits }) => pendingEdits)).toEqual([3]);
  await client.close();
});
