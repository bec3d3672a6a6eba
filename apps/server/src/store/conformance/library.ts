/** The contract of every store about lists and search; see conformance.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyoneAccess, DocumentId, DocumentView, LinkRole, Role } from '@concord/protocol';
import { currentRole, namedOwner } from '../../access/core/permissions.ts';
import { linkOf } from './access.ts';
import type { LibraryQuery } from '../ports/library-store.ts';
import type { Store } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';

const now = 1_000;
const queryOf = (userId: string, change: Partial<LibraryQuery> = {}): LibraryQuery => ({
  userId,
  view: 'all',
  folder: null,
  search: null,
  limit: 100,
  cursor: null,
  now,
  ...change,
});

export function describeLibrary(current: () => Store): void {
  const titles = async (userId: string, change: Partial<LibraryQuery> = {}): Promise<string[]> =>
    (await current().library.list(queryOf(userId, change))).entries.map(({ title }) => title);
  const create = async (
    title: string,
    createdBy: string,
    updatedAt: number,
    anyone: AnyoneAccess = 'off',
  ) => {
    const id = documentId(title);
    await current().documents.createWithText(
      emptyDocument(recordOf(id, { title, createdBy, updatedAt }), anyone),
    );
    return id;
  };

  describe('the library', () => {
    it('lists related documents that the person may read, newest change first', async () => {
      const { library, access } = current();
      await create('own', 'ann', 10);
      const granted = await create('granted', 'bob', 30);
      const visited = await create('visited', 'bob', 20, 'viewer');
      const closed = await create('closed', 'bob', 40);
      await create('unvisited', 'bob', 50, 'editor');
      await access.grant(granted, 'ann', 'commenter');
      await library.recordVisit('ann', visited, 5);
      await library.recordVisit('ann', closed, 6);
      await library.recordVisit('ann', documentId('nothing'), 7);
      expect(await titles('ann')).toEqual(['granted', 'visited', 'own']);
      expect(await titles('ann', { view: 'shared' })).toEqual(['granted', 'visited']);
      expect(await titles('ann', { view: 'recent' })).toEqual(['visited']);
      expect(await titles('eve')).toEqual([]);
      await access.setAnyone(visited, 'off');
      expect(await titles('ann')).toEqual(['granted', 'own']);
      await current().log.append(batchOf(documentId('own'), 1, 35));
      const { entries } = await library.list(queryOf('ann'));
      expect(entries[0]).toMatchObject({
        title: 'own',
        version: 35,
        role: 'owner',
        ownerId: 'ann',
      });
      expect(entries[1]).toMatchObject({ title: 'granted', role: 'commenter', ownerId: 'bob' });
    });

    it('keeps stars, folders and visits by person', async () => {
      const { library, people } = current();
      const first = await create('first', 'ann', 10);
      const second = await create('second', 'ann', 20);
      await people.setName('ann', 'Ann');
      await library.setStarred('ann', first, true);
      await library.setFolder('ann', first, 'Class');
      await library.setFolder('ann', second, 'Class');
      await library.recordVisit('ann', second, 7);
      expect(await titles('ann', { view: 'starred' })).toEqual(['first']);
      expect(await titles('ann', { folder: 'Class' })).toEqual(['second', 'first']);
      expect(await library.folders('ann', now)).toEqual([{ name: 'Class', documents: 2 }]);
      expect(await library.folders('bob', now)).toEqual([]);
      expect(await library.entry(first, 'ann')).toMatchObject({
        ...{ starred: true, folder: 'Class', visitedAt: null, ownerId: 'ann', ownerName: 'Ann' },
      });
      expect(await library.entry(first, null)).toMatchObject({ starred: false, folder: '' });
      expect(await library.entry(documentId('nothing'), 'ann')).toBeNull();
      await library.setFolder('ann', first, '');
      await library.setStarred('ann', first, false);
      expect(await titles('ann', { folder: 'Class' })).toEqual(['second']);
      expect(await titles('ann', { view: 'starred' })).toEqual([]);
    });

    it('shows the trash only to owners', async () => {
      const id = await create('thrown away', 'ann', 10, 'editor');
      await current().access.grant(id, 'bob', 'editor');
      await current().documents.setTrashed(id, 50);
      for (const view of ['all', 'recent', 'starred', 'shared'] as const) {
        expect(await titles('ann', { view })).toEqual([]);
      }
      expect(await titles('ann', { view: 'trash' })).toEqual(['thrown away']);
      expect(await titles('bob', { view: 'trash' })).toEqual([]);
      expect(await titles('bob')).toEqual([]);
    });

    it('paginates without gaps or repeats, even with equal times', async () => {
      const names = Array.from({ length: 23 }, (_, place) => `t${String(place).padStart(2, '0')}`);
      for (const [place, name] of names.entries()) await create(name, 'ann', 100 - (place >> 2));
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await current().library.list(queryOf('ann', { limit: 5, cursor }));
        expect(page.entries.length).toBeLessThanOrEqual(5);
        listed.push(...page.entries.map(({ title }) => title));
        cursor = page.nextCursor;
        // What changes meanwhile moves to the front, and does not disturb what follows.
        if (listed.length === 5)
          await current().documents.rename(documentId('t01'), renameTo('t01'), 500);
      } while (cursor !== null);
      expect(listed).toEqual(names);
      const whole = await current().library.list(queryOf('ann', { limit: 23 }));
      expect(whole.nextCursor).toBeNull();
      expect((await titles('ann', { cursor: 'nonsense', limit: 1 })).length).toBe(1);
    });

    it('lists exactly what the rule of access allows, with its role', async () => {
      const roles = fc.constantFrom<Role>('owner', 'editor', 'commenter', 'viewer');
      const linkRoles = fc.constantFrom<LinkRole>('editor', 'commenter', 'viewer');
      const anyones = fc.constantFrom<AnyoneAccess>('off', 'viewer', 'commenter', 'editor');
      const expiries = fc.constantFrom(null, now - 1, now, now + 1);
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              anyone: anyones,
              role: fc.option(roles),
              link: fc.option(fc.record({ role: linkRoles, expiresAt: expiries, isOpened: fc.boolean() })), // prettier-ignore
              isVisited: fc.boolean(),
              isTrashed: fc.boolean(),
              isLeft: fc.boolean(),
            }),
            { minLength: 1, maxLength: 6 },
          ),
          async (documents) => {
            const { access, library } = current();
            const user = `user${++round}`;
            const expected = new Map<DocumentView, Map<string, Role>>([
              ['all', new Map()],
              ['trash', new Map()],
            ]);
            for (const [
              place,
              { anyone, role, link, isVisited, isTrashed, isLeft },
            ] of documents.entries()) {
              const name = `d${round}-${place}`;
              const id = await create(name, `owner of ${name}`, place, anyone);
              if (role !== null) await access.grant(id, user, role);
              if (role === 'owner' && isLeft) await access.revoke(id, `owner of ${name}`);
              if (link !== null) {
                await access.addLink(linkOf({ id: `link ${name}`, documentId: id, ...link }));
                if (link.isOpened) await access.openLink(`link ${name}`, user);
              }
              if (isVisited) await library.recordVisit(user, id, 1);
              if (isTrashed) await current().documents.setTrashed(id, 1);
              const list = await access.get(id);
              const now_ = list === null ? null : currentRole(list, { userId: user }, now).role;
              const owner = namedOwner(`owner of ${name}`, list?.people ?? new Map());
              expect((await library.entry(id, user))?.ownerId).toBe(owner);
              const hasToDo = role !== null || isVisited || link?.isOpened === true;
              if (now_ === null || !hasToDo) continue;
              expected.get(isTrashed ? 'trash' : 'all')?.set(id, now_);
            }
            for (const [view, roleOf] of expected) {
              const { entries } = await library.list(queryOf(user, { view }));
              expect(new Map(entries.map(({ id, role }) => [id, role]))).toEqual(roleOf);
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  });

  describe('search', () => {
    it('finds titles and texts, whatever case and accents, by whole words and a beginning', async () => {
      const { search } = current();
      const trees = await create('Höhe der Bäume', 'ann', 10);
      const other = await create('Einkauf', 'ann', 20);
      await search.put(trees, 0, 'Die Eiche wächst langsam, die Pappel schnell.');
      await search.put(other, 0, 'Milch, Brot und ein Baum');
      const found = (words: string) => titles('ann', { search: words });
      expect(await found('baume hohe')).toEqual(['Höhe der Bäume']);
      expect(await found('BAUM')).toEqual(expect.arrayContaining(['Höhe der Bäume', 'Einkauf']));
      expect(await found('eiche pap')).toEqual(['Höhe der Bäume']);
      expect(await found('pap eiche')).toEqual([]);
      expect(await found('eiche milch')).toEqual([]);
      expect(await found('b')).toEqual([]);
      for (const odd of ['"', '*', 'NEAR(', 'title:x', '-- ;', 'a" OR "b', '😀', ')']) {
        expect(await found(odd), odd).toEqual([]);
      }
      const { entries } = await current().library.list(queryOf('ann', { search: 'pappel' }));
      expect(entries[0]?.passage).toContain('\u0002Pappel\u0003');
      expect((await current().library.list(queryOf('ann'))).entries[0]?.passage).toBeNull();
    });

    it('never finds documents that the person may not read', async () => {
      const { search, library, access } = current();
      const secret = await create('secret', 'bob', 10, 'viewer');
      await search.put(secret, 0, 'needle');
      expect(await titles('ann', { search: 'needle' })).toEqual([]);
      await library.recordVisit('ann', secret, 1);
      expect(await titles('ann', { search: 'needle' })).toEqual(['secret']);
      await access.setAnyone(secret, 'off');
      expect(await titles('ann', { search: 'needle' })).toEqual([]);
      expect(await titles('bob', { search: 'needle' })).toEqual(['secret']);
    });

    it('finds parts of what is written without spaces, emoji, and letters in any form', async () => {
      const { search } = current();
      const id = await create('今日の会議録', 'ann', 10);
      await search.put(id, 0, 'การประชุมใหญ่ 🎉 Straße, ｆｕｌｌ, 東京と京都');
      const found = async (words: string) => (await titles('ann', { search: words })).length;
      for (const there of [
        '会議',
        '録',
        '会議録',
        'ประชุม',
        '🎉',
        'STRASSE',
        'full',
        '会議 🎉 ประชุม',
      ]) {
        expect(await found(there), there).toBe(1);
      }
      // Both of its pairs are in the text, but not one after the other.
      for (const absent of ['議会', '東京都', '🎈', 'ประชา'])
        expect(await found(absent), absent).toBe(0);
      const { entries } = await current().library.list(queryOf('ann', { search: 'ประชุม' }));
      expect(entries[0]?.passage).toContain('การ\u0002ประชุม\u0003ใหญ่ 🎉');
    });

    it('finds what stands anywhere in a long text, with the passage', async () => {
      const { search } = current();
      const id = await create('long', 'ann', 10);
      const filler = 'some filling words in between '.repeat(2_000);
      await search.put(id, 0, `${filler}needle one ${filler}今日の会議録 ${filler}`);
      for (const words of ['needle', '会議録', 'needle 会議録']) {
        const { entries } = await current().library.list(queryOf('ann', { search: words }));
        expect(entries[0]?.passage?.split('\u0002')[1], words).toMatch(/^(needle|会議録)/);
      }
    });

    it('lists words in the title first, then by their share of the text, then what changed last', async () => {
      const { search } = current();
      const texts: [string, number, string][] = [
        ['seldom', 50, `needle ${'hay '.repeat(900)}`],
        ['often', 10, 'needle needle needle hay'],
        ['a needle', 1, 'nothing but hay'],
        ['equal older', 20, 'needle hay'],
        ['equal newer', 30, 'needle hay'],
      ];
      for (const [title, updatedAt, text] of texts) {
        await search.put(await create(title, 'ann', updatedAt), 0, text);
      }
      const expected = ['a needle', 'often', 'equal newer', 'equal older', 'seldom'];
      expect(await titles('ann', { search: 'needle' })).toEqual(expected);
      // Whatever others write about it.
      for (let place = 0; place < 20; place += 1) {
        await search.put(
          await create(`other ${place}.`, 'bob', 99, 'editor'),
          0,
          'needle '.repeat(50),
        );
      }
      expect(await titles('ann', { search: 'needle' })).toEqual(expected);
    });

    it('lists each hit once despite writes between the pages', async () => {
      const { search, access, documents } = current();
      const names = Array.from({ length: 30 }, (_, place) => `d${String(place).padStart(2, '0')}`);
      const ids = new Map<string, DocumentId>();
      for (const [place, name] of names.entries()) {
        const id = await create(name, 'ann', place);
        ids.set(name, id);
        await search.put(id, 0, `plan ${'filler '.repeat(place % 7)}`);
        await access.grant(id, 'bob', 'editor');
      }
      const pages = async (disturb: (listed: readonly string[]) => Promise<unknown>) => {
        const listed: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await current().library.list(
            queryOf('ann', { search: 'plan', limit: 4, cursor }),
          );
          listed.push(...page.entries.map(({ title }) => title));
          cursor = page.nextCursor;
          await disturb(listed);
        } while (cursor !== null);
        return [...listed].sort();
      };
      let count = 0;
      const stranger = async () => {
        count += 1;
        await search.put(
          await create(`stranger ${count}.`, 'eve', count, 'viewer'),
          0,
          'plan plan',
        );
      };
      expect(await pages(stranger)).toEqual(names);
      // Another editor of the same documents changes how well they match.
      const colleague = async (listed: readonly string[]) => {
        const id = ids.get(names.find((name) => !listed.includes(name)) ?? '');
        if (id === undefined) return;
        await search.put(id, 0, 'plan plan plan');
        await documents.rename(
          id,
          renameTo(names.find((name) => ids.get(name) === id) ?? ''),
          1_000 + count,
        );
      };
      expect(await pages(colleague)).toEqual(names);
    });

    it('continues after the last hit when the ranking of a cursor was evicted', async () => {
      const { search } = current();
      const names = Array.from({ length: 12 }, (_, place) => `d${String(place).padStart(2, '0')}`);
      for (const [place, name] of names.entries()) {
        await search.put(
          await create(name, 'ann', place),
          0,
          `plan ${'filler '.repeat(place % 3)}`,
        );
      }
      const listed: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await current().library.list(
          queryOf('ann', { search: 'plan', limit: 5, cursor }),
        );
        listed.push(...page.entries.map(({ title }) => title));
        cursor = page.nextCursor;
        // All its numbers stand, but the order has another name.
        cursor = cursor === null ? null : Buffer.from(Buffer.from(cursor, 'base64url').toString().replace(/[0-9a-f-]{36}/, 'forgotten')).toString('base64url'); // prettier-ignore
      } while (cursor !== null);
      expect([...listed].sort()).toEqual(names);
      expect(await titles('ann', { search: 'plan', cursor: 'nonsense', limit: 1 })).toHaveLength(1);
    });

    it('shows no hits that may not be read any more', async () => {
      const { search, access } = current();
      for (const name of ['one', 'two', 'three']) {
        const id = await create(name, 'bob', 10);
        await access.grant(id, 'ann', 'viewer');
        await search.put(id, 0, 'shared words');
      }
      const first = await current().library.list(queryOf('ann', { search: 'words', limit: 1 }));
      for (const name of ['one', 'two', 'three']) await access.revoke(documentId(name), 'ann');
      const cursor = first.nextCursor;
      expect(cursor).not.toBeNull();
      expect(await titles('ann', { search: 'words', cursor })).toEqual([]);
      // Nor of another's order.
      expect(await titles('eve', { search: 'words', cursor })).toEqual([]);
    });

    it('is aborted by its signal', async () => {
      await create('words', 'ann', 10);
      const signal = AbortSignal.abort(new Error('too late'));
      const found = current().library.list(queryOf('ann', { search: 'words' }), signal);
      await expect(found).rejects.toThrow('too late');
    });

    it('that is ahead of the log, as after an older backup, is behind until it has the text again', async () => {
      const { search, log } = current();
      const id = await create('restored', 'ann', 10);
      await log.append(batchOf(id, 1, 2));
      await search.put(id, 9, 'of the time after the backup');
      expect(await search.behind(10, null)).toEqual([id]);
      await search.put(id, 2, 'as it is now');
      expect(await search.behind(10, null)).toEqual([]);
      expect(await titles('ann', { search: 'backup' })).toEqual([]);
      expect(await titles('ann', { search: 'now' })).toEqual(['restored']);
    });

    it('lists outdated documents page by page', async () => {
      const ids: DocumentId[] = [];
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        const id = await create(name, 'ann', 1);
        await current().log.append(batchOf(id, 1));
        ids.push(id);
      }
      const { search } = current();
      const first = await search.behind(3, null);
      const second = await search.behind(3, first.at(-1) ?? null);
      expect([...first, ...second]).toEqual(ids.sort());
      expect(await search.behind(3, second.at(-1) ?? null)).toEqual([]);
    });

    it('keeps the newest text, follows titles, and knows what it is behind with', async () => {
      const { search, documents, log } = current();
      const id = await create('old title', 'ann', 10);
      expect(await search.behind(10, null)).toEqual([]);
      await log.append(batchOf(id, 1, 2));
      expect(await search.behind(10, null)).toEqual([id]);
      await search.put(id, 2, 'second text');
      await search.put(id, 1, 'first text');
      expect(await search.behind(10, null)).toEqual([]);
      expect(await titles('ann', { search: 'second' })).toEqual(['old title']);
      expect(await titles('ann', { search: 'first' })).toEqual([]);
      await documents.rename(id, renameTo('new title'), 11);
      expect(await titles('ann', { search: 'new second' })).toEqual(['new title']);
      expect(await titles('ann', { search: 'old' })).toEqual([]);
      await documents.remove(id);
      expect(await search.behind(10, null)).toEqual([]);
    });
  });
}
