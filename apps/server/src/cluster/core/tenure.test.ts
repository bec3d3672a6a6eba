import { describe, expect, it } from 'vitest';
import { neverOwned } from '../../store/ports/cluster-store.ts';
import { member, TableScene } from './test-table-scene.ts';

const acquired = (epoch: number, head: number) => ({
  type: 'acquired',
  documentId: 'd',
  epoch,
  head,
});
const notAcquired = { type: 'notAcquired', documentId: 'd' };

describe('taking a document over', () => {
  it('that was released cleanly raises the epoch, finds the head, and writes no fence', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: 7 });
    expect(scene.asked('swapRow')).toMatchObject({
      expected: { epoch: 4, owner: null },
      row: { epoch: 5, owner: 'a#1', head: null },
    });
    scene.answer({ type: 'swapped', outcome: 'won' });
    expect(scene.answer({ type: 'head', head: 7, epoch: 4 })).toEqual([acquired(5, 7)]);
  });

  it('that was released cleanly waits until the head is reached: the answer may be an old one', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: 7 });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 5, epoch: 4 });
    scene.asked('wait');
    scene.answer({ type: 'waited' });
    scene.asked('readHead');
    expect(scene.answer({ type: 'head', head: 7, epoch: 4 })).toEqual([acquired(5, 7)]);
  });

  it('that never had an owner needs no fence either', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row(neverOwned);
    scene.answer({ type: 'swapped', outcome: 'won' });
    expect(scene.answer({ type: 'head', head: 1, epoch: 0 })).toEqual([acquired(1, 1)]);
  });

  it('that was released in doubt writes a fence before anything is answered', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: null });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 7, epoch: 4 });
    expect(scene.asked('appendFence')).toMatchObject({ version: 8, epoch: 5 });
    expect(scene.count('acquired')).toBe(0);
    expect(scene.answer({ type: 'fence', outcome: 'appended' })).toEqual([acquired(5, 8)]);
  });

  it("whose fence meets a former owner's late append finds the head again, and fences after it", () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: null });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 7, epoch: 4 });
    scene.answer({ type: 'fence', outcome: 'fenced' });
    scene.answer({ type: 'waited' });
    scene.answer({ type: 'head', head: 9, epoch: 4 });
    expect(scene.asked('appendFence')).toMatchObject({ version: 10 });
    expect(scene.answer({ type: 'fence', outcome: 'appended' })).toEqual([acquired(5, 10)]);
  });

  it('whose fence is in doubt is given back as such', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: null });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 7, epoch: 4 });
    expect(scene.answer({ type: 'fence', outcome: 'inDoubt' })).toContainEqual(notAcquired);
    expect(scene.asked('swapRow').row).toEqual({ epoch: 5, owner: null, head: null });
  });

  it('is given up when the log has a higher epoch: another node took it over since', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: null });
    scene.answer({ type: 'swapped', outcome: 'won' });
    expect(scene.answer({ type: 'head', head: 9, epoch: 6 })).toContainEqual(notAcquired);
    expect(scene.count('acquired')).toBe(0);
  });

  it('of a live member is refused, with where it is', () => {
    const scene = new TableScene([member('a'), member('b')]);
    scene.acquire();
    const effects = scene.row({ epoch: 4, owner: 'b#1', head: null });
    expect(effects).toEqual([{ type: 'elsewhere', documentId: 'd', member: member('b') }]);
    expect(scene.table.size).toBe(0);
  });

  it('of a member that is not known to live ends its lease first, then fences', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: 'b#1', head: null });
    expect(scene.asked('endLease').leaseId).toBe('b#1');
    scene.answer({ type: 'leaseEnd', outcome: 'ended' });
    scene.row({ epoch: 4, owner: 'b#1', head: null });
    expect(scene.asked('swapRow').expected).toEqual({ epoch: 4, owner: 'b#1' });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 2, epoch: 4 });
    scene.asked('appendFence');
  });

  it('of a member whose lease turns out to live waits for it', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: 'b#1', head: null });
    expect(scene.answer({ type: 'leaseEnd', outcome: 'live' })).toEqual([notAcquired]);
  });

  it('that is free is left to the member that it belongs to, unless that one sent the client here', () => {
    const scene = new TableScene([member('a', 0), member('b')]);
    scene.acquire();
    const effects = scene.row({ epoch: 4, owner: null, head: 7 });
    expect(effects).toEqual([{ type: 'elsewhere', documentId: 'd', member: member('b') }]);
    scene.acquire('d', true);
    scene.row({ epoch: 4, owner: null, head: 7 });
    expect(scene.asked('swapRow').row).toMatchObject({ epoch: 5, owner: 'a#1' });
  });

  it('is won when the row says so after an unknown outcome, or when the own write met itself', () => {
    for (const outcome of ['unknown', 'lost'] as const) {
      const scene = new TableScene();
      scene.acquire();
      scene.row({ epoch: 4, owner: null, head: 7 });
      scene.answer({ type: 'swapped', outcome });
      scene.answer({ type: 'waited' });
      scene.row({ epoch: 5, owner: 'a#1', head: null });
      scene.asked('readHead');
      expect(scene.answer({ type: 'head', head: 7, epoch: 4 })).toEqual([acquired(5, 7)]);
    }
  });

  it('that another node won first is answered with where it is', () => {
    const scene = new TableScene([member('a'), member('b', 0)]);
    scene.acquire();
    scene.row({ epoch: 4, owner: null, head: 7 });
    scene.answer({ type: 'swapped', outcome: 'lost' });
    scene.answer({ type: 'waited' });
    const effects = scene.row({ epoch: 5, owner: 'b#1', head: null });
    expect(effects).toEqual([{ type: 'elsewhere', documentId: 'd', member: member('b', 0) }]);
  });

  it('that this node took once and did not open is taken from itself, with a fence', () => {
    const scene = new TableScene();
    scene.acquire();
    scene.row({ epoch: 4, owner: 'a#1', head: null });
    expect(scene.asked('swapRow')).toMatchObject({
      expected: { epoch: 4, owner: 'a#1' },
      row: { epoch: 5, owner: 'a#1' },
    });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 2, epoch: 4 });
    scene.asked('appendFence');
  });

  it('is given up after a bounded number of reads that fail', () => {
    const scene = new TableScene();
    scene.acquire();
    let failures = 0;
    while (scene.count('notAcquired') === 0) {
      scene.answer({ type: 'failed' });
      expect(++failures).toBeLessThan(50);
      if (scene.count('notAcquired') === 0) scene.answer({ type: 'waited' });
    }
    expect(scene.table.size).toBe(0);
  });

  it('is not done without a lease', () => {
    const scene = new TableScene();
    scene.step({ type: 'leaseLost' });
    expect(scene.acquire()).toEqual([notAcquired]);
  });

  it('that this node had under a lost lease takes it from itself, although others still count that lease', () => {
    const scene = new TableScene();
    scene.step({ type: 'leaseLost' });
    scene.step({ type: 'leaseHeld', leaseId: 'a#2' });
    scene.members([member('a'), { leaseId: 'a#2', node: 'a', weight: 1 }]);
    scene.acquire();
    scene.row({ epoch: 4, owner: 'a#1', head: null });
    expect(scene.asked('swapRow').row).toMatchObject({ epoch: 5, owner: 'a#2' });
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.answer({ type: 'head', head: 2, epoch: 4 });
    scene.asked('appendFence');
  });

  it('ignores answers to questions of a former lease', () => {
    const scene = new TableScene();
    scene.acquire();
    const ask = scene.effects.findLast((effect) => effect.type === 'ask');
    expect(scene.step({ type: 'leaseLost' })).toEqual([notAcquired]);
    scene.step({ type: 'leaseHeld', leaseId: 'a#2' });
    scene.acquire();
    const answer = { type: 'row', row: { epoch: 4, owner: null, head: 7 } } as const;
    const ticket = ask?.ticket ?? 0;
    expect(scene.step({ type: 'answered', documentId: 'd', ticket, answer })).toEqual([]);
    scene.asked('readRow');
  });
});

describe('letting a document go', () => {
  it('releases the row with the head that the next owner must reach', () => {
    const scene = new TableScene();
    scene.hold();
    scene.step({ type: 'closed', documentId: 'd', epoch: 5, head: 31, isClean: true });
    expect(scene.asked('swapRow')).toEqual({
      type: 'swapRow',
      expected: { epoch: 5, owner: 'a#1' },
      row: { epoch: 5, owner: null, head: 31 },
    });
    const released = { type: 'released', documentId: 'd', next: member('a') };
    expect(scene.answer({ type: 'swapped', outcome: 'won' })).toEqual([released]);
    expect(scene.table.size).toBe(0);
  });

  it('with an append in doubt leaves no head, so that the next owner fences', () => {
    const scene = new TableScene();
    scene.hold();
    scene.step({ type: 'closed', documentId: 'd', epoch: 5, head: 31, isClean: false });
    expect(scene.asked('swapRow').row).toEqual({ epoch: 5, owner: null, head: null });
  });

  it('ignores what is said of a former epoch', () => {
    const scene = new TableScene();
    scene.hold();
    const closed = { type: 'closed', documentId: 'd', head: 31, isClean: true } as const;
    expect(scene.step({ ...closed, epoch: 4 })).toEqual([]);
    expect(scene.table.size).toBe(1);
  });

  it('tries a release with an unknown outcome again, and gives up after a few times', () => {
    const scene = new TableScene();
    scene.hold();
    scene.step({ type: 'closed', documentId: 'd', epoch: 5, head: 31, isClean: true });
    let tries = 1;
    while (scene.count('released') === 0) {
      scene.answer({ type: 'swapped', outcome: 'unknown' });
      if (scene.count('released') > 0) break;
      scene.answer({ type: 'waited' });
      expect(++tries).toBeLessThan(10);
    }
    expect(tries).toBe(4);
    expect(scene.table.size).toBe(0);
  });

  it('looks again when a client came while it was released', () => {
    const scene = new TableScene();
    scene.hold();
    scene.step({ type: 'closed', documentId: 'd', epoch: 5, head: 31, isClean: true });
    expect(scene.acquire()).toEqual([]);
    scene.answer({ type: 'swapped', outcome: 'won' });
    scene.asked('readRow');
    scene.row({ epoch: 5, owner: null, head: 31 });
    expect(scene.asked('swapRow').row).toMatchObject({ epoch: 6, owner: 'a#1' });
  });

  it('drops everything at once when the lease is lost', () => {
    const scene = new TableScene();
    scene.hold('d');
    scene.hold('e');
    scene.acquire('f');
    expect(scene.step({ type: 'leaseLost' })).toEqual([
      { type: 'drop', documentId: 'd' },
      { type: 'drop', documentId: 'e' },
      { type: 'notAcquired', documentId: 'f' },
    ]);
    expect(scene.table.size).toBe(0);
  });
});
