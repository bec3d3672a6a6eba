import { randomClientId, randomDocumentId } from '@concord/protocol';
import { expect, it, vi } from 'vitest';
import { MemoryQueueStore } from './adapters/memory-queue-store.ts';
import { EditRefusedError, RunningDocumentClient } from './document-client.ts';
import { newReplica } from './core/new-replica.ts';
import type { Replica } from './core/replica.ts';
import { connectedClient } from './test-client.ts';
import { joinedMessage } from './test-joined.ts';

const WAIT = { timeout: 20_000 };

it('a busy page that runs its timers late writes what was typed as soon as the next key comes', async () => {
  const saved: Replica[] = [];
  const queueStore = new MemoryQueueStore();
  queueStore.save = async (replica) => void saved.push(replica);
  const documentId = randomDocumentId();
  const client = new RunningDocumentClient({
    documentId,
    replica: { ...newReplica(documentId, randomClientId()), opened: true },
    queueStore,
    snapshots: { fetch: () => new Promise(() => undefined) },
    createTransport: () => ({
      connect: () => undefined,
      disconnect: () => undefined,
      send: () => undefined,
    }),
  });
  // Timers run between turns of the event loop, and this is one turn: only the clock tells that they are late.
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  client.insert(0, 'a');
  client.insert(1, 'b');
  expect(saved).toEqual([]);
  now += 40;
  client.insert(2, 'c');
  clock.mockRestore();
  expect(saved.map(({ pendingEdits }) => pendingEdits)).toEqual([3]);
  await client.close();
});

it('`whenSynchronized` rejects when the server refuses an edit', async () => {
  const { client, sent, receive } = connectedClient();
  await vi.waitFor(() => expect(sent).toEqual(['join']), WAIT);
  const joined = joinedMessage({ epoch: client.replica.epoch });
  receive({ type: 'joined', body: joined });
  client.insert(0, 'too much');
  const synchronized = client.whenSynchronized();
  const opened = client.whenOpen();
  await vi.waitFor(() => expect(sent).toContain('submit'), WAIT);
  const body = { seq: 1, code: 'documentTooLarge', retryable: false, detail: 'Too long.' } as const;
  receive({ type: 'rejected', body });
  await expect(synchronized).rejects.toThrow(EditRefusedError);
  await expect(synchronized).rejects.toMatchObject({
    code: 'documentTooLarge',
    lostText: 'too much',
  });
  await opened;
  // What follows is synchronized: there is nothing unsent.
  await client.whenSynchronized();
  await client.close();
});
