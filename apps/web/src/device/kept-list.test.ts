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

/** A document changed `updatedAt` ms after the epoch, whose title is its name. */
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

describe('the cached library', () => {
  it('grows with every list, and has the newest state of each document', () => {
    const first = learn([], [letter, plan], { nextCursor: 'more' });
    const second = learn(first, [guide], { isStart: false });
    const third = learn(second, [{ ...plan, title: 'new plan' }], { place: { ...everything, view: 'recent' } }); // prettier-ignore
    expect(offline(third)).toEqual(['letter', 'new plan', 'guide']);
  });

  it('drops documents missing in the list of everything, within the range that was read', () => {
    const known = learn([], [letter, plan, guide]);
    expect(offline(learn(known, [letter, guide]))).toEqual(['letter', 'guide']);
    // The guide sorts below the end of this page.
    expect(offline(learn(known, [letter, plan].slice(0, 1), { nextCursor: 'more' }))).toEqual(['letter', 'plan', 'guide']); // prettier-ignore
    const moved = { ...guide, updatedAt: 500 };
    expect(offline(learn(known, [moved, plan], { nextCursor: 'more' }))).toEqual(['guide', 'plan']);
  });

  it('drops nothing because of a search, a folder or another view', () => {
    const known = learn([], [letter, plan, guide]);
    for (const place of [{ search: 'x' }, { folder: 'Work' }, { view: 'starred' as const }]) {
      expect(offline(learn(known, [], { place: { ...everything, ...place } }))).toHaveLength(3);
    }
  });

  it('keeps the trash separate', () => {
    const trash = { ...everything, view: 'trash' as const };
    const known = learn(learn([], [letter]), [gone], { place: trash });
    expect(offline(known)).toEqual(['letter']);
    expect(offline(known, { view: 'trash' })).toEqual(['gone']);
    expect(offline(learn(known, [], { place: trash }), { view: 'trash' })).toEqual([]);
  });

  it('does not store the passages found by a search', () => {
    const [known] = learn([], [listed('hit', 1, { passage: 'a \u0002hit\u0003' })]);
    expect(known?.document).not.toHaveProperty('passage');
  });

  it('is bounded, and evicts the least recently used documents first', () => {
    const many = Array.from({ length: 1_200 }, (_, at) => listed(`n${at}`, at));
    const known = learn([], many);
    expect(known).toHaveLength(1_000);
    expect(offline(known)).not.toContain('n199');
    expect(offline(known)).toContain('n200');
  });

  it('follows the person’s own changes', () => {
    const known = learn([], [letter, plan]);
    expect(offline(changeKnown(known, plan.id, { starred: true }), { view: 'starred' })).toEqual(['letter', 'plan']); // prettier-ignore
    expect(offline(changeKnown(known, plan.id, null))).toEqual(['letter']);
  });
});

describe('the list without the server', () => {
  const known = learn([], [letter, plan, guide]);

  it('shows the views and folders of the library', () => {
    expect(offline(known, { view: 'recent' })).toEqual(['plan', 'letter']);
    expect(offline(known, { view: 'starred' })).toEqual(['letter']);
    expect(offline(known, { view: 'shared' })).toEqual(['guide']);
    expect(offline(known, { folder: 'Work' })).toEqual(['plan']);
    expect(foldersOf(known)).toEqual([{ name: 'Work', documents: 1 }]);
  });

  it('finds titles by prefixes of their words', () => {
    const cafe = learn([], [listed('cafe', 1, { title: 'Café notes, May' }), plan]);
    for (const search of ['cafe', 'NOT', 'may caf']) {
      expect(offline(cafe, { search })).toEqual(['Café notes, May']);
    }
    expect(offline(cafe, { search: 'cafe plan' })).toEqual([]);
    expect(offline(cafe, { search: 'otes' })).toEqual([]);
  });

  it('begins with documents created on this device, newest first', () => {
    const kept = onDevice(
      { name: 'first', isNew: true, usedAtMs: 2_000 },
      { name: 'second', isNew: true, usedAtMs: 3_000 },
    );
    expect(offline(known, {}, kept)).toEqual(['second', 'first', 'letter', 'plan', 'guide']);
  });

  it('shows in a folder the documents created in it on this device', () => {
    const kept = onDevice(
      { name: 'first', isNew: true, folder: 'Work' },
      { name: 'second', isNew: true },
    );
    expect(offline(known, { folder: 'Work' }, kept)).toEqual(['first', 'plan']);
  });

  it('includes documents on this device that were never listed', () => {
    const kept = onDevice({ name: 'opened', usedAtMs: 250 });
    expect(offline(known, {}, kept)).toEqual(['letter', 'opened', 'plan', 'guide']);
  });

  it('shows the title that was received last, by the list or by the document', () => {
    const renamed = (usedAtMs: number) =>
      offline(known, {}, onDevice({ name: 'plan', title: 'renamed here', usedAtMs }));
    expect(renamed(1_001)).toContain('renamed here');
    expect(renamed(999)).toContain('plan');
  });

  it('takes the time of a later edit on this device as the time of change', () => {
    const kept = onDevice({ name: 'guide', usedAtMs: 2_000, unsent: 3 });
    expect(offline(known, {}, kept)).toEqual(['guide', 'letter', 'plan']);
    const read = onDevice({ name: 'guide', usedAtMs: 2_000 });
    expect(offline(known, {}, read)).toEqual(['letter', 'plan', 'guide']);
  });
});

describe('the list of the server', () => {
  it('comes after documents created on this device, in the views to which these belong', () => {
    const kept = onDevice({ name: 'mine', isNew: true, usedAtMs: 1 }, { name: 'plan' });
    expect(titles(listOnline([letter, plan], kept, everything))).toEqual(['mine', 'letter', 'plan']); // prettier-ignore
    expect(titles(listOnline([letter], kept, { ...everything, view: 'starred' }))).toEqual(['letter']); // prettier-ignore
  });

  it('contains a document once, also right after its creation reached the server', () => {
    const kept = onDevice({ name: 'letter', isNew: true });
    expect(titles(listOnline([letter], kept, everything))).toEqual(['letter']);
  });

  it('tells which pinned documents are outdated on this device', () => {
    const kept = onDevice(
      { name: 'letter', version: 4, isKeptOffline: true },
      { name: 'plan', version: 5, isKeptOffline: true },
      { name: 'guide', version: 1 },
    );
    expect(titles(outdatedOnDevice([letter, plan, guide], kept))).toEqual(['letter']);
  });
});
