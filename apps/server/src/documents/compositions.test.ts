import type { TextOperation } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import type { LoggedOperation, OperationLog } from '../store/ports/store.ts';
import { Compositions } from './compositions.ts';

const id = 'd'.repeat(26) as DocumentId;

/** A log that counts how often it is read, and answers when it is told to. */
function sceneOf(operations: readonly TextOperation[], isHeld = false) {
  const logged = operations.map((op, index): LoggedOperation => {
    return { clientId: 'c'.repeat(26) as ClientId, seq: index + 1, author: 'ann', at: 1, op };
  });
  let reads = 0;
  let refused = 0;
  const held: (() => void)[] = [];
  const read: OperationLog['read'] = async (_id, after, limit) => {
    reads += 1;
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
    return logged.slice(after, after + limit);
  };
  const store = { log: { read } as OperationLog };
  const compositions = new Compositions({ store, refused: () => (refused += 1), now: () => 0 });
  const compose = async (after: number, through: number, owner = 'ann'): Promise<unknown> =>
    JSON.parse((await compositions.compose({ id, after, through }, owner)).toString());
  return { compose, held, reads: () => reads, refused: () => refused };
}

const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );

it('composes what is in the log', async () => {
  const { compose } = sceneOf([['a'], [1, 'b'], [{ d: 1 }]]);
  expect(await compose(0, 3)).toEqual({ after: 0, through: 3, op: ['b'] });
  expect(await compose(1, 3)).toEqual({ after: 1, through: 3, op: [{ d: 1 }, 'b'] });
  expect(await compose(3, 3)).toEqual({ after: 3, through: 3, op: [] });
  expect(await codeOf(compose(1, 4))).toBe('composedVersionAhead');
});

it('makes the same once, for all who ask at the same time or later', async () => {
  const { compose, reads } = sceneOf([['a'], [1, 'b']]);
  const answers = await Promise.all([1, 2, 3].map((each) => compose(0, 2, `person ${each}`)));
  expect(answers[2]).toEqual(answers[0]);
  const before = reads();
  await compose(0, 2, 'another-owner');
  expect(reads()).toBe(before);
});

it('lets one who asks for many different things at once come again later, and others go on', async () => {
  const { compose, held, refused } = sceneOf(
    Array.from({ length: 30 }, () => ['a']),
    true,
  );
  const asked = Array.from({ length: 10 }, (_, after) => codeOf(compose(after, 30)));
  const other = codeOf(compose(29, 30, 'bob'));
  const done = Promise.all([...asked, other]);
  let answers: unknown[] | null = null;
  void done.then((all) => (answers = all));
  while (answers === null) {
    for (const answer of held.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const codes = await Promise.all(asked);
  expect(codes.filter((code) => code === 'answered')).toHaveLength(4);
  expect(codes.filter((code) => code === 'tooManyCompositions')).toHaveLength(6);
  expect(refused()).toBe(6);
  expect(await other).toBe('answered');
});

it('tells nothing of more bytes than it may read', async () => {
  const page = 'z'.repeat(60_000);
  const heavy = Array.from({ length: 1_200 }, (_, index): TextOperation =>
    index % 2 === 0 ? [page] : [{ d: page.length }],
  );
  const { compose } = sceneOf(heavy);
  expect(await codeOf(compose(0, 1_200))).toBe('rangeTooLong');
  // What was read is charged: the next has to wait.
  expect(await codeOf(compose(0, 1_199))).toBe('tooManyCompositions');
  expect(await codeOf(compose(1_190, 1_200, 'bob'))).toBe('answered');
});

it('is busy when many people wait for different things', async () => {
  const { compose, held, refused } = sceneOf(
    Array.from({ length: 40 }, () => ['a']),
    true,
  );
  const asked = Array.from({ length: 30 }, (_, after) =>
    codeOf(compose(after, 40, `person ${after}`)),
  );
  let answers: unknown[] | null = null;
  void Promise.all(asked).then((all) => (answers = all));
  while (answers === null) {
    for (const answer of held.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  // One is made, twenty wait.
  const codes = await Promise.all(asked);
  expect(codes.filter((code) => code === 'answered')).toHaveLength(21);
  expect(codes.filter((code) => code === 'compositionsBusy')).toHaveLength(9);
  expect(refused()).toBe(9);
});
