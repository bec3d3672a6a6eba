/** The search index (FTS5): titles and texts of documents. */
import type { DocumentId } from '@concord/protocol';
import type { LogTables } from './log-tables.ts';
import { columns, textIn, type Statements } from './rows.ts';

export class SearchTables {
  readonly #sql: Statements;
  readonly #log: LogTables;

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  behind(limit: number): readonly DocumentId[] {
    return this.#sql
      .rows(
        columns(
          `SELECT t:document_keys.id FROM documents JOIN document_keys USING (document)
           LEFT JOIN indexed_texts USING (document)
           WHERE coalesce(indexed_texts.version, -1) < coalesce(
             (SELECT last_version FROM batches WHERE batches.document = documents.document
              ORDER BY first_version DESC LIMIT 1), 0)
           LIMIT ?`,
        ),
        limit,
      )
      .map((row) => textIn(row, 'id') as DocumentId);
  }

  put(documentId: string, version: number, text: string): void {
    const key = this.#log.existingKeyOf(documentId);
    const newer = this.#sql.run(
      `INSERT INTO indexed_texts (document, version) SELECT document, ? FROM documents WHERE document = ?
       ON CONFLICT (document) DO UPDATE SET version = excluded.version
       WHERE excluded.version >= indexed_texts.version`,
      version,
      key,
    );
    if (newer === 0) return;
    this.#sql.run('DELETE FROM search WHERE rowid = ?', key);
    this.#sql.run(
      'INSERT INTO search (rowid, title, body) SELECT document, title, ? FROM documents WHERE document = ?',
      text,
      key,
    );
  }

  /** A new title is found at once; a text that is not in the index yet brings its title along. */
  retitle(key: number, title: string): void {
    this.#sql.run('UPDATE search SET title = ? WHERE rowid = ?', title, key);
  }

  remove(key: number): void {
    this.#sql.run('DELETE FROM search WHERE rowid = ?', key);
    this.#sql.run('DELETE FROM indexed_texts WHERE document = ?', key);
  }
}
