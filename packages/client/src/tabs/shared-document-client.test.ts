import 'fake-indexeddb/auto';
import { DocumentText, insertAt } from '@concord/ot';
import { randomClientId, randomDocumentId, type DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeviceDatabase } from '../adapters/device-database.ts';
import { IndexedDbQueueStore } from '../adapters/indexed-db-queue-store.ts';
import type { TextChanged } from '../document-client-api.ts';
import { RunningDocumentClient } from '../document-client.ts';
import { followView } from '../document-view.ts';
import { branchesOf, mergeCopy } from '../core/merge-copy.ts';
import { newReplica } from '../core/new-replica.ts';
import type { Replica } from '../core/replica.ts';
import { FakeLockManager } from './fake-lock-manager.ts';
import type { LeadLock } from './lead-lock.ts';
import type { Led, MergedCopy } from './shared-document-options.ts';
import { SharedDocumentClient } from './shared-document-client.ts';
import { WatchedQueueStore } from './watched-queue-store.ts';
import { WebLock } from './web-lock.ts';

let documentId: DocumentId;
let locks: FakeLockManager;
let tabs: Tab[] = [];
beforeEach(() => {
  documentId = randomDocumentId();
  locks = new FakeLockManager();
});
afterEach(async () => {
  await Promise.all(tabs.map((tab) => tab.end()));
  tabs = [];
});

const nowhere = { connect: () => undefined, disconnect: () => undefined, send: () => undefined };

/** An offline tab, on a document whose text is stored in this browser. */
class Tab {
  readonly device = new DeviceDatabase(`concord-${documentId}`);
  readonly store = new IndexedDbQueueStore(this.device);
  readonly lock: LeadLock = new WebLock(documentId, locks.asManager);
  readonly client: SharedDocumentClient;
  isLookedAt = true;
  /** Hook that runs before the tab runs its replica. */
  beforeLeading: () => Promise<void> = async () => undefined;
  /** Resumes after `stop`. */
  goOn = (): void => undefined;
  /** Text of a server whose history differs from the device's. */
  serverText = '';
  /** Writes to the queue store fail. */
  isFull = false;
  led: Led | null = null;

  private constructor() {
    this.client = new SharedDocumentClient({
      name: documentId,
      lock: this.lock,
      isLookedAt: () => this.isLookedAt,
      lead: async () => {
        await this.beforeLeading();
        this.led = await this.#run();
        return this.led;
      },
      mergeCopy: (led) => this.#mergeIntoServers(led),
    });
    const save = this.store.save.bind(this.store);
    this.store.save = async (...args) => {
      if (this.isFull) throw new Error('full');
      await save(...args);
    };
  }

  static async open(isLookedAt = true): Promise<Tab> {
    const tab = new Tab();
    tabs.push(tab);
    tab.isLookedAt = isLookedAt;
    await tab.client.start();
    return tab;
  }

  async #run(): Promise<Led> {
    const [clientId = randomClientId()] = await this.store.list(documentId);
    await this.store.beginTerm(clientId);
    const kept = await this.store.load(documentId, clientId);
    return this.#lead(kept ?? { ...newReplica(documentId, clientId), opened: true });
  }

  async #mergeIntoServers({ client }: Led): Promise<MergedCopy> {
    const server = DocumentText.from(this.serverText);
    await client.close();
    const text = { version: 9, text: server, head: null, historyId: 'restored' };
    const replica = mergeCopy(client.replica, text, randomClientId(), true);
    return { led: this.#lead(replica), server, merge: branchesOf(server, client.documentText) };
  }

  #lead(replica: Replica): Led {
    const watched = new WatchedQueueStore(this.store, replica);
    const client = new RunningDocumentClient({
      documentId,
      replica,
      queueStore: watched,
      snapshots: { fetch: () => new Promise(() => undefined) },
      createTransport: () => nowhere,
      former: 'offline',
    });
    return { client, kept: () => watched.kept };
  }

  /** From now on the tab pauses after taking the lock, before it runs its replica. */
  stop(): void {
    this.beforeLeading = () => new Promise((resolve) => (this.goOn = resolve));
  }

  /** Types at the end of the text. */
  type(text: string): void {
    this.client.insert(this.client.documentText.lengthCodePoints, text);
  }

  /** The stored replica. */
  async kept(): Promise<Replica | null> {
    const [clientId = randomClientId()] = await this.store.list(documentId);
    return new IndexedDbQueueStore(this.device).load(documentId, clientId);
  }

  async end(): Promise<void> {
    this.beforeLeading = async () => undefined;
    this.goOn();
    await this.client.close();
    this.device.close();
  }
}

/** Waits until every tab shows the text. */
const allShow = (text: string, shown = tabs): Promise<void> =>
  vi.waitFor(() => {
    for (const { client } of shown) expect(client.text).toBe(text);
  });

const leader = (): Tab | undefined => tabs.find(({ client }) => client.isLeading);

describe('tabs of one document', () => {
  it('show what is typed in any of them, and the tab that is typed in leads', async () => {
    const [first, second, third] = [await Tab.open(), await Tab.open(), await Tab.open(false)];
    await allShow('');
    for (const [tab, text] of [
      [first, 'a'],
      [second, 'b'],
      [third, 'c'],
      [first, 'd'],
    ] as const) {
      const before = tab.client.text;
      tab.type(text);
      await allShow(before + text);
      await vi.waitFor(() => expect(leader()).toBe(tab));
    }
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(4));
  });

  it('are led by the visible one, and a hidden one never requests the lead', async () => {
    const first = await Tab.open();
    await Tab.open(false);
    expect(leader()).toBe(first);
    const third = await Tab.open();
    await vi.waitFor(() => expect(leader()).toBe(third));
  });

  it('lose nothing when two are typed in at once', async () => {
    const [first, second] = [await Tab.open(), await Tab.open()];
    first.type('|');
    await allShow('|');
    for (let key = 0; key < 60; key++) {
      first.client.insert(0, 'a');
      second.type('b');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await allShow(`${'a'.repeat(60)}|${'b'.repeat(60)}`);
    await vi.waitFor(() =>
      expect(tabs.map(({ client }) => client.view.unsent)).toEqual([121, 121]),
    );
  });

  it('count edits that the leader has not received yet as unsent', async () => {
    await Tab.open();
    const second = await Tab.open(false);
    await vi.waitFor(() =>
      expect(second.client.view.status).toEqual({ kind: 'offline', unsent: 0 }),
    );
    second.stop();
    second.type('x');
    expect(second.client.view.status).toEqual({ kind: 'offline', unsent: 1 });
    expect(second.client.view.unsent).toBe(1);
  });

  it('share titles, and keep one that was typed in a tab just before it was closed', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    await allShow('');
    second.client.rename('Plan');
    expect([second.client.view.title, second.client.view.isTitleSaved]).toEqual(['Plan', false]);
    await second.client.close();
    await vi.waitFor(() => expect(first.client.view.title).toBe('Plan'));
    expect((await first.kept())?.titleDraft).toBe('Plan');
  });

  it('elect another leader when the leading tab is closed', async () => {
    const [first, second] = [await Tab.open(false), await Tab.open()];
    second.type('a');
    await allShow('a');
    await second.client.close();
    await vi.waitFor(() => expect(leader()).toBe(first));
    expect(first.client.text).toBe('a');
  });
});

describe('a tab that is closed', () => {
  it('while it waits for the lead hands its edits over to the others', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    first.type('one');
    await allShow('one');
    second.type(' two');
    await second.client.close();
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(2));
    await allShow('one two', [first]);
  });

  it('before it had the lead hands its edits over to the leader exactly once', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    first.type('one');
    await allShow('one');
    const changes: TextChanged[] = [];
    first.client.on('change', (change) => changes.push(change));
    second.stop();
    second.type(' two');
    second.client.pageGone();
    await allShow('one two', [first]);
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(2));
    expect(changes.map(({ origin }) => origin)).toEqual(['remote']);
    // A restored page receives the edits from the leader, and does not submit them again.
    await vi.waitFor(() => expect(second.client.view.unsent).toBe(2));
    expect(second.client.text).toBe('one two');
  });

  it('does not take the lead and emits no event', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    await allShow('');
    const told = vi.fn();
    second.client.on('change', told);
    second.client.subscribe(told);
    const [closed, again] = [second.client.close(), second.client.close()];
    second.client.wanted();
    await Promise.all([closed, again]);
    second.client.wanted();
    first.type('a');
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(1));
    expect(second.client.isLeading).toBe(false);
    expect(told).not.toHaveBeenCalled();
    expect(leader()).toBe(first);
  });

  it('while it takes the lead gives it back at once', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    second.stop();
    const stopped = second.goOn;
    second.client.wanted();
    await vi.waitFor(() => expect(second.goOn).not.toBe(stopped));
    expect(first.client.isLeading).toBe(false);
    await second.client.close();
    second.goOn();
    first.client.wanted();
    await vi.waitFor(() => expect(first.client.isLeading).toBe(true));
  });
});

describe('a tab whose lead is taken by force', () => {
  it('reapplies the edits that were not stored, and none that were', async () => {
    const first = await Tab.open();
    first.type('one');
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(1));
    // The tab is frozen: its writes do not complete, and it receives no message until it wakes up.
    first.isFull = true;
    first.type(' lost?');
    const robber = new WebLock(documentId, locks.asManager);
    await robber.take('wait', { lost: () => undefined, mayForce: () => true });
    first.isFull = false;
    await vi.waitFor(() => expect(first.client.isLeading).toBe(false));
    robber.release();
    first.client.wanted();
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(2));
    expect(first.client.text).toBe('one lost?');
  });

  it('does not overwrite what the new leader wrote', async () => {
    const first = await Tab.open();
    first.type('one');
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(1));
    const kept = await first.kept();
    const robber = new IndexedDbQueueStore(new DeviceDatabase(`concord-${documentId}`));
    await robber.beginTerm(kept?.clientId ?? randomClientId());
    if (kept !== null) await robber.save({ ...kept, title: 'By another' }, 'strict');
    // A frozen tab does not know that it lost the lead: on `pagehide` it must not overwrite the replica.
    first.type(' two');
    first.client.suspend();
    await vi.waitFor(() => expect(first.client.view.title).toBe('By another'));
    expect((await first.kept())?.title).toBe('By another');
    // Its own edits are still not lost.
    expect(first.client.text).toBe('one two');
    await vi.waitFor(async () => expect((await first.kept())?.pendingEdits).toBe(2));
  });
});

describe('a tab that cannot write its queue', () => {
  it('keeps the lead, and applies edits handed over by other tabs', async () => {
    const first = await Tab.open();
    const second = await Tab.open(false);
    await allShow('');
    first.isFull = true;
    first.type('a');
    second.type('b');
    await vi.waitFor(() => expect([...first.client.text].sort().join('')).toBe('ab'));
    await vi.waitFor(() => expect(second.client.text).toBe(first.client.text));
    expect(first.client.isLeading).toBe(true);
    expect(first.client.view.unsent).toBe(2);
    first.isFull = false;
  });

  it('shows its text in a newly opened tab while that one still waits for the lead', async () => {
    const first = await Tab.open();
    first.isFull = true;
    first.type('only here');
    const second = await Tab.open();
    expect(second.client.text).toBe('only here');
    expect(first.client.isLeading).toBe(true);
    first.isFull = false;
  });
});

describe('listeners', () => {
  it('that edit from inside an event receive all events in order', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    await allShow('');
    const seen: string[] = [];
    second.client.on('change', ({ after, origin }) => {
      if (origin === 'remote' && after.toString() === 'a') second.client.edit(insertAt(1, 'b'));
    });
    second.client.on('change', ({ before, after }) =>
      seen.push(`${before.toString()}>${after.toString()}`),
    );
    first.type('a');
    await allShow('ab');
    expect(seen).toEqual(['>a', 'a>ab']);
  });

  it('of the title are called when it changes, not with every edit', async () => {
    const [first, second] = [await Tab.open(), await Tab.open(false)];
    await allShow('');
    const titles: string[] = [];
    followView(
      second.client,
      ({ title }) => title,
      (title) => titles.push(title),
    );
    first.client.rename('Plan');
    for (const text of ['a', 'b', 'c']) {
      first.type(text);
      await allShow(first.client.text);
    }
    await vi.waitFor(() => expect(second.client.view.title).toBe('Plan'));
    expect(titles).toEqual(['', 'Plan']);
  });
});

describe('a lead whose replica cannot be loaded', () => {
  it('is released, and taken again once loading works', async () => {
    const first = await Tab.open();
    first.type('a');
    const second = await Tab.open(false);
    await allShow('a');
    second.beforeLeading = () => Promise.reject(new Error('no'));
    second.client.wanted();
    await vi.waitFor(() => expect(first.client.isLeading).toBe(false));
    first.client.wanted();
    await vi.waitFor(() => expect(first.client.isLeading).toBe(true));
    second.beforeLeading = async () => undefined;
    second.client.wanted();
    await vi.waitFor(() => expect(second.client.isLeading).toBe(true));
    expect(second.client.text).toBe('a');
  });
});

describe('a text of another history', () => {
  it('is merged into the server’s in every tab, where its part can be taken back and both are reviewed', async () => {
    const [leader, mirror] = [await Tab.open(), await Tab.open(false)];
    leader.type('mine');
    await vi.waitFor(() => expect(mirror.client.text).toBe('mine'));
    const changes: TextChanged[] = [];
    const merges: unknown[] = [];
    leader.client.on('change', (change) => changes.push(change));
    leader.client.on('merge', (merge) => merges.push(merge));
    leader.serverText = 'theirs\n';
    await leader.client.mergeCopy();
    expect(changes.map(({ after }) => after.toString())).toEqual(['theirs\n', leader.client.text]);
    expect(changes.map(({ mayUndo }) => mayUndo)).toEqual([undefined, true]);
    expect(merges).toHaveLength(1);
    const typed = [...leader.client.text];
    for (const letter of 'minetheirs\n') expect(typed).toContain(letter);
    expect(leader.client.view.unsent).toBe(1);
    await vi.waitFor(() => expect(mirror.client.text).toBe(leader.client.text));
    leader.type('!');
    await vi.waitFor(() => expect(mirror.client.text).toBe(leader.client.text));
  });
});
