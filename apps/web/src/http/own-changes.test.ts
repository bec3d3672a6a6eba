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

/** Own changes, of which a test says when the server answers them; listed somewhere. */
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
  /** A list that is asked for and answered now. */
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

describe('a list with own changes over it', () => {
  it('is without a document from when it is put into the trash, also in an answer of before', async () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan'), listed('Budget'));
    const change = begin('Budget', trash);
    expect(shown(list)).toEqual(['Plan']);
    await change.succeed();
    expect(shown(list)).toEqual(['Plan']);
  });

  it('has the document again when the change is refused, or undone', async () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan'), listed('Budget'));
    await begin('Budget', trash).fail();
    expect(shown(list)).toEqual(['Plan', 'Budget']);
    await begin('Plan', trash).succeed();
    expect(shown(list)).toEqual(['Budget']);
    begin('Plan', { trashedAt: null });
    expect(shown(list)).toEqual(['Plan', 'Budget']);
  });

  it('believes an answer that was asked for after the change was done', async () => {
    const { begin, read, shown } = setUp();
    await begin('Budget', trash).succeed();
    expect(shown(read(listed('Budget')))).toEqual(['Budget']);
  });

  it('is without what left its folder, and without what is deleted for good', () => {
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

  it('is without what is restored when it is the trash', () => {
    const { begin, read, shown } = setUp();
    const list = read(listed('Plan', trash), listed('Budget', trash));
    begin('Budget', { trashedAt: null });
    expect(shown(list, { view: 'trash' })).toEqual(['Plan']);
  });
});

describe('a list that was read', () => {
  it('while a change was on its way is read again once that is done', async () => {
    const { changes, begin, read } = setUp();
    const change = begin('Letter', { trashedAt: null });
    const list = read();
    expect(mayLack(list, changes.snapshot())).toBe(true);
    expect(isOutdated(list, changes.snapshot())).toBe(false);
    await change.succeed();
    expect(isOutdated(list, changes.snapshot())).toBe(true);
    expect(isOutdated(read(listed('Letter')), changes.snapshot())).toBe(false);
  });

  it('and was on its way when a change began is read again, whether the change is done before or after', async () => {
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

  it('before a change to a document that it has is not read again', async () => {
    const { changes, begin, read } = setUp();
    const list = read(listed('Budget'));
    await begin('Budget', { starred: false }).succeed();
    expect(isOutdated(list, changes.snapshot())).toBe(false);
  });

  it('before a change that was refused, or to a document that it lacks, is read again', async () => {
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
  it('are forgotten when they are done and nothing is listed, or all that is listed is newer', async () => {
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

  it('tell when one of them is done, or has failed', async () => {
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
