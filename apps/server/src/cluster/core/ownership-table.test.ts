import { describe, expect, it } from 'vitest';
import { member, TableScene } from './test-table-scene.ts';

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `document-${index}`);

/** Node `a` alone holds so many documents. */
function holding(count: number): TableScene {
  const scene = new TableScene();
  scene.step({ type: 'timer', random: 0 });
  for (const name of names(count)) scene.hold(name);
  return scene;
}

const closedNow = (scene: TableScene): string[] =>
  scene.effects.flatMap((effect) => (effect.type === 'close' ? [effect.documentId] : []));

/** The document was closed, and its row released. */
function release(scene: TableScene, documentId: string): void {
  scene.step({ type: 'closed', documentId, epoch: 5, head: 0, isClean: true });
  scene.answer({ type: 'swapped', outcome: 'won' }, documentId);
}

/** Lets time pass until nothing more is closed; each document closes at once. Returns the number of ticks. */
function settle(scene: TableScene): number {
  let ticks = 0;
  let released = 0;
  for (let isRunning = true; isRunning; ticks++) {
    const effects = scene.step({ type: 'timer', random: 0.5 });
    const closed = closedNow(scene);
    for (const documentId of closed.slice(released)) release(scene, documentId);
    released = closed.length;
    isRunning = effects.some(({ type }) => type === 'startTimer');
  }
  return ticks;
}

describe('handing documents over', () => {
  it('moves about 1/N of the documents to a node that joins, and no other', () => {
    const scene = holding(900);
    scene.members([member('a'), member('b'), member('c')]);
    settle(scene);
    const moved = closedNow(scene).length;
    // 600 are expected, five standard deviations are 71.
    expect(Math.abs(moved - 600)).toBeLessThan(71);
    const before = scene.count('close');
    scene.members([member('a'), member('b'), member('c'), member('d')]);
    settle(scene);
    // A quarter of the 300 that are left.
    expect(Math.abs(scene.count('close') - before - 75)).toBeLessThan(38);
  });

  it('waits until the ring has not changed for a while, and hands nothing over that came back', () => {
    const scene = holding(30);
    expect(scene.members([member('a'), member('b')])).toEqual([{ type: 'startTimer', ms: 1_000 }]);
    scene.members([member('a')], ['b#1']);
    settle(scene);
    expect(scene.count('close')).toBe(0);
  });

  it('does nothing for members that are only read again', () => {
    const scene = holding(3);
    expect(scene.members([member('a')])).toEqual([]);
  });

  it('closes few documents at a time, and waits for those before it goes on', () => {
    const scene = holding(40);
    scene.step({ type: 'drain' });
    for (let tick = 0; tick < 30; tick++) scene.step({ type: 'timer', random: 0.5 });
    expect(scene.count('close')).toBe(8);
    for (const documentId of closedNow(scene).slice(0, 3)) release(scene, documentId);
    for (let tick = 0; tick < 30; tick++) scene.step({ type: 'timer', random: 0.5 });
    expect(scene.count('close')).toBe(11);
  });

  it('spreads many documents over about ten seconds', () => {
    const scene = holding(1_000);
    scene.step({ type: 'drain' });
    const ticks = settle(scene);
    expect(ticks).toBeGreaterThan(90);
    expect(ticks).toBeLessThan(110);
  });

  it('varies its pace by the random number that it is given', () => {
    const scene = holding(20);
    scene.step({ type: 'drain' });
    expect(scene.step({ type: 'timer', random: 0 })).toContainEqual({ type: 'startTimer', ms: 50 });
    const later = scene.step({ type: 'timer', random: 0.9 });
    expect(later).toContainEqual({ type: 'startTimer', ms: 140 });
  });

  it('says where clients of a document go that was released', () => {
    const scene = holding(1);
    scene.members([member('a'), member('b')]);
    scene.step({ type: 'drain' });
    scene.step({ type: 'timer', random: 0 });
    release(scene, 'document-0');
    const released = { type: 'released', documentId: 'document-0', next: member('b') };
    expect(scene.effects).toContainEqual(released);
  });

  it('moves on a document that another node sent here although it belongs elsewhere', () => {
    const scene = new TableScene([member('a', 0), member('b')]);
    scene.step({ type: 'timer', random: 0 });
    scene.hold('d', true);
    expect(scene.effects.at(-1)).toEqual({ type: 'startTimer', ms: 1_000 });
    scene.step({ type: 'timer', random: 0 });
    expect(closedNow(scene)).toEqual(['d']);
  });
});

describe('draining a node', () => {
  it('hands every document over, and says when nothing is held any more', () => {
    const scene = holding(25);
    scene.members([member('a'), member('b')]);
    scene.step({ type: 'drain' });
    settle(scene);
    expect(scene.count('close')).toBe(25);
    expect(scene.count('drained')).toBe(1);
    expect(scene.table.size).toBe(0);
  });

  it('is done at once by a node that holds nothing', () => {
    expect(new TableScene().step({ type: 'drain' })).toContainEqual({ type: 'drained' });
  });

  it('takes no document any more: its clients are sent to another node, or asked to come again', () => {
    const scene = new TableScene([member('a'), member('b')]);
    scene.step({ type: 'drain' });
    for (const documentId of names(20)) {
      scene.acquire(documentId, true);
      const [effect] = scene.row({ epoch: 4, owner: null, head: 7 }, documentId);
      expect(effect).toMatchObject({ type: 'elsewhere', member: member('b') });
    }
    scene.members([member('a')], ['b#1']);
    scene.acquire('d');
    const [effect] = scene.row({ epoch: 4, owner: null, head: 7 });
    expect(effect).toEqual({ type: 'notAcquired', documentId: 'd' });
  });

  it('drops what is left when its deadline passes', () => {
    const scene = holding(20);
    scene.step({ type: 'drain' });
    scene.step({ type: 'timer', random: 0 });
    scene.step({ type: 'force' });
    expect(scene.count('drop')).toBe(20);
    expect(scene.count('drained')).toBe(1);
  });

  it('is over when the lease is lost meanwhile', () => {
    const scene = holding(2);
    scene.step({ type: 'drain' });
    scene.step({ type: 'leaseLost' });
    expect(scene.count('drained')).toBe(1);
  });
});
