/** Fills the tables of a database file with the records of a transfer. */
import type { AnyRecord, RecordOf, SectionName } from '../../ports/transfer-store.ts';
import { batchOfRecord, lastOfEach } from '../../transfer/batch-records.ts';
import { integerIn, Statements, type Connection, type SqlValue } from '../rows.ts';
import { NO_ANSWER } from './sqlite-source.ts';
import { columnOf, tableSections, valuesOf } from './transfer-tables.ts';

/** All within a transaction of the caller. */
export class SqliteTarget {
  readonly #sql: Statements;

  constructor(connection: Connection) {
    this.#sql = new Statements(connection);
  }

  /** See `TransferTarget`. Throws CorruptionError for a damaged batch. */
  write<S extends SectionName>(section: S, records: readonly RecordOf<S>[]): void {
    for (const record of records) this.#writeOne(section, record);
  }

  #writeOne(section: SectionName, record: AnyRecord): void {
    switch (section) {
      case 'documents':
        return this.#document(record as RecordOf<'documents'>);
      case 'keptAnswers':
        return this.#keptAnswer(record as RecordOf<'keptAnswers'>);
      case 'retentionTime': {
        const { creditedAt, wallAt } = record as RecordOf<'retentionTime'>;
        return this.#insert('retention_time', ['only', 'credited_at', 'wall_at'], [1, creditedAt, wallAt]); // prettier-ignore
      }
      case 'linkOpenings': {
        const { linkId } = record as RecordOf<'linkOpenings'>;
        if (this.#sql.row('SELECT 1 AS known FROM share_links WHERE id = ?', linkId) === null)
          return;
        return this.#row(section, record);
      }
      case 'batches':
        return this.#batch(record as RecordOf<'batches'>);
      case 'formerAccounts':
        return this.#formerAccount(record as RecordOf<'formerAccounts'>);
      case 'removedDocuments':
        return this.#removedDocument(record as RecordOf<'removedDocuments'>);
      default:
        return this.#row(section, record);
    }
  }

  /** One row of one table; of a document that is not there, none. */
  #row(section: SectionName, record: AnyRecord): void {
    const table = tableSections[section];
    const columns = Object.keys(table.fields).map((field) => columnOf(table, field));
    const values = valuesOf(table, record);
    if (!table.hasDocument) return this.#insert(table.table, columns, values);
    const key = this.#existingKey((record as { readonly documentId: string }).documentId);
    if (key !== null) this.#insert(table.table, ['document', ...columns], [key, ...values]);
  }

  #insert(table: string, columns: readonly string[], values: readonly SqlValue[]): void {
    this.#sql.run(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT DO NOTHING`,
      ...values,
    );
  }

  #document(record: RecordOf<'documents'>): void {
    const key = this.#keyOf(record.documentId);
    const table = tableSections.documents;
    const columns = Object.keys(table.fields).map((field) => columnOf(table, field));
    this.#insert('documents', ['document', ...columns], [key, ...valuesOf(table, record)]);
    for (const { userId, role } of record.people) {
      this.#insert('grants', ['document', 'user_id', 'role'], [key, userId, role]);
    }
    for (const { renameId, titleVersion } of record.renames) {
      this.#insert('renames', ['document', 'rename_id', 'title_version'], [key, renameId, titleVersion]); // prettier-ignore
    }
  }

  #keptAnswer({ key, requestHash, at, answer }: RecordOf<'keptAnswers'>): void {
    const { status, headers, body } = answer ?? { status: NO_ANSWER, headers: {}, body: '' };
    this.#insert(
      'kept_answers',
      ['key', 'request_hash', 'at', 'status', 'headers', 'body'],
      [key, requestHash, at, status, JSON.stringify(headers), body],
    );
  }

  #batch(record: RecordOf<'batches'>): void {
    const key = this.#existingKey(record.documentId);
    if (key === null) return;
    const { firstVersion, lastVersion, checksum, payload } = record;
    const batch = batchOfRecord(record);
    this.#insert(
      'batches',
      ['document', 'first_version', 'last_version', 'payload', 'checksum'],
      [key, firstVersion, lastVersion, Buffer.from(payload), checksum],
    );
    for (const { operation, version } of lastOfEach(batch)) {
      this.#sql.run(
        `INSERT INTO client_positions (document, client, author, version) VALUES (?, ?, ?, ?)
         ON CONFLICT (document, client, author) DO UPDATE SET version = max(version, excluded.version)`,
        ...[key, operation.clientId, operation.author, version],
      );
    }
  }

  #formerAccount({ userId }: RecordOf<'formerAccounts'>): void {
    for (const table of ['accounts', 'auth_sessions', 'api_tokens']) {
      this.#sql.run(`DELETE FROM ${table} WHERE user_id = ?`, userId);
    }
    this.#insert('former_accounts', ['user_id'], [userId]);
  }

  #removedDocument({ documentId }: RecordOf<'removedDocuments'>): void {
    const key = this.#keyOf(documentId);
    this.#sql.run(
      'DELETE FROM link_openings WHERE link IN (SELECT id FROM share_links WHERE document = ?)',
      key,
    );
    for (const table of [
      ...['batches', 'client_positions', 'checkpoints', 'documents', 'grants', 'renames'],
      ...['share_links', 'library', 'storage_usage', 'document_invitations'],
    ]) {
      this.#sql.run(`DELETE FROM ${table} WHERE document = ?`, key);
    }
    this.#insert('removed_documents', ['document'], [key]);
  }

  #keyOf(documentId: string): number {
    this.#sql.run('INSERT INTO document_keys (id) VALUES (?) ON CONFLICT DO NOTHING', documentId);
    const row = this.#sql.row('SELECT document FROM document_keys WHERE id = ?', documentId);
    return integerIn(row ?? {}, 'document');
  }

  #existingKey(documentId: string): number | null {
    const row = this.#sql.row(
      'SELECT k.document FROM document_keys AS k JOIN documents USING (document) WHERE k.id = ?',
      documentId,
    );
    return row === null ? null : integerIn(row, 'document');
  }
}
