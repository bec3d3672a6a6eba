import type { RenameId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { TitleQueue, UNKNOWN_TITLE_VERSION, type Rename } from './title.ts';

const idOf = (letter: string): RenameId => letter.repeat(26) as RenameId;
const [a, b, c] = [idOf('a'), idOf('b'), idOf('c')];

const knowing = (title: string, titleVersion: number, renames: readonly Rename[] = []) =>
  new TitleQueue({ title, titleVersion, renames });

describe('what is typed', () => {
  it('moves over what others make of the title, as long as it was not sent', () => {
    const queue = knowing('Plan', 3);
    queue.type('Plan of mine', a);
    queue.told('Our Plan', 4, c);
    expect(queue.visible).toBe('Our Plan of mine');
    expect(queue.next()).toEqual({ id: a, base: 'Our Plan', title: 'Our Plan of mine' });
  });

  it('over a title that is not shown any more moves over the one that is', () => {
    const queue = knowing('Plan', 3);
    queue.told('Our Plan', 4);
    queue.type('Plan!', a, 'Plan');
    expect(queue.visible).toBe('Our Plan!');
  });

  it('before any title is known renames the title that the page showed', () => {
    const queue = knowing('', UNKNOWN_TITLE_VERSION);
    queue.type('Renamed by Bob', a, 'Café notes');
    expect(queue.visible).toBe('Renamed by Bob');
    queue.type('Renamed by Bob!', b);
    queue.joined('Café notes of Ann', 4);
    expect(queue.visible).toBe('Renamed by Bob! of Ann');
    expect(queue.next()).toMatchObject({ id: a, base: 'Café notes of Ann' });
  });

  it('is one renaming until it is sent, and taken back it is none', () => {
    const queue = knowing('Plan', 3);
    queue.type('Plans', a);
    queue.type('Plan', b);
    expect([queue.isSaved, queue.next()]).toEqual([true, null]);
    queue.type('Plans', c);
    expect(queue.next()).toEqual({ id: a, base: 'Plan', title: 'Plans' });
  });

  it('while a renaming is asked for waits for the answer, and is moved over it', () => {
    const queue = knowing('Plan', 3);
    queue.type('Plan of', a);
    const sent = queue.next();
    queue.type('Plan of mine', b);
    expect([queue.next(), queue.visible]).toEqual([null, 'Plan of mine']);
    queue.told('Our Plan', 4, c);
    expect(queue.visible).toBe('Plan of mine');
    queue.failed(a, false);
    expect(queue.next()).toEqual(sent);
    queue.answered(a, { title: 'Our Plan of', titleVersion: 5 });
    expect([queue.visible, queue.isSaved]).toEqual(['Our Plan of mine', false]);
    expect(queue.next()).toEqual({ id: b, base: 'Our Plan of', title: 'Our Plan of mine' });
    queue.told('Our Plan of mine', 6, b);
    expect([queue.visible, queue.isSaved]).toEqual(['Our Plan of mine', true]);
    queue.failed(b, false);
    expect(queue.next()).toBeNull();
  });

  it('leaves the title when it is refused for good; what was typed behind it stays', () => {
    const queue = knowing('Plan', 3);
    queue.type('Plan of', a);
    queue.next();
    queue.type('Plan of mine', b);
    queue.failed(a, true);
    expect(queue.visible).toBe('Plan mine');
    expect(queue.next()?.id).toBe(b);
  });
});

describe('what the device kept', () => {
  it('is sent as it was, under its id, and not typed into', () => {
    const kept = { id: a, base: 'Plan', title: 'Plan of' };
    const queue = knowing('Plan', 3, [kept]);
    queue.type('Plan of mine', b);
    queue.joining();
    queue.joined('Our Plan', 4);
    expect(queue.next()).toEqual(kept);
    expect(queue.kept.renames.map(({ id }) => id)).toEqual([a, b]);
  });

  it('of several renamings is in the title once when the server had the last of them', () => {
    const queue = knowing('Plan', 3, [
      { id: a, base: 'Plan', title: 'Plan of' },
      { id: b, base: 'Plan of', title: 'Plan of mine' },
    ]);
    queue.next();
    queue.answered(a, { title: 'Plan of mine!', titleVersion: 6 });
    queue.next();
    queue.answered(b, { title: 'Plan of mine!', titleVersion: 6 });
    expect([queue.visible, queue.isSaved]).toEqual(['Plan of mine!', true]);
  });
});

describe('a title of the server', () => {
  it('that is not newer than the known one is ignored', () => {
    const queue = knowing('Plan', 3);
    queue.told('late', 2);
    queue.told('late', 3);
    queue.joining();
    queue.told('newer', 5);
    queue.joined('late', 4);
    expect(queue.visible).toBe('newer');
  });

  it('of a server that was restored from a backup is right, though its version is lower', () => {
    const queue = knowing('Plan', 9);
    queue.type('Plan of mine', a);
    queue.joining();
    queue.joined('Former Plan', 2);
    expect(queue.visible).toBe('Former Plan of mine');
    queue.told('Former', 3);
    expect(queue.visible).toBe('Former of mine');
  });

  it('without a version, of a server before version 3, is the newest', () => {
    const queue = knowing('Plan', 3);
    queue.told('newer');
    queue.told('newest');
    expect(queue.visible).toBe('newest');
  });
});
