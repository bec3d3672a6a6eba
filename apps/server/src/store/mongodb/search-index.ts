/**
 * The search index in MongoDB: the text in pieces, and its words in rows of neighbours, which a multikey index finds.
 *
 * A text is indexed as a new generation beside the former one, and becomes visible by one update of its row in
 * `searchTexts`; so a search never sees half of one.
 */
import { randomUUID } from 'node:crypto';
import type { DocumentId } from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';
import type { SearchIndex } from '../ports/library-store.ts';
import { indexWordsOf } from '../search/search-words.ts';
import { piecesOf } from '../search/text-pieces.ts';
import { tailOf } from './append.ts';
import {
  keyOf,
  type Collections,
  type IndexedWord,
  type SearchPieceRow,
  type SearchWordsRow,
} from './collections.ts';
import { queues, type Core } from './core.ts';
import { newestBatches } from './purge.ts';

/** More than are counted of one beginning (search/ranking.ts), so that these are in two neighbouring rows. */
const WORDS_PER_ROW = 128;
/** Documents that are compared with the log at a time. */
const COMPARED = 200;
/** Rows that are inserted at a time: together well within the 48 MB of a message. */
const INSERTED = 200;

export function searchIndex({ rows, work }: Core): SearchIndex {
  return {
    put: (documentId, version, text) =>
      work.write(queues.search(documentId), () =>
        put(rows, documentId, version, text.toWellFormed()),
      ),
    behind: (limit, after) =>
      work.read(async () => {
        if (after === null) await forgetDeleted(rows);
        return behind(rows, limit, after);
      }),
  };
}

async function put(
  rows: Collections,
  documentId: DocumentId,
  version: number,
  text: string,
): Promise<void> {
  const known = await rows.searchTexts.findOne({ _id: documentId });
  const { head } = await tailOf(rows, documentId);
  // An index ahead of the log belongs to a log that was replaced by an older one: it is not newer.
  if (known !== null && known.version > version && known.version <= head) return;
  if ((await rows.documents.findOne({ _id: documentId }, { projection: { _id: 1 } })) === null) {
    return;
  }
  const generation = randomUUID();
  const pieces = [...piecesOf(text)];
  const words = wordsOf(pieces);
  const wordCount = words.reduce((sum, { count }) => sum + count, 0);
  await inserted(pieceRows(documentId, generation, pieces), (some) =>
    rows.searchPieces.insertMany(some),
  );
  await inserted(wordRows(documentId, generation, words), (some) =>
    rows.searchWords.insertMany(some),
  );
  await rows.searchTexts.replaceOne(
    { _id: documentId },
    { generation, version, wordCount },
    { upsert: true },
  );
  const former = { documentId, generation: { $ne: generation } };
  await rows.searchWords.deleteMany(former);
  await rows.searchPieces.deleteMany(former);
}

async function inserted<R>(
  all: readonly R[],
  insert: (some: R[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < all.length; from += INSERTED) {
    await insert(all.slice(from, from + INSERTED));
  }
}

/** In their order. */
function wordsOf(pieces: readonly string[]): readonly IndexedWord[] {
  const words = new Map<string, IndexedWord>();
  for (const [place, piece] of pieces.entries()) {
    for (const [word, count] of indexWordsOf(piece)) {
      const known = words.get(word);
      if (known === undefined) words.set(word, { word, count, firstPiece: place });
      else known.count += count;
    }
  }
  return [...words.values()].sort((one, other) => compareText(one.word, other.word));
}

function pieceRows(
  documentId: DocumentId,
  generation: string,
  pieces: readonly string[],
): readonly SearchPieceRow[] {
  return pieces.map((content, place) => {
    const _id = keyOf(generation, place);
    return { _id, documentId, generation, place, content };
  });
}

function wordRows(
  documentId: DocumentId,
  generation: string,
  words: readonly IndexedWord[],
): readonly SearchWordsRow[] {
  const made: SearchWordsRow[] = [];
  for (let from = 0; from < words.length; from += WORDS_PER_ROW) {
    made.push({
      _id: keyOf(generation, from),
      documentId,
      generation,
      farBefore: words[from - WORDS_PER_ROW - 1]?.word ?? '',
      words: words.slice(from, from + WORDS_PER_ROW),
    });
  }
  return made;
}

async function behind(
  rows: Collections,
  limit: number,
  after: DocumentId | null,
): Promise<readonly DocumentId[]> {
  const found: DocumentId[] = [];
  let last = after;
  while (found.length < limit) {
    const some = await rows.documents
      .find(last === null ? {} : { _id: { $gt: last } }, {
        sort: { _id: 1 },
        limit: COMPARED,
        projection: { _id: 1 },
      })
      .toArray();
    const ids = some.map(({ _id }) => _id);
    const [tails, texts] = await Promise.all([
      newestBatches(rows, ids),
      rows.searchTexts.find({ _id: { $in: ids } }, { projection: { version: 1 } }).toArray(),
    ]);
    const indexed = new Map(texts.map(({ _id, version }) => [_id, version]));
    for (const id of ids) {
      if ((indexed.get(id) ?? 0) !== (tails.get(id)?.head ?? 0)) found.push(id);
    }
    last = ids.at(-1) ?? last;
    if (ids.length < COMPARED) break;
  }
  return found.slice(0, limit);
}

/** What was indexed beside a purge. */
async function forgetDeleted(rows: Collections): Promise<void> {
  let last: DocumentId | null = null;
  for (;;) {
    const some: { _id: DocumentId }[] = await rows.searchTexts
      .find(last === null ? {} : { _id: { $gt: last } }, {
        sort: { _id: 1 },
        limit: COMPARED,
        projection: { _id: 1 },
      })
      .toArray();
    const ids = some.map(({ _id }) => _id);
    const there = await rows.documents
      .find({ _id: { $in: ids } }, { projection: { _id: 1 } })
      .toArray();
    const existing = new Set(there.map(({ _id }) => _id));
    const deleted = ids.filter((id) => !existing.has(id));
    if (deleted.length > 0) {
      await rows.searchTexts.deleteMany({ _id: { $in: deleted } });
      await rows.searchWords.deleteMany({ documentId: { $in: deleted } });
      await rows.searchPieces.deleteMany({ documentId: { $in: deleted } });
    }
    last = ids.at(-1) ?? last;
    if (ids.length < COMPARED) return;
  }
}
