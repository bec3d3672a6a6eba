/** Documents that leave a process for another one: orderly, or at once. */
import {
  defaultLimits,
  PROTOCOL_VERSION,
  randomClientId,
  randomDocumentId,
  type DocumentId,
  type ServerMessage,
} from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testEvents } from '../platform/test-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { StoreError, type Store } from '../store/ports/store.ts';
import { LocalDocumentHandles } from './document-handle.ts';
import { DocumentRegistry } from './document-registry.ts';
import { firstText } from './new-document.ts';
import { NotHereError } from './not-here-error.ts';
import type { LeftDocument, Ownership } from './ownership.ts';

const elsewhere = new NotHereError({
  ...{ leaseId: 'b-1', node: 'b', address: 'http://b:8080', publicUrl: null },
  ...{ weight: 1, isDraining: false },
});

let store: Store;
let id: DocumentId;
let documents: DocumentRegistry;
let said: ServerMessage[];
let released: LeftDocument[];
let mayAnswer: boolean;
let acquire: Ownership['acquire'];

beforeEach(async () => {
  store = openMemoryStore();
  id = randomDocumentId();
  said = [];
  released = [];
  mayAnswer = true;
  acquire = async () => ({ epoch: 1, head: 1 });
  const document = { id, title: '', text: 'text', anyone: 'editor', owner: 'ann' } as const;
  await store.documents.createWithText(firstText(defaultLimits, { ...document, folder: '' }));
  documents = new DocumentRegistry({
    ...{ store, limits: defaultLimits, metrics: new ServerMetrics() },
    ...{ log: pino({ level: 'silent' }), events: testEvents() },
    fatal: (error) => {
      throw error;
    },
    ownership: {
      acquire: (...given) => acquire(...given),
      release: (_id, _term, left) => void released.push(left),
      mayAnswer: () => mayAnswer,
    },
  });
  const hear = (message: ServerMessage): void => void said.push(message);
  documents.connect({
    send: (_session, message) => hear(message),
    broadcast: (_id, message) => hear(message),
    ...{ joined: vi.fn(), unjoined: vi.fn(), dismissed: vi.fn(), diverged: vi.fn() },
  });
});
afterEach(async () => {
  await documents.stop();
  await store.close();
});

const heard = (): string[] => said.map(({ type }) => type);
const typesOnce = (type: string): Promise<void> =>
  vi.waitFor(() => expect(heard()).toContain(type), { timeout: 60_000 });

async function join(): Promise<void> {
  const document = await documents.open(id);
  document?.dispatch({
    ...{ type: 'join', session: 1, userId: 'ann', name: 'Ann', atMost: null },
    authorizedUntil: Infinity,
    message: {
      ...{ docId: id, clientId: randomClientId(), epoch: 1, version: 1, nextSeq: 1 },
      protocol: PROTOCOL_VERSION,
    },
  });
  await typesOnce('joined');
}

function submit(text: string): void {
  const message = { seq: 1, baseVersion: 1, op: [text] };
  documents.running(id)?.dispatch({ type: 'submit', session: 1, message });
}

/** The next append waits until `go`; `begun` resolves when it was asked for. */
function heldAppend(): { readonly go: () => void; readonly begun: () => Promise<void> } {
  const append = store.log.append.bind(store.log);
  let go = (): void => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  const asked = vi.spyOn(store.log, 'append').mockImplementationOnce(async (batch) => {
    await held;
    return append(batch);
  });
  return { go, begun: () => vi.waitFor(() => expect(asked).toHaveBeenCalled()) };
}

describe('opening a document that a term gives', () => {
  it('reads the log again until it reaches the head of the term', async () => {
    const read = store.log.read.bind(store.log);
    let isBehind = true;
    vi.spyOn(store.log, 'read').mockImplementation(async (...given) => {
      if (!isBehind) return read(...given);
      isBehind = false;
      return [];
    });
    expect((await documents.open(id))?.text.toString()).toBe('text');
  });

  it('does not take a log that is read from a member behind for damage', async () => {
    await join();
    submit('more ');
    await documents.close(id);
    expect((await store.checkpoints.latest(id))?.version).toBe(2);
    acquire = async () => ({ epoch: 2, head: 2 });
    vi.spyOn(store.log, 'headVersion').mockResolvedValueOnce(1);
    expect((await documents.open(id))?.version).toBe(2);
    expect(documents.damaged.count).toBe(0);
    expect((await store.checkpoints.latest(id))?.version).toBe(2);
  });

  it('rejects in a way that is worth another attempt when the log does not get there, and gives it back', async () => {
    acquire = async () => ({ epoch: 1, head: 2 });
    await expect(documents.open(id)).rejects.toThrow(StoreError);
    expect(released).toEqual([{ head: 2, isClean: true }]);
    // It does not rest, as one whose owner threw does.
    acquire = async () => ({ epoch: 2, head: 1 });
    expect((await documents.open(id))?.version).toBe(1);
  });
});

describe('a document that another node has', () => {
  it('is not opened, and is asked for again at once', async () => {
    acquire = async () => {
      throw elsewhere;
    };
    for (let times = 0; times < 3; times++)
      await expect(documents.open(id)).rejects.toBe(elsewhere);
    acquire = async () => ({ epoch: 1, head: 1 });
    expect(await documents.open(id)).not.toBeNull();
  });

  it('is taken for a client that was sent here, also when another one is being sent away', async () => {
    acquire = async (_id, { isForwarded }) => {
      await new Promise(setImmediate);
      if (!isForwarded) throw elsewhere;
      return { epoch: 1, head: 1 };
    };
    const sentAway = documents.open(id);
    const sentHere = documents.open(id, { isForwarded: true });
    await expect(sentAway).rejects.toBe(elsewhere);
    expect((await sentHere)?.version).toBe(1);
  });
});

describe('a document that is handed over', () => {
  it('is durable and checkpointed when it is released, with its head', async () => {
    await join();
    submit('more ');
    await documents.close(id);
    expect(released).toEqual([{ head: 2, isClean: true }]);
    expect((await store.checkpoints.latest(id))?.version).toBe(2);
    expect(heard().at(-1)).toBe('moved');
  });

  it('sends its clients to the next owner soon, the more of them the longer', async () => {
    await join();
    await documents.close(id);
    expect(said.at(-1)).toEqual({ type: 'moved', body: { minDelayMs: 50, maxDelayMs: 305 } });
  });

  it('is not released cleanly when an append failed, since it may land later', async () => {
    await join();
    vi.spyOn(store.log, 'append').mockRejectedValueOnce(new StoreError('timed out', false));
    submit('more ');
    await vi.waitFor(() => expect(released).toEqual([{ head: 1, isClean: false }]));
  });
});

describe('a document that is dropped', () => {
  it('leaves at once with an append under way, whose outcome is told to none of its clients', async () => {
    await join();
    const { go, begun } = heldAppend();
    submit('more ');
    await begun();
    const write = vi.spyOn(store.checkpoints, 'write');
    said = [];
    documents.drop(id);
    expect(documents.running(id)).toBeUndefined();
    expect(released).toEqual([{ head: 1, isClean: false }]);
    go();
    await vi.waitFor(async () => expect(await store.log.headVersion(id)).toBe(2));
    expect(heard()).toEqual(['moved']);
    expect(write).not.toHaveBeenCalled();
  });

  it('does not open when it is dropped while it is being opened', async () => {
    let owned = (): void => {};
    acquire = () =>
      new Promise((resolve) => {
        owned = () => resolve({ epoch: 1, head: 1 });
      });
    const opening = documents.open(id);
    documents.drop(id);
    owned();
    await expect(opening).rejects.toThrow(StoreError);
    expect(documents.running(id)).toBeUndefined();
    acquire = async () => ({ epoch: 2, head: 1 });
    expect(await documents.open(id)).not.toBeNull();
  });
});

describe('a process that may not answer', () => {
  it('sends its sessions nothing of the document, and only that it moved', async () => {
    await join();
    const { go, begun } = heldAppend();
    submit('more ');
    await begun();
    said = [];
    mayAnswer = false;
    go();
    await vi.waitFor(() => expect(documents.running(id)?.version).toBe(2));
    documents.running(id)?.dispatch({ type: 'probe', session: 1 });
    expect(heard()).toEqual([]);
    documents.drop(id);
    expect(heard()).toEqual(['moved']);
  });

  it('gives no answer to a request that was made from an open document', async () => {
    const handle = await new LocalDocumentHandles(documents).open(id);
    expect(await handle?.version()).toBe(1);
    mayAnswer = false;
    await expect(handle?.version()).rejects.toThrow(StoreError);
    await expect(handle?.text()).rejects.toThrow(StoreError);
    mayAnswer = true;
    documents.drop(id);
    await expect(handle?.text()).rejects.toThrow(StoreError);
  });
});
