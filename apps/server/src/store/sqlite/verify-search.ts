/** What `concord verify` asks of the search index: it is made anew when it is not what the texts in it give. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { indexWordsOf } from '../search/search-words.ts';
import { columns, integerIn, prepare, textIn, type Connection } from './rows.ts';
import { removeSearchFile, SEARCH_FILE } from './search-file.ts';
import { checksumOfPiece, PIECES_MAX } from './search-tables.ts';

/**
 * Removes an index that is damaged, so that the next start of the server makes it again.
 * @returns whether it was; the directory is locked by this process, and nothing searches
 */
export function removeDamagedSearchFile(dataDirectory: string): boolean {
  const path = join(dataDirectory, SEARCH_FILE);
  if (!existsSync(path) || isSound(path)) return false;
  removeSearchFile(path);
  return true;
}

function isSound(path: string): boolean {
  try {
    const connection = new Database(path);
    try {
      const sql = columns('SELECT t:integrity_check FROM pragma_integrity_check(1)');
      const [row = {}] = prepare(connection, sql).all([]);
      if (textIn(row, 'integrity_check') !== 'ok') return false;
      return prepare(connection, 'SELECT document, text, words FROM search_documents')
        .all([])
        .every((each) => isSoundText(connection, each));
    } finally {
      connection.close();
    }
  } catch {
    // Whatever keeps it from being read: it can be made again.
    return false;
  }
}

/** The pieces have their checksums, and the words are those of the pieces. */
function isSoundText(connection: Connection, document: Record<string, unknown>): boolean {
  const key = integerIn(document, 'document');
  const text = integerIn(document, 'text');
  const expected = new Map<string, { count: number; first: number }>();
  let words = 0;
  const pieces = prepare(
    connection,
    columns(
      `SELECT place - ?1 AS piece, t:content, checksum FROM search_pieces
       WHERE place >= ?1 AND place < ?1 + ${PIECES_MAX} ORDER BY place`,
    ),
  ).all([text * PIECES_MAX]);
  for (const [place, row] of pieces.entries()) {
    const piece = integerIn(row, 'piece');
    const content = textIn(row, 'content');
    if (piece !== place) return false;
    if (integerIn(row, 'checksum') !== checksumOfPiece(key, piece, content)) return false;
    for (const [word, count] of indexWordsOf(content)) {
      const known = expected.get(word);
      expected.set(word, { count: count + (known?.count ?? 0), first: known?.first ?? piece });
      words += count;
    }
  }
  if (integerIn(document, 'words') !== words) return false;
  const rows = prepare(
    connection,
    columns('SELECT t:word, count, first_piece FROM search_words WHERE text = ?'),
  ).all([text]);
  return (
    rows.length === expected.size &&
    rows.every((row) => {
      const word = expected.get(textIn(row, 'word'));
      return word?.count === row['count'] && word?.first === row['first_piece'];
    })
  );
}
