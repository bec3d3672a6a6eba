import { MongoNetworkError } from 'mongodb';
import type { DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { documentId } from '../test-batches.ts';
import { ChangeTimes, PAUSE_MS } from './change-times.ts';

const plan = documentId('plan');
const notes = documentId('notes');

interface Write {
  readonly times: readonly (readonly [DocumentId, number])[];
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

let writes: Write[];
let changes: ChangeTimes;
const written = () => writes.map(({ times }) => times);
/** Answers the last write. */
const answer = async (error: Error | null = null): Promise<void> => {
  const write = writes.at(-1);
  if (error === null) write?.done();
  else write?.fail(error);
  await vi.advanceTimersByTimeAsync(0);
};

beforeEach(() => {
  vi.useFakeTimers();
  writes = [];
  changes = new ChangeTimes(
    (times) => new Promise((done, fail) => void writes.push({ times: [...times], done, fail })),
  );
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the times of change', () => {
  it('are written at once when nothing was written lately', () => {
    changes.changed(plan, 1);
    expect(written()).toEqual([[[plan, 1]]]);
  });

  it('that come during a write, and in the pause after it, are written together: the newest of each', async () => {
    changes.changed(plan, 1);
    changes.changed(plan, 2);
    changes.changed(notes, 3);
    await answer();
    changes.changed(plan, 4);
    expect(writes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(written().at(-1)).toEqual([
      [plan, 4],
      [notes, 3],
    ]);
    expect(writes).toHaveLength(2);
  });

  it('are written without a pause for whoever reads them, who waits for the write under way and the next', async () => {
    changes.changed(plan, 1);
    changes.changed(plan, 2);
    let isFlushed = false;
    const flushed = changes.flush().then(() => (isFlushed = true));
    await answer();
    expect(written()).toEqual([[[plan, 1]], [[plan, 2]]]);
    expect(isFlushed).toBe(false);
    await answer();
    await flushed;
    expect(writes).toHaveLength(2);
  });

  it('whose write failed are written again after the pause, unless a newer one is there', async () => {
    changes.changed(plan, 1);
    changes.changed(plan, 2);
    changes.changed(notes, 2);
    await answer();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    changes.changed(notes, 3);
    await answer(new MongoNetworkError('reset'));
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(new Map(written().at(-1))).toEqual(
      new Map([
        [plan, 2],
        [notes, 3],
      ]),
    );
  });

  it('that the database refuses for good are not tried again', async () => {
    changes.changed(plan, 1);
    await answer(new Error('refused'));
    await vi.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(writes).toHaveLength(1);
  });
});
