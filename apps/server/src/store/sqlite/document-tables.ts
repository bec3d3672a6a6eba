/** Documents, people and checkpoints in SQLite: everything but the log. */
import type { DocumentId } from '@concord/protocol';
import { DuplicateDocumentError, type Checkpoint, type DocumentRecord } from '../store.ts';
import { checksumOf, corruptionOf } from './batch-codec.ts';
import type { LogTables } from './log-tables.ts';
import {
  bytesIn,
  integerIn,
  prepare,
  textIn,
  type Connection,
  type Row,
  type Statement,
} from './rows.ts';

const selectDocument = `
  SELECT CAST(document_keys.id AS BLOB) AS id, CAST(title AS BLOB) AS title,
         CAST(created_by AS BLOB) AS created_by, created_at, updated_at
  FROM documents JOIN document_keys USING (document)`;

export class DocumentTables {
  readonly #log: LogTables;
  readonly #create: Statement;
  readonly #rename: Statement;
  readonly #visit: Statement;
  readonly #setName: Statement;
  readonly #writeCheckpoint: Statement;
  readonly #selectDocument: Statement;
  readonly #selectDocumentsOf: Statement;
  readonly #selectIds: Statement;
  readonly #selectName: Statement;
  readonly #selectCheckpoint: Statement;

  constructor(connection: Connection, log: LogTables) {
    this.#log = log;
    this.#create = prepare(
      connection,
      `INSERT INTO documents (document, title, created_by, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#rename = prepare(
      connection,
      'UPDATE documents SET title = ?, updated_at = ? WHERE document = ?',
    );
    this.#visit = prepare(
      connection,
      `INSERT INTO visits (user_id, document, visited_at)
       SELECT ?, document, ? FROM documents WHERE document = ?
       ON CONFLICT (user_id, document) DO UPDATE SET visited_at = excluded.visited_at`,
    );
    this.#setName = prepare(
      connection,
      `INSERT INTO people (user_id, name) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET name = excluded.name`,
    );
    this.#writeCheckpoint = prepare(
      connection,
      `INSERT INTO checkpoints
         (document, version, compressed_text, compressed_checksum, text_checksum, length_code_points)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (document) DO UPDATE SET
         version = excluded.version, compressed_text = excluded.compressed_text,
         compressed_checksum = excluded.compressed_checksum,
         text_checksum = excluded.text_checksum, length_code_points = excluded.length_code_points
       WHERE excluded.version > checkpoints.version`,
    );
    this.#selectDocument = prepare(connection, `${selectDocument} WHERE document_keys.id = ?`);
    this.#selectDocumentsOf = prepare(
      connection,
      `${selectDocument}
       WHERE document IN (SELECT document FROM documents WHERE created_by = ?1
                          UNION SELECT document FROM visits WHERE user_id = ?1)
       ORDER BY updated_at DESC, document_keys.id LIMIT ?2`,
    );
    this.#selectIds = prepare(
      connection,
      `SELECT CAST(id AS BLOB) AS id FROM documents JOIN document_keys USING (document) ORDER BY document_keys.id`,
    );
    this.#selectName = prepare(
      connection,
      'SELECT CAST(name AS BLOB) AS name FROM people WHERE user_id = ?',
    );
    this.#selectCheckpoint = prepare(
      connection,
      `SELECT version, CAST(compressed_text AS BLOB) AS compressed_text, compressed_checksum,
              text_checksum, length_code_points
       FROM checkpoints WHERE document = ?`,
    );
  }

  create(record: DocumentRecord): void {
    const { id, title, createdBy, createdAt, updatedAt } = record;
    const key = this.#log.keyOf(id);
    if (this.#create.run([key, title, createdBy, createdAt, updatedAt]).changes === 0) {
      throw new DuplicateDocumentError(`Document ${id} exists already.`);
    }
  }

  rename(id: string, title: string, updatedAt: number): void {
    const key = this.#log.existingKeyOf(id);
    if (key !== null) this.#rename.run([title, updatedAt, key]);
  }

  recordVisit(userId: string, id: string, at: number): void {
    const key = this.#log.existingKeyOf(id);
    if (key !== null) this.#visit.run([userId, at, key]);
  }

  setName(userId: string, name: string): void {
    this.#setName.run([userId, name]);
  }

  writeCheckpoint(documentId: string, checkpoint: Checkpoint): void {
    const { version, compressedText, checksum, lengthCodePoints } = checkpoint;
    this.#writeCheckpoint.run([
      this.#log.keyOf(documentId),
      version,
      compressedText,
      checksumOf(compressedText),
      checksum,
      lengthCodePoints,
    ]);
  }

  document(id: string): DocumentRecord | null {
    const row = this.#selectDocument.get([id]);
    return row === undefined ? null : recordOf(row);
  }

  documentsOf(userId: string, limit: number): readonly DocumentRecord[] {
    return this.#selectDocumentsOf.all([userId, limit]).map(recordOf);
  }

  ids(): readonly DocumentId[] {
    return this.#selectIds.all([]).map((row) => textIn(row, 'id') as DocumentId);
  }

  nameOf(userId: string): string | null {
    const row = this.#selectName.get([userId]);
    return row === undefined ? null : textIn(row, 'name');
  }

  checkpoint(documentId: string): Checkpoint | null {
    const key = this.#log.existingKeyOf(documentId);
    const row = key === null ? undefined : this.#selectCheckpoint.get([key]);
    if (row === undefined) return null;
    const version = integerIn(row, 'version');
    const compressedText = bytesIn(row, 'compressed_text');
    if (checksumOf(compressedText) !== integerIn(row, 'compressed_checksum')) {
      throw corruptionOf(documentId, `its checkpoint at version ${version}`);
    }
    return {
      version,
      compressedText,
      checksum: integerIn(row, 'text_checksum'),
      lengthCodePoints: integerIn(row, 'length_code_points'),
    };
  }
}

function recordOf(row: Row): DocumentRecord {
  return {
    id: textIn(row, 'id') as DocumentId,
    title: textIn(row, 'title'),
    createdBy: textIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    updatedAt: integerIn(row, 'updated_at'),
  };
}
