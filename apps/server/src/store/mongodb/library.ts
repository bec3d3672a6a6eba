/** Lists of documents, for one person at a time, in MongoDB. */
import type { DocumentId } from '@concord/protocol';
import { namedOwner } from '../../access/core/permissions.ts';
import { compareText } from '../../platform/core/text-order.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import type { LibraryEntry, LibraryPage, LibraryQuery, LibraryRepository } from '../ports/library-store.ts'; // prettier-ignore
import type { HitPages } from '../search/hit-pages.ts';
import { peopleOf } from './access.ts';
import { keyOf, type Collections, type PersonalRow } from './collections.ts';
import { queues, type Core } from './core.ts';
import { storedIn } from './documents.ts';
import { newestBatches } from './purge.ts';
import { listed, listedInOrder, type Found, type Listed } from './related.ts';

export function library({ rows, work, changeTimes }: Core, hits: HitPages): LibraryRepository {
  const setPersonal = (
    userId: string,
    documentId: DocumentId,
    change: Partial<Pick<PersonalRow, 'visitedAt' | 'starred' | 'folder'>>,
  ): Promise<void> =>
    work.write(queues.document(documentId), async () => {
      const row = await rows.documents.findOne({ _id: documentId }, { projection: { _id: 1 } });
      if (row === null) return;
      await rows.personal.updateOne(
        { _id: keyOf(documentId, userId) },
        { $set: change, $setOnInsert: { documentId, userId } },
        { upsert: true },
      );
    });
  return {
    list: async (query, signal) => {
      await work.read(() => changeTimes.flush());
      const { search } = query;
      return search === null
        ? work.read(() => pageOf(rows, query))
        : hits.list({ ...query, search }, signal);
    },
    entry: (documentId, userId) =>
      work.read(async () => {
        await changeTimes.flush();
        const row = await rows.documents.findOne({ _id: documentId });
        if (row === null) return null;
        const _id = keyOf(documentId, userId ?? '');
        const personal = userId === null ? null : await rows.personal.findOne({ _id });
        const [entry] = await entriesOf(rows, [{ row, personal: personal ?? undefined }]);
        return entry ?? null;
      }),
    folders: (userId, now) =>
      work.read(async () => {
        const counts = new Map<string, number>();
        for (const { personal } of await listed(rows, { userId, view: 'all', folder: null, now })) {
          const folder = personal?.folder ?? '';
          if (folder !== '') counts.set(folder, (counts.get(folder) ?? 0) + 1);
        }
        return [...counts]
          .map(([name, documents]) => ({ name, documents }))
          .sort((one, other) => compareText(one.name, other.name));
      }),
    recordVisit: (userId, id, at) => setPersonal(userId, id, { visitedAt: at }),
    setStarred: (userId, id, starred) => setPersonal(userId, id, { starred }),
    setFolder: (userId, id, folder) => setPersonal(userId, id, { folder }),
  };
}

async function pageOf(rows: Collections, query: LibraryQuery): Promise<LibraryPage> {
  const { limit } = query;
  const places: Listed[] = [];
  for await (const place of listedInOrder(rows, query, readCursor(query.cursor), limit + 1)) {
    places.push(place);
    if (places.length > limit) break;
  }
  const page = places.slice(0, limit);
  const last = page.at(-1);
  const hasMore = places.length > page.length && last !== undefined;
  return {
    entries: await listedEntries(rows, page),
    nextCursor: hasMore ? writeCursor({ sort: last.sort, id: last.id }) : null,
  };
}

export async function listedEntries(
  rows: Collections,
  page: readonly Listed[],
): Promise<readonly LibraryEntry[]> {
  const roles = new Map(page.map(({ id, role }) => [id, role]));
  return (await entriesOf(rows, page)).flatMap((entry) => {
    const role = roles.get(entry.id);
    return role === undefined ? [] : [{ ...entry, role }];
  });
}

async function entriesOf(
  rows: Collections,
  found: readonly Found[],
): Promise<readonly Omit<LibraryEntry, 'role'>[]> {
  const ownerOf = ({ row }: Found): string => namedOwner(row.createdBy, peopleOf(row));
  const ids = found.map(({ row }) => row._id);
  const [tails, people] = await Promise.all([
    newestBatches(rows, ids),
    rows.people.find({ _id: { $in: [...new Set(found.map(ownerOf))] } }).toArray(),
  ]);
  const names = new Map(people.map(({ _id, name }) => [_id, name]));
  return found.map((each) => {
    const { row, personal } = each;
    const ownerId = ownerOf(each);
    return {
      ...storedIn(row),
      trashedAt: row.trashedAt,
      anyone: row.anyone,
      version: tails.get(row._id)?.head ?? 0,
      ownerId,
      ownerName: names.get(ownerId) ?? null,
      visitedAt: personal?.visitedAt ?? null,
      starred: personal?.starred ?? false,
      folder: personal?.folder ?? '',
      passage: null,
    };
  });
}
