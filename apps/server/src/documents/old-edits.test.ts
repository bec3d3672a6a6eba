import type * as Ot from '@concord/ot';
import type { TextOperation } from '@concord/ot';
import { defaultLimits, type ClientId, type DocumentId } from '@concord/protocol';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firstText } from './new-document.ts';
import { testEvents } from '../platform/test-events.ts';
import { ServerMetrics } from '../platform/metrics.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import type { LoggedOperation, Store } from '../store/ports/store.ts';
import { DocumentRegistry } from './document-registry.ts';
import { cutToFit, EditMover } from './core/edit-mover.ts';
import { rebase } from './core/rebase.ts';

/** Pairs of operations that were transformed in this thread; those of other threads are not counted. */
const here = vi.hoisted(() => {
  // Modules that other test files have loaded are loaded again here, with the counting transforms.
  vi.resetModules();
  return { transforms: 0 };
});
vi.mock('@concord/ot', async (original) => {
  const ot = await original<typeof Ot>();
  const counting =
    (transform: typeof ot.transformUncommitted) =>
    (one: TextOperation, other: TextOperation): TextOperation => {
      here.transforms += 1;
      return transform(one, other);
    };
  return {
    ...ot,
    transformUncommitted: counting(ot.transformUncommitted),
    transformCommitted: counting(ot.transformCommitted),
  };
});

const id = 'o'.repeat(26) as DocumentId;
let store: Store;
let documents: DocumentRegistry;

beforeEach(async () => {
  store = openMemoryStore();
  const shared = { id, title: '', anyone: 'editor', owner: 'ann', folder: '' } as const;
  await store.documents.createWithText(
    firstText(defaultLimits, { ...shared, text: 'o'.repeat(1_000) }),
  );
  const fatal = (error: Error): void => {
    throw error;
  };
  const log = pino({ level: 'silent' });
  documents = new DocumentRegistry({ store, limits: defaultLimits, metrics: new ServerMetrics(), log, fatal, events: testEvents() }); // prettier-ignore
  documents.connect({
    send: () => {},
    broadcast: () => {},
    joined: () => {},
    unjoined: () => {},
    dismissed: () => {},
    diverged: () => {},
  });
  here.transforms = 0;
});
afterEach(() => documents.stop());
afterAll(() => {
  vi.doUnmock('@concord/ot');
  vi.resetModules();
});

const logged = (op: TextOperation, seq: number): LoggedOperation => ({
  clientId: 'b'.repeat(26) as ClientId,
  seq,
  author: 'bob',
  at: 1,
  op,
});

/** What others wrote since version 1. */
async function othersWrote(operations: readonly TextOperation[]): Promise<void> {
  const batch = operations.map((op, index) => logged(op, index + 1));
  await store.log.append({ documentId: id, firstVersion: 2, operations: batch });
}

async function edited(operations: readonly TextOperation[]): Promise<string> {
  const document = await documents.open(id);
  if (document === null) throw new Error('There is no document.');
  const { version } = await document.edit({ userId: 'ann', baseVersion: 1, operations });
  expect(version).toBe(document.version);
  return document.text.toString();
}

it('transforms an edit of a thousand pieces over a long log in a worker thread', async () => {
  const pieces: TextOperation = Array.from({ length: 400 }, () => [1, 'y']).flat();
  await othersWrote(Array.from({ length: 300 }, () => pieces.map((each) => (each === 'y' ? 'x' : each)))); // prettier-ignore
  const text = await edited([pieces]);
  expect(text.replaceAll('x', '')).toBe(`${'oy'.repeat(400)}${'o'.repeat(600)}`);
  expect(here.transforms).toBe(0);
});

it('moves a pasted book over keystrokes of others without going through it for each of them', () => {
  const mover = new EditMover({ operations: [['p'.repeat(1 << 20)]], steps: 1_000 });
  expect(mover.add(Array.from({ length: 200 }, () => [3, 'k']))).toBe(true);
});

it('transforms a book over long insertions of others in a worker thread', async () => {
  await othersWrote(Array.from({ length: 17 }, () => ['x'.repeat(60_000)]));
  const pasted = 'p'.repeat(1 << 20);
  expect((await edited([[pasted, { d: 1_000 }]])).replaceAll('x', '')).toBe(pasted);
  expect(here.transforms).toBe(0);
});

const operation = fc.array(
  fc.tuple(fc.nat(3), fc.constantFrom('a', 'bc', '😀'), fc.nat(1)),
  { maxLength: 4 },
).map((steps) => steps.flatMap(([keep, text, remove]) => [...(keep > 0 ? [keep] : []), text, ...(remove > 0 ? [{ d: remove }] : [])])); // prettier-ignore

it('transforms as the owner does', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 4 }),
      fc.array(operation, { maxLength: 4 }),
      fc.nat(4),
      (own, others, cut) => {
        const mover = new EditMover({ operations: own, steps: Infinity });
        expect(mover.add(others.slice(0, cut))).toBe(true);
        expect(mover.add(others.slice(cut))).toBe(true);
        expect(mover.moved.operations).toEqual(rebase(own, others));
      },
    ),
  );
  // Those of this thread are counted.
  expect(here.transforms).toBeGreaterThan(0);
});

it('is abandoned when it exceeds its budget', () => {
  const mover = new EditMover({ operations: [['a'], ['b']], steps: 14 });
  expect(mover.add([[1, 'x']])).toBe(true);
  expect(mover.moved.steps).toBe(4);
  expect(mover.add([[1, 'x']])).toBe(false);
});

it('is split into pieces that the owner accepts', () => {
  const limits = { components: 1_000, bytes: 64 };
  expect(cutToFit([['x'.repeat(100)], []], limits)).toHaveLength(2);
});
