import type { KeptDocument } from '@concord/client/browser';
import type { ListedDocument } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { idOf, listed as listedDocument } from '../http/test-listed.ts';
import { everything, type LibraryPlace } from '../navigation/library-place.ts';
import {
  changeKnown,
  foldersOf,
  learnList,
  listOffline,
  listOnline,
  outdatedOnDevice,
  type KeptDocuments,
  type KnownLibrary,
} from './kept-list.ts';

/** A document that was changed `updatedAt` ms after the beginning of time, and is named after itself. */
function listed(name: string, updatedAt: number, more: Partial<ListedDocument> = {}) {
  return listedDocument(name, { version: 5, updatedAt, url: `/d/${name}-${idOf(name)}`, ...more });
}

function onDevice(...documents: readonly (Partial<KeptDocument> & { name: string })[]) {
  const kept: KeptDocuments = new Map(
    documents.map(({ name, ...more }) => [
      idOf(name),
      {
        documentId: idOf(name),
        title: name,
        usedAtMs: 0,
        unsent: 0,
        isKeptOffline: false,
        isNew: false,
        folder: '',
        characters: 10,
        version: 5,
        ...more,
      },
    ]),
  );
  return kept;
}

const learn = (
  known: KnownLibrary,
  documents: readonly ListedDocument[],
  options: { place?: LibraryPlace; nextCursor?: string; isStart?: boolean; nowMs?: number } = {},
): KnownLibrary => {
  const { place = everything, nextCursor = null, isStart = true, nowMs = 1_000 } = options;
  return learnList(known, place, { documents: [...documents], nextCursor }, { isStart, nowMs });
};
const titles = (documents: readonly ListedDocument[]) => documents.map(({ title }) => title);
const offline = (known: KnownLibrary, place: Partial<LibraryPlace> = {}, kept = onDevice()) =>
  titles(listOffline(known, kept, { ...everything, ...place }));

const letter = listed('letter', 300, { starred: true, visitedAt: 50 });
const plan = listed('plan', 200, { folder: 'Work', visitedAt: 400 });
const guide = listed('guide', 100, { role: 'viewer' });
const gone = listed('gone', 50, { trashedAt: 60 });

describe('what is known of the documents', () => {
  it('grows by every list, and says the newest of each document', () => {
    const first = learn([], [letter, plan], { nextCursor: 'more' });
    const second = learn(first, [guide], { isStart: false });
    const third = learn(second, [{ ...plan, title: 'new plan' }], { place: { ...everything, view: 'recent' } }); // prettier-ignore
    expect(offline(third)).toEqual(['letter', 'new plan', 'guide']);
  });

  it('loses what the list of everything does not have any more, as far down as it was read', () => {
    const known = learn([], [letter, plan, guide]);
    expect(offline(learn(known, [letter, guide]))).toEqual(['letter', 'guide']);
    // The guide is further down than this answer goes.
    expect(offline(learn(known, [letter, plan].slice(0, 1), { nextCursor: 'more' }))).toEqual(['letter', 'plan', 'guide']); // prettier-ignore
    const moved = { ...guide, updatedAt: 500 };
    expect(offline(learn(known, [moved, plan], { nextCursor: 'more' }))).toEqual(['guide', 'plan']);
  });

  it('loses nothing by a search, a folder, or the other views', () => {
    const known = learn([], [letter, plan, guide]);
    for (const place of [{ search: 'x' }, { folder: 'Work' }, { view: 'starred' as const }]) {
      expect(offline(learn(known, [], { place: { ...everything, ...place } }))).toHaveLength(3);
    }
  });

  it('knows the trash apart from the rest', () => {
    const trash = { ...everything, view: 'trash' as const };
    const known = learn(learn([], [letter]), [gone], { place: trash });
    expect(offline(known)).toEqual(['letter']);
    expect(offline(known, { view: 'trash' })).toEqual(['gone']);
    expect(offline(learn(known, [], { place: trash }), { view: 'trash' })).toEqual([]);
  });

  it('does not keep passages that were found: they belong to a search', () => {
    const [known] = learn([], [listed('hit', 1, { passage: 'a \u0002hit\u0003' })]);
    expect(known?.document).not.toHaveProperty('passage');
  });

  it('has an end, and forgets first what nobody touched for the longest time', () => {
    const many = Array.from({ length: 1_200 }, (_, at) => listed(`n${at}`, at));
    const known = learn([], many);
    expect(known).toHaveLength(1_000);
    expect(offline(known)).not.toContain('n199');
    expect(offline(known)).toContain('n200');
  });

  it('follows what the person changes', () => {
    const known = learn([], [letter, plan]);
    expect(offline(changeKnown(known, plan.id, { starred: true }), { view: 'starred' })).toEqual(['letter', 'plan']); // prettier-ignore
    expect(offline(changeKnown(known, plan.id, null))).toEqual(['letter']);
  });
});

describe('the list without the server', () => {
  const known = learn([], [letter, plan, guide]);

  it('has the places of the list', () => {
    expect(offline(known, { view: 'recent' })).toEqual(['plan', 'letter']);
    expect(offline(known, { view: 'starred' })).toEqual(['letter']);
    expect(offline(known, { view: 'shared' })).toEqual(['guide']);
    expect(offline(known, { folder: 'Work' })).toEqual(['plan']);
    expect(foldersOf(known)).toEqual([{ name: 'Work', documents: 1 }]);
  });

  it('finds titles by the beginnings of their words', () => {
    const cafe = learn([], [listed('cafe', 1, { title: 'Café notes, May' }), plan]);
    for (const search of ['cafe', 'NOT', 'may caf']) {
      expect(offline(cafe, { search })).toEqual(['Café notes, May']);
    }
    expect(offline(cafe, { search: 'cafe plan' })).toEqual([]);
    expect(offline(cafe, { search: 'otes' })).toEqual([]);
  });

  it('begins with what was made on this device, the newest first', () => {
    const kept = onDevice(
      { name: 'first', isNew: true, usedAtMs: 2_000 },
      { name: 'second', isNew: true, usedAtMs: 3_000 },
    );
    expect(offline(known, {}, kept)).toEqual(['second', 'first', 'letter', 'plan', 'guide']);
  });

  it('has in a folder what was begun in it on this device', () => {
    const kept = onDevice(
      { name: 'first', isNew: true, folder: 'Work' },
      { name: 'second', isNew: true },
    );
    expect(offline(known, { folder: 'Work' }, kept)).toEqual(['first', 'plan']);
  });

  it('has documents of this device that were never listed', () => {
    const kept = onDevice({ name: 'opened', usedAtMs: 250 });
    expect(offline(known, {}, kept)).toEqual(['letter', 'opened', 'plan', 'guide']);
  });

  it('says the title of whoever heard of it last', () => {
    const renamed = (usedAtMs: number) =>
      offline(known, {}, onDevice({ name: 'plan', title: 'renamed here', usedAtMs }));
    expect(renamed(1_001)).toContain('renamed here');
    expect(renamed(999)).toContain('plan');
  });

  it('has what was written here since, as changed then', () => {
    const kept = onDevice({ name: 'guide', usedAtMs: 2_000, unsent: 3 });
    expect(offline(known, {}, kept)).toEqual(['guide', 'letter', 'plan']);
    const read = onDevice({ name: 'guide', usedAtMs: 2_000 });
    expect(offline(known, {}, read)).toEqual(['letter', 'plan', 'guide']);
  });
});

describe('the list of the server', () => {
  it('comes after what was made on this device, in the places where that belongs', () => {
    const kept = onDevice({ name: 'mine', isNew: true, usedAtMs: 1 }, { name: 'plan' });
    expect(titles(listOnline([letter, plan], kept, everything))).toEqual(['mine', 'letter', 'plan']); // prettier-ignore
    expect(titles(listOnline([letter], kept, { ...everything, view: 'starred' }))).toEqual(['letter']); // prettier-ignore
  });

  it('names a document once, also in the moment in which it reached the server', () => {
    const kept = onDevice({ name: 'letter', isNew: true });
    expect(titles(listOnline([letter], kept, everything))).toEqual(['letter']);
  });

  it('tells which of those that are to be here offline are old', () => {
    const kept = onDevice(
      { name: 'letter', version: 4, isKeptOffline: true },
      { name: 'plan', version: 5, isKeptOffline: true },
      { name: 'guide', version: 1 },
    );
    expect(titles(outdatedOnDevice([letter, plan, guide], kept))).toEqual(['letter']);
  });
});
