import {
  defaultLimits,
  PROTOCOL_VERSION,
  randomClientId,
  type DocumentId,
  type ServerMessage,
} from '@concord/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstText } from './new-document.ts';
import { testEvents } from '../platform/test-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { StoreError, type Store } from '../store/ports/store.ts';
import { DocumentOwner } from './core/document-owner.ts';
import { DocumentRegistry } from './document-registry.ts';
import { EditRejectedError } from './api-editor.ts';
import type { SessionTransport } from './runner-ports.ts';

const poison = { type: 'renamed', title: 'poison', titleVersion: 1, renameId: null } as const;

const healthy = 'h'.repeat(26) as DocumentId;
const ill = 'i'.repeat(26) as DocumentId;

let store: Store;
let documents: DocumentRegistry;
let metrics: ServerMetrics;
let said: { session: number; message: ServerMessage }[];
let dismissed: number[];

beforeEach(async () => {
  store = openMemoryStore();
  metrics = new ServerMetrics();
  said = [];
  dismissed = [];
  for (const id of [healthy, ill]) {
    const shared = { title: '', text: 'text', anyone: 'editor', owner: 'ann', folder: '' } as const;
    await store.documents.createWithText(firstText(defaultLimits, { id, ...shared }));
  }
  const log = pino({ level: 'silent' });
  const fatal = (error: Error): void => {
    throw error;
  };
  documents = new DocumentRegistry({
    store,
    limits: defaultLimits,
    metrics,
    log,
    fatal,
    events: testEvents(),
  });
  const joined = new Map<number, DocumentId>();
  const sessions: SessionTransport = {
    send: (session, message) => void said.push({ session, message }),
    broadcast: (documentId, message, except) => {
      for (const [session, id] of joined) {
        if (id === documentId && !except.has(session)) said.push({ session, message });
      }
    },
    joined: (session, id) => void joined.set(session, id),
    unjoined: (session) => void joined.delete(session),
    dismissed: (session) => void dismissed.push(session),
    diverged: () => {},
  };
  documents.connect(sessions);
  const step = Reflect.get(DocumentOwner.prototype, 'step');
  vi.spyOn(DocumentOwner.prototype, 'step').mockImplementation(function (
    this: DocumentOwner,
    input,
    now,
  ) {
    if (JSON.stringify(input)?.includes('poison')) throw new Error('a fault of the owner');
    return step.call(this, input, now);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await documents.stop();
  await store.close();
});

const textsOf = (session: number): string[] =>
  said.filter((each) => each.session === session).map(({ message }) => message.type);

async function join(session: number, id: DocumentId, userId: string): Promise<void> {
  const document = await documents.open(id);
  document?.dispatch({
    type: 'join',
    session,
    userId,
    name: userId,
    atMost: null,
    authorizedUntil: Infinity,
    message: {
      docId: id,
      clientId: randomClientId(),
      epoch: 1,
      version: 0,
      nextSeq: 1,
      protocol: PROTOCOL_VERSION,
    },
  });
  await vi.waitFor(() => expect(textsOf(session)).toContain('joined'));
}

function submit(session: number, id: DocumentId, text: string): void {
  const document = documents.running(id);
  const baseVersion = document?.version ?? 0;
  document?.dispatch({ type: 'submit', session, message: { seq: 1, baseVersion, op: [text] } });
}

describe('an owner that throws', () => {
  it('closes only its own document: its sessions join again, other documents are unaffected', async () => {
    await join(1, ill, 'ann');
    await join(2, ill, 'bob');
    await join(3, healthy, 'cid');
    submit(1, ill, 'poison');
    expect(textsOf(1).at(-1)).toBe('moved');
    expect(textsOf(2).at(-1)).toBe('moved');
    expect(dismissed.sort()).toEqual([1, 2]);
    expect(documents.running(ill)).toBeUndefined();
    submit(3, healthy, 'still here, ');
    await vi.waitFor(() => expect(documents.running(healthy)?.text.toString()).toContain('still'));
    expect(textsOf(3)).not.toContain('moved');
    expect(await metrics.text()).toContain('concord_faults_total{place="document"} 1');
  });

  it('is replaced by a new owner that is loaded from the store', async () => {
    await join(1, ill, 'ann');
    submit(1, ill, 'durable, ');
    await vi.waitFor(() => expect(documents.running(ill)?.text.toString()).toContain('durable'));
    documents.running(ill)?.dispatch(poison);
    await join(2, ill, 'ann');
    expect(documents.running(ill)?.text.toString()).toBe('durable, text');
  });

  it('rejects the requests of programs that wait for it', async () => {
    const document = await documents.open(ill);
    const edit = document?.edit({ userId: 'ann', baseVersion: 1, operations: [['poison']] });
    await expect(edit).rejects.toThrow(EditRejectedError);
    expect(() => document?.text).toThrow(StoreError);
    await expect(document?.snapshot(0)).rejects.toThrow(StoreError);
  });

  it('gets no further calls from work that was in flight', async () => {
    await join(1, ill, 'ann');
    const document = documents.running(ill);
    submit(1, ill, 'landing, ');
    document?.dispatch(poison);
    await join(2, ill, 'ann');
    const opened = documents.running(ill);
    document?.dispatch(poison);
    document?.dispatch({ type: 'timer', name: 'idle' });
    expect(documents.running(ill)).toBe(opened);
    await document?.stop();
    expect(await metrics.text()).toContain('concord_faults_total{place="document"} 1');
  });

  it('that was evicted before does not close its successor', async () => {
    const former = await documents.open(ill);
    await former?.stop();
    const successor = await documents.open(ill);
    expect(successor).not.toBe(former);
    former?.dispatch(poison);
    expect(documents.running(ill)).toBe(successor);
  });

  it('permanently refuses the client whose message it threw at twice, and lets the others join again', async () => {
    await join(1, ill, 'ann');
    submit(1, ill, 'poison');
    await join(2, ill, 'ann');
    await join(3, ill, 'bob');
    submit(2, ill, 'poison');
    const told = said.filter(({ session }) => session === 2).at(-1)?.message;
    expect(told).toMatchObject({ type: 'refused', body: { retryable: false } });
    expect(textsOf(3).at(-1)).toBe('moved');
  });

  it('backs off when it throws repeatedly, instead of being reopened in a loop', async () => {
    await join(1, ill, 'ann');
    submit(1, ill, 'poison');
    await join(2, ill, 'bob');
    submit(2, ill, 'poison');
    await expect(documents.open(ill)).rejects.toThrow(StoreError);
    expect(await documents.open(healthy)).not.toBeNull();
  });

  it('that throws at its first step is not kept, and leaves no request waiting', async () => {
    vi.spyOn(DocumentOwner.prototype, 'step').mockImplementation(() => {
      throw new Error('a fault of the owner');
    });
    await expect(documents.open(ill)).rejects.toThrow(StoreError);
    expect(documents.running(ill)).toBeUndefined();
  });
});
