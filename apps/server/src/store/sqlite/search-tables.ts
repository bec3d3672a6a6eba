/**
 * The search index (search-file.ts): which words are in which texts, and the texts themselves in pieces.
 *
 * A search starts from the documents that the person may read and looks into the words of each: what it costs, and
 * what it finds in which order, depends on nothing that others wrote where the person may not read. Each method is
 * little work; searching.ts calls them in turn.
 */
import { crc32 } from 'node:zlib';
import type { DocumentId } from '@concord/protocol';
import { hitsIn, passageOf, termsWithHits } from '../search/passage.ts';
import { BEGINNINGS_COUNTED, mustBeCompared, scoreOf, type Match } from '../search/ranking.ts';
import { indexWordsOf, lookupsOf, type SearchTerm } from '../search/search-words.ts';
import type { LogTables } from './log-tables.ts';
import {
  columns,
  DamagedRowError,
  integerIn,
  integerOrNullIn,
  textIn,
  type Statements,
} from './rows.ts';

/** Pieces of a text, of which there are at most so many. */
export const PIECES_MAX = 65_536;
/** Pieces that are compared for a run of characters before it is assumed to occur. */
const PIECES_COMPARED_MAX = 64;
/** Words of a text that was deleted or replaced, which are removed at a time. */
const PRUNED_WORDS = 5_000;

export class SearchTables {
  readonly #sql: Statements;
  readonly #log: LogTables;
  /** Texts being indexed, not yet visible to searches. */
  readonly #putting = new Set<number>();

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  // --- Finding ----------------------------------------------------------------------------------

  /** Those of the documents that have all terms, in their title or text. */
  match(ids: readonly DocumentId[], terms: readonly SearchTerm[]): readonly Match[] {
    const lookups = terms.map(lookupsOf);
    const matches: Match[] = [];
    const rows = this.#sql.rows(
      columns(
        `SELECT t:document_keys.id, t:title, updated_at, text, words
         FROM json_each(?) JOIN document_keys ON document_keys.id = json_each.value
         JOIN documents USING (document) LEFT JOIN search_documents USING (document)`,
      ),
      JSON.stringify(ids),
    );
    for (const row of rows) {
      const inTitle = termsWithHits(hitsIn(textIn(row, 'title'), terms));
      const text = integerOrNullIn(row, 'text');
      const words = integerOrNullIn(row, 'words') ?? 0;
      let score = 0;
      const hasAll = lookups.every((lookup, place) => {
        const count = text === null ? 0 : this.#countOf(text, lookup);
        score += scoreOf(inTitle.has(place), count, words);
        return count > 0 || inTitle.has(place);
      });
      if (!hasAll) continue;
      const id = textIn(row, 'id') as DocumentId;
      matches.push({ id, score, updatedAt: integerIn(row, 'updated_at') });
    }
    return matches;
  }

  /** How often all of them are there; 0 when one is not. */
  #countOf(text: number, lookups: ReturnType<typeof lookupsOf>): number {
    let least = Infinity;
    for (const { word, isPrefix } of lookups) {
      const row = isPrefix
        ? this.#sql.row(
            `SELECT coalesce(sum(count), 0) AS count FROM (
               SELECT count FROM search_words
               WHERE text = ?1 AND word >= ?2 AND word < ?2 || char(1114111) LIMIT ${BEGINNINGS_COUNTED})`,
            text,
            word,
          )
        : this.#sql.row('SELECT count FROM search_words WHERE text = ? AND word = ?', text, word);
      const count = row === null ? 0 : integerIn(row, 'count');
      if (count === 0) return 0;
      least = Math.min(least, count);
    }
    return least === Infinity ? 0 : least;
  }

  /**
   * The passage to be shown of each document that {@link match} found; a document is missing when its
   * pairs of characters do not follow one another as in the search.
   */
  passages(
    ids: readonly DocumentId[],
    terms: readonly SearchTerm[],
  ): ReadonlyMap<DocumentId, string> {
    const passages = new Map<DocumentId, string>();
    for (const id of ids) {
      const key = this.#log.existingKeyOf(id);
      const passage = key === null ? null : this.#passageOf(key, terms);
      if (passage !== null) passages.set(id, passage);
    }
    return passages;
  }

  #passageOf(key: number, terms: readonly SearchTerm[]): string | null {
    const row = this.#sql.row(
      columns(
        `SELECT t:title, text FROM documents LEFT JOIN search_documents USING (document)
         WHERE document = ?`,
      ),
      key,
    );
    if (row === null) return null;
    const title = textIn(row, 'title');
    const titleHits = hitsIn(title, terms);
    const inTitle = termsWithHits(titleHits);
    const text = integerOrNullIn(row, 'text');
    let best: { readonly passage: string; readonly terms: number } | null = null;
    if (text !== null) {
      // Each piece is looked at once, for all terms that it may have first.
      const pieces = new Set(terms.map((term) => this.#firstPieceOf(text, term)));
      for (const piece of pieces) {
        if (piece === null) continue;
        const content = this.#contentOf(key, text, piece);
        if (content === null) throw new DamagedRowError('A piece of a text is missing.');
        const hits = hitsIn(content, terms);
        const count = termsWithHits(hits).size;
        if (count > (best?.terms ?? 0)) best = { passage: passageOf(content, hits), terms: count };
      }
      for (const [place, term] of terms.entries()) {
        if (inTitle.has(place) || !mustBeCompared(term)) continue;
        const found = this.#compared(key, text, term);
        if (found === null) return null;
        best ??= { passage: found, terms: 1 };
      }
    }
    return best?.passage ?? passageOf(title, titleHits);
  }

  /** The first piece that can have the whole term, or null for a term that is in the title alone. */
  #firstPieceOf(text: number, term: SearchTerm): number | null {
    let first: number | null = null;
    for (const { word, isPrefix } of lookupsOf(term)) {
      const row = isPrefix
        ? this.#sql.row(
            `SELECT min(first_piece) AS piece FROM (
               SELECT first_piece FROM search_words
               WHERE text = ?1 AND word >= ?2 AND word < ?2 || char(1114111) LIMIT ${BEGINNINGS_COUNTED})`,
            ...[text, word],
          )
        : this.#sql.row(
            'SELECT first_piece AS piece FROM search_words WHERE text = ? AND word = ?',
            ...[text, word],
          );
      const piece = row === null ? null : integerOrNullIn(row, 'piece');
      if (piece === null) return null;
      first = Math.max(first ?? 0, piece);
    }
    return first;
  }

  /** Looks the text through for a run of characters. Null when it is not there, else a passage with it. */
  #compared(key: number, text: number, term: SearchTerm): string | null {
    const from = this.#firstPieceOf(text, term);
    if (from === null) return null;
    for (let piece = from; piece < from + PIECES_COMPARED_MAX; piece += 1) {
      const content = this.#contentOf(key, text, piece);
      if (content === null) return null;
      const hits = hitsIn(content, [term]);
      if (hits.length > 0) return passageOf(content, hits);
    }
    return '';
  }

  /** Null behind the end. Throws {@link DamagedRowError} for what is not the document's: it has no other checksum. */
  #contentOf(key: number, text: number, piece: number): string | null {
    const row = this.#sql.row(
      columns('SELECT t:content, checksum FROM search_pieces WHERE place = ?'),
      text * PIECES_MAX + piece,
    );
    if (row === null) return null;
    const content = textIn(row, 'content');
    if (integerIn(row, 'checksum') !== checksumOfPiece(key, piece, content)) {
      throw new DamagedRowError('A piece of a text is not what was indexed.');
    }
    return content;
  }

  // --- Keeping up -------------------------------------------------------------------------------

  /**
   * Documents whose text is not in the index as it is in the log, at most `limit`, by id, after one of them.
   * From the beginning, what is left of deleted documents goes first.
   */
  behind(limit: number, after: DocumentId | null): readonly DocumentId[] {
    if (after === null) this.#forgetDeleted();
    return this.#sql
      .rows(
        columns(
          `SELECT t:document_keys.id FROM document_keys JOIN documents USING (document)
           LEFT JOIN search_documents USING (document)
           WHERE document_keys.id > ?1 AND coalesce(search_documents.version, 0) <> coalesce(
             (SELECT last_version FROM batches WHERE batches.document = documents.document
              ORDER BY first_version DESC LIMIT 1), 0)
           ORDER BY document_keys.id LIMIT ?2`,
        ),
        after ?? '',
        limit,
      )
      .map((row) => textIn(row, 'id') as DocumentId);
  }

  #forgetDeleted(): void {
    this.#sql.run(
      'DELETE FROM search_documents WHERE document NOT IN (SELECT document FROM documents)',
    );
  }

  /** Begins to put a text into the index: its number, or null when it is older than the known one. */
  beginText(documentId: string, version: number): number | null {
    const key = this.#log.existingKeyOf(documentId);
    const isThere = this.#sql.row('SELECT 1 FROM documents WHERE document = ?', key) !== null;
    if (key === null || !isThere || this.#isOlder(key, version)) return null;
    this.#sql.run('INSERT INTO search_texts (document, version) VALUES (?, ?)', key, version);
    const row = this.#sql.row('SELECT max(text) AS text FROM search_texts');
    const text = integerIn(row ?? {}, 'text');
    this.#putting.add(text);
    return text;
  }

  /** Adds a piece of the text; returns how many words it has. */
  addPiece(text: number, piece: number, content: string): number {
    if (piece >= PIECES_MAX) return 0;
    const counts = [...indexWordsOf(content)].sort(([one], [other]) => (one < other ? -1 : 1));
    const row = this.#sql.row('SELECT document FROM search_texts WHERE text = ?', text);
    this.#sql.run(
      'INSERT INTO search_pieces (place, content, checksum) VALUES (?, ?, ?)',
      ...[text * PIECES_MAX + piece, content],
      checksumOfPiece(integerIn(row ?? {}, 'document'), piece, content),
    );
    this.#sql.run(
      `INSERT INTO search_words (text, word, count, first_piece)
       SELECT ?1, value ->> 0, value ->> 1, ?2 FROM json_each(?3) WHERE true
       ON CONFLICT (text, word) DO UPDATE SET count = count + excluded.count`,
      ...[text, piece, JSON.stringify(counts)],
    );
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }

  /** Makes the completely indexed text visible to searches. */
  finishText(text: number, words: number): void {
    this.#putting.delete(text);
    this.#sql.run(
      `INSERT INTO search_documents (document, text, version, words)
       SELECT document, text, version, ?2 FROM search_texts JOIN documents USING (document) WHERE text = ?1
       ON CONFLICT (document) DO UPDATE SET
         text = excluded.text, version = excluded.version, words = excluded.words
       WHERE excluded.text > search_documents.text`,
      ...[text, words],
    );
  }

  /** Abandons a partly indexed text. */
  abandonText(text: number): void {
    this.#putting.delete(text);
  }

  /** Removes the text of a deleted document. */
  forget(documentId: string): void {
    const key = this.#log.existingKeyOf(documentId);
    this.#sql.run('DELETE FROM search_documents WHERE document = ?', key);
  }

  /** Removes a bounded number of rows without a document; returns whether there may be more. */
  prune(): boolean {
    const row = this.#sql.row(
      `SELECT min(text) AS text FROM search_texts
       WHERE text NOT IN (SELECT text FROM search_documents)
         AND text NOT IN (SELECT value FROM json_each(?))`,
      JSON.stringify([...this.#putting]),
    );
    const text = row === null ? null : integerOrNullIn(row, 'text');
    if (text === null) return false;
    const removed = this.#sql.run(
      `DELETE FROM search_words WHERE text = ?1 AND word IN (
         SELECT word FROM search_words WHERE text = ?1 LIMIT ${PRUNED_WORDS})`,
      text,
    );
    if (removed === PRUNED_WORDS) return true;
    this.#sql.run(
      'DELETE FROM search_pieces WHERE place >= ? AND place < ?',
      ...[text * PIECES_MAX, (text + 1) * PIECES_MAX],
    );
    this.#sql.run('DELETE FROM search_texts WHERE text = ?', text);
    return true;
  }

  /** An index that is ahead of the log is of a database that was replaced by an older one: it is not newer. */
  #isOlder(key: number, version: number): boolean {
    const row = this.#sql.row(
      `SELECT 1 FROM search_documents WHERE document = ?1 AND version > ?2 AND version <= coalesce(
         (SELECT last_version FROM batches WHERE document = ?1 ORDER BY first_version DESC LIMIT 1), 0)`,
      key,
      version,
    );
    return row !== null;
  }
}

/** Of the document too: a passage of another one, which the person may not read, must not be shown for it. */
export function checksumOfPiece(key: number, piece: number, content: string): number {
  return crc32(content, crc32(`${key} ${piece} `));
}
