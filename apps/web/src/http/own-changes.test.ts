import type { ListedDocument } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { everything } from '../navigation/library-place.ts';
import {
  changesSince,
  isOutdated,
  mayLack,
  OwnChanges,
  withOwnChanges,
  type ChangeOfListed,
  type ReadList,
} from './own-changes.ts';
import { idOf, listed } from './test-listed.ts';

/** Own changes whose responses the test controls, with a subscribed list. */
function setUp() {
  const changes = new OwnChanges();
  changes.subscribe(() => undefined);
  const begin = (name: string, what: ChangeOfListed) => {
    const { promise, resolve, reject } = withResolvers();
    const made = changes.make(idOf(name), what, () => promise);
    return {
      succeed: async (): Promise<void> => {
        resolve();
        await made;
      },
      fail: async (): Promise<void> => {
        reject(new Error('Refused'));
        await made.catch(() => undefined);
      },
    };
  };
  /** A list that is requested and answered at this moment. */
  const read = (...documents: readonly ListedDocument[]): ReadList => ({
    documents,
    askedAt: changes.now,
    answeredAt: changes.now,
  });
  const shown = (list: ReadList, place: Partial<typeof everything> = {}): readonly string[] =>
    withOwnChanges(list.documents, changesSince(changes.snapshot(), list.askedAt), {
      ...everything,
      ...place,
    }).map(({ title }) => title);
  return { changes, begin, read, shown };
}

function withResolvers() {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

const trash = { trashedAt: 1 };

describe('a list overlaid with own changes', () => {
  it('hides a document as soon as it is moved to the trash, also in a response from before', async () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan'), listed('Budget'));
    const change = begin('Budget', trash);
    expect(shown(list)).toEqual(['Plan']);
    await change.succeed();
    expect(shown(list)).toEqual(['Plan']);
  });

  it('shows the document again when the change is refused or undone', async () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan'), listed('Budget'));
    await begin('Budget', trash).fail();
    expect(shown(list)).toEqual(['Plan', 'Budget']);
    await begin('Plan', trash).succeed();
    expect(shown(list)).toEqual(['Budget']);
    begin('Plan', { trashedAt: null });
    expect(shown(list)).toEqual(['Plan', 'Budget']);
  });

  it('trusts a response that was requested after the change was done', async () => {
    const { begin, read, shown } = setUp();
    await begin('Budget', trash).succeed();
    expect(shown(read(listed('Budget')))).toEqual(['Budget']);
  });

  it('hides documents that left its folder or were deleted permanently', () => {
    const { begin, read, shown } = setUp();
    const list = read(
      listed('Plan', { folder: 'Work' }),
      listed('Songs', { folder: 'Work' }),
      listed('Budget', { folder: 'Work' }),
    );
    begin('Plan', { folder: 'Home' });
    begin('Budget', null);
    expect(shown(list, { folder: 'Work' })).toEqual(['Songs']);
    expect(shown(list)).toEqual(['Plan', 'Songs']);
  });

  it('hides restored documents in the trash', () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan', trash), listed('Budget', trash));
    begin('Budget', { trashedAt: null });
    expect(shown(list, { view: 'trash' })).toEqual(['Plan']);
  });
});

describe('a list that was fetched', () => {
  it('while a change was pending is refetched once that is done', async () => {
    const { changes, begin, read } = setUp();
    const change = begin('Letter', { trashedAt: null });
    const list = read();
    expect(mayLack(list, changes.snapshot())).toBe(true);
    expect(isOutdated(list, changes.snapshot())).toBe(false);
    await change.succeed();
    expect(isOutdated(list, changes.snapshot())).toBe(true);
    expect(isOutdated(read(listed('Letter')), changes.snapshot())).toBe(false);
  });

  it('by a request that overlaps a change is refetched, whichever of them is done first', async () => {
    const { changes, begin } = setUp();
    const askedAt = changes.now;
    const change = begin('Budget', { starred: true });
    const answeredAt = changes.now;
    await change.succeed();
    const documents = [listed('Budget')];
    expect(isOutdated({ documents, askedAt, answeredAt }, changes.snapshot())).toBe(true);
    const later = { documents, askedAt, answeredAt: changes.now };
    expect(isOutdated(later, changes.snapshot())).toBe(true);
  });

  it('before a change to a document that it contains is not refetched', async () => {
    const { changes, begin, read } = setUp();
    const list = read(listed('Budget'));
    await begin('Budget', { starred: false }).succeed();
    expect(isOutdated(list, changes.snapshot())).toBe(false);
  });

  it('before a change that was refused, or to a document that it lacks, is refetched', async () => {
    const { changes, begin, read } = setUp();
    const list = read(listed('Budget'));
    await begin('Budget', trash).fail();
    expect(isOutdated(list, changes.snapshot())).toBe(true);
    const next = read(listed('Budget'));
    expect(isOutdated(next, changes.snapshot())).toBe(false);
    await begin('Letter', { trashedAt: null }).succeed();
    expect(isOutdated(next, changes.snapshot())).toBe(true);
  });
});

describe('own changes', () => {
  it('are dropped once they are done and no list is subscribed, or all lists are newer', async () => {
    const unlisted = new OwnChanges();
    await unlisted.make(idOf('Plan'), trash, async () => undefined);
    expect(unlisted.snapshot()).toEqual([]);

    const { changes, begin } = setUp();
    await begin('Plan', trash).succeed();
    const pending = begin('Budget', trash);
    expect(changes.snapshot()).toHaveLength(2);
    changes.forgetSettledBefore(changes.now);
    expect(changes.snapshot()).toMatchObject([{ id: idOf('Budget') }]);
    await pending.succeed();
  });

  it('notify listeners when one of them is done or has failed', async () => {
    const { changes, begin } = setUp();
    let told = 0;
    const stop = changes.whenSettled(() => (told += 1));
    const [first, second] = [begin('Plan', trash), begin('Budget', trash)];
    expect(told).toBe(0);
    await first.succeed();
    await second.fail();
    expect(told).toBe(2);
    stop();
    await begin('Songs', trash).succeed();
    expect(told).toBe(2);
  });
});
