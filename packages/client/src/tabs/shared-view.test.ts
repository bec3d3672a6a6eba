import { randomClientId, randomDocumentId, type DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryQueueStore } from '../adapters/memory-queue-store.ts';
import { newReplica } from '../core/new-replica.ts';
import { RunningDocumentClient } from '../document-client.ts';
import { unknownView } from '../document-view.ts';
import type { DocumentServer } from '../ports.ts';
import { joinedMessage } from '../test-joined.ts';
import type { TabMessage } from './core/tab-messages.ts';
import { unknownState } from './core/tab-view.ts';
import { FakeLockManager } from './fake-lock-manager.ts';
import { SharedDocumentClient } from './shared-document-client.ts';
import { TabChannel } from './tab-channel.ts';
import { WebLock } from './web-lock.ts';

let documentId: DocumentId;
let locks: FakeLockManager;
let open: { close(): unknown }[] = [];
/** What tabs post to each other, as a tab of another build hears it. */
let posted: TabMessage[];
let channel: TabChannel;

beforeEach(() => {
  documentId = randomDocumentId();
  locks = new FakeLockManager();
  posted = [];
  channel = new TabChannel(documentId, (message) => posted.push(message));
  open = [channel];
});
afterEach(() => Promise.all(open.map((each) => each.close())));

interface TabOptions {
  readonly isLookedAt?: boolean;
  /** Without it the tab runs without a network. */
  readonly isOnline?: boolean;
  /** The document was begun on this device. */
  readonly isNew?: boolean;
  readonly create?: DocumentServer['create'];
}

/** A tab of the browser. The server answers its join. */
async function openTab(options: TabOptions = {}): Promise<SharedDocumentClient> {
  const { isLookedAt = true, isOnline = false, isNew = false } = options;
  const { create = () => new Promise(() => undefined) } = options;
  const replica = { ...newReplica(documentId, randomClientId()), opened: true, isNew };
  const tab = new SharedDocumentClient({
    name: documentId,
    lock: new WebLock(documentId, locks.asManager),
    isLookedAt: () => isLookedAt,
    lead: async () => {
      const client: RunningDocumentClient = new RunningDocumentClient({
        documentId,
        replica,
        queueStore: new MemoryQueueStore(),
        snapshots: { fetch: () => new Promise(() => undefined) },
        server: { create, rename: () => new Promise(() => undefined) },
        createTransport: (given) => ({
          connect: () => isOnline && given.connected(),
          disconnect: () => undefined,
          send: ({ type }) => {
            if (type !== 'join') return;
            const body = joinedMessage({ epoch: client.replica.epoch, title: 'Plan' });
            setTimeout(() => given.message({ type: 'joined', body }));
          },
        }),
        former: isOnline ? 'online' : 'offline',
      });
      return { client, kept: () => client.replica };
    },
  });
  open.unshift(tab);
  await tab.start();
  return tab;
}

it('the view of a mirror is that of the tab that leads, also in what no tab combines with typing of its own', async () => {
  let answer = (): void => undefined;
  const create = (): Promise<void> => new Promise((resolve) => (answer = resolve));
  const leader = await openTab({ isNew: true, create });
  const mirror = await openTab({ isLookedAt: false });
  await vi.waitFor(() => expect(mirror.view.status.kind).toBe('offline'));
  leader.insert(0, 'a');
  await vi.waitFor(() => expect(mirror.view).toEqual(leader.view));
  expect(mirror.view).toMatchObject({ isOnServer: false, unsent: 1 });
  answer();
  await vi.waitFor(() => expect(leader.view.isOnServer).toBe(true));
  await vi.waitFor(() => expect(mirror.view).toEqual(leader.view));
});

it('the view of a tab that gave up the lead stays as it was until another leader tells', async () => {
  const first = await openTab({ isNew: true });
  const second = await openTab({ isLookedAt: false, isNew: true });
  await vi.waitFor(() => expect(second.view.isOnServer).toBe(false));
  const told: boolean[] = [];
  first.subscribe(() => told.push(first.view.isOnServer));
  second.wanted();
  await vi.waitFor(() => expect(second.isLeading).toBe(true));
  await vi.waitFor(() => expect(first.view).toEqual(second.view));
  expect(first.isLeading).toBe(false);
  expect(told).not.toContain(true);
});

it('the view of a mirror is the same object when the leader tells what it told before', async () => {
  const leader = await openTab({ isOnline: true });
  const mirror = await openTab({ isLookedAt: false });
  await vi.waitFor(() => expect(mirror.view).toMatchObject({ title: 'Plan', role: 'editor' }));
  await vi.waitFor(() => expect(mirror.view).toEqual(leader.view));
  const { view } = mirror;
  const told = vi.fn();
  mirror.subscribe(told);
  const states = (): number => posted.filter(({ type }) => type === 'state').length;
  const before = states();
  channel.post({ type: 'hello' });
  await vi.waitFor(() => expect(states()).toBeGreaterThan(before));
  leader.rename('Another');
  await vi.waitFor(() => expect(mirror.view.title).toBe('Another'));
  expect(told).toHaveBeenCalledTimes(1);
  expect(mirror.view.people).toBe(view.people);
  expect(mirror.view.status).toBe(view.status);
});

it('a tab that is typed in tells its own listeners of every key, and other tabs of what else is news', async () => {
  const leader = await openTab({ isOnline: true });
  const mirror = await openTab({ isLookedAt: false });
  await vi.waitFor(() => expect(mirror.view.status.kind).toBe('saved'));
  const unsent: number[] = [];
  leader.subscribe(() => unsent.push(leader.view.unsent));
  posted = [];
  for (const key of ['a', 'b', 'c']) leader.insert(0, key);
  expect(unsent).toEqual([1, 2, 3]);
  await vi.waitFor(() => expect(mirror.text).toBe('cba'));
  const types = posted.map(({ type }) => type).filter((type) => type !== 'hello');
  expect(types.slice(0, types.lastIndexOf('change') + 1)).toEqual([
    'change',
    'state',
    'change',
    'change',
  ]);
});

it('a tab of a former build finds in what is told all that it knows', async () => {
  const leader = await openTab({ isOnline: true });
  channel.post({ type: 'hello' });
  await vi.waitFor(() => expect(posted.map(({ type }) => type)).toContain('state'));
  const state = posted
    .flatMap((message) => (message.type === 'state' ? [message.state] : []))
    .at(-1);
  expect(Object.keys(state ?? {})).toEqual(expect.arrayContaining(Object.keys(unknownState)));
  expect(state).toEqual({ ...leader.view, carets: [] });
});

it('what a leader of a former build tells is shown, and what it does not know is as in a document that is not known', async () => {
  const lock = new WebLock(documentId, locks.asManager);
  await lock.take('ifFree', { lost: () => undefined, mayForce: () => false });
  const mirror = await openTab({ isLookedAt: false });
  const state = { ...unknownState, title: 'Plan', status: { kind: 'saved' } as const };
  channel.post({ type: 'text', text: 'of the former', count: 1 });
  channel.post({ type: 'state', state });
  await vi.waitFor(() => expect(mirror.view.title).toBe('Plan'));
  expect(mirror.view).toEqual({ ...unknownView, title: 'Plan', status: { kind: 'saved' } });
  lock.release();
});
