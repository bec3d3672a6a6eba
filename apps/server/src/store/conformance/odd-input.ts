/** What people and programs may send to lists and searches, and what must come of it. */
import { describe, expect, it } from 'vitest';
import { compareText } from '../../platform/core/text-order.ts';
import { documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { accountOf, queryOf } from '../test-records.ts';
import { plan, type Scene } from './scene.ts';

const cursorOf = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

export function describeOddInput(scene: Scene): void {
  describe('a search', () => {
    const found = async (search: string): Promise<number> =>
      (await scene.store.library.list(queryOf('ann', { search }))).entries.length;

    it.each([
      ['combining marks', 'हिन्दी भाषा', 'भाषा'],
      ['an unbroken run of ideographs', '这是中文文本', '这是'],
      ['accents that were typed apart', 'u\u0308ni\u0308co\u0308de\u0301', 'ünïcödé'],
      ['a null character between words', 'a\u0000needle', 'needle'],
      ['an apostrophe', "l'arbre", 'arbre'],
    ])('finds words in a text with %s', async (_what, text, search) => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      await scene.store.search.put(plan, 0, text);
      expect(await found(search)).toBe(1);
      expect(await found(`${search} absent`)).toBe(0);
    });

    it('of very many words is answered', async () => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      await scene.store.search.put(plan, 0, 'a b c');
      expect(await found('a '.repeat(100))).toBe(1);
      expect(await found(`${'a '.repeat(99)}x`)).toBe(0);
    });

    it('finds words of which one is in the title and one in the text', async () => {
      await scene.store.documents.createWithText(
        emptyDocument(recordOf(plan, { title: 'Budget' })),
      );
      await scene.store.search.put(plan, 0, 'for spring');
      expect(await found('budget spring')).toBe(1);
    });

    it('gives pages that miss and repeat nothing', async () => {
      for (let place = 0; place < 12; place++) {
        const id = documentId(`found-${place}-`);
        await scene.store.documents.createWithText(
          emptyDocument(recordOf(id, { title: `${place}` })),
        );
        // Several of them rank alike.
        await scene.store.search.put(id, 0, 'common '.repeat(1 + (place % 3)));
      }
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const query = queryOf('ann', { search: 'common', limit: 5, cursor });
        const page = await scene.store.library.list(query);
        listed.push(...page.entries.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(listed).toHaveLength(12);
      expect(new Set(listed).size).toBe(12);
    });
  });

  it('texts are listed in the order of code points, whatever language and case', async () => {
    const { documents, library, accounts } = scene.store;
    const ascending = ['A', 'Z', 'a', 'b', 'z', 'Ä', 'ß', 'é', '語', '\uff5e', '\u{10000}', '😀'];
    for (const [place, name] of [...ascending].reverse().entries()) {
      const id = documentId(`d${place}x`);
      await documents.createWithText(emptyDocument(recordOf(id)));
      await library.setFolder('ann', id, name);
      await accounts.create(accountOf(`id-${place}`, { userName: name }), null);
    }
    expect((await library.folders('ann', 0)).map(({ name }) => name)).toEqual(ascending);
    expect((await accounts.list('', 100)).map(({ userName }) => userName)).toEqual(ascending);
    const after = await accounts.list('\uff5e', 100);
    expect(after.map(({ userName }) => userName)).toEqual(['\u{10000}', '😀']);
    const listed = (await library.list(queryOf('ann'))).entries.map(({ id }) => id);
    expect(listed).toEqual([...listed].sort(compareText));
  });

  it('a cursor that cannot be read is as none; no cursor breaks a list', async () => {
    await scene.store.documents.createWithText(emptyDocument(recordOf(plan, { updatedAt: 5 })));
    const listed = async (cursor: string) =>
      (await scene.store.library.list(queryOf('ann', { cursor }))).entries.length;
    for (const unreadable of [
      '',
      'nonsense',
      '%00',
      cursorOf(null),
      cursorOf(['5', 'x']),
      cursorOf([5]),
    ]) {
      // prettier-ignore
      expect(await listed(unreadable), unreadable).toBe(1);
    }
    // Readable, and before the only document: nothing follows, or everything does, but it answers.
    expect(await listed(cursorOf([4, '']))).toBe(0);
    expect(await listed(cursorOf([6, '"; DROP TABLE documents; --']))).toBe(1);
    expect(await listed(Buffer.from('[1e999,"x"]').toString('base64url'))).toBe(1);
  });
}
