/** Storage usage per person, in SQLite: bytes by author and document, documents by creator. */
import type { StorageCharge, StorageDay, StorageUsage } from '../ports/store.ts';
import type { LogTables } from './log-tables.ts';
import { columns, integerIn, textIn, type Statements } from './rows.ts';

export class UsageTables {
  readonly #sql: Statements;
  readonly #log: LogTables;

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  of(userId: string): StorageUsage {
    const row = this.#sql.row(
      `SELECT (SELECT count(*) FROM documents WHERE created_by = ?1) AS documents,
              (SELECT coalesce(sum(bytes), 0) FROM storage_usage WHERE user_id = ?1) AS bytes`,
      userId,
    );
    return { documents: integerIn(row ?? {}, 'documents'), bytes: integerIn(row ?? {}, 'bytes') };
  }

  days(): readonly StorageDay[] {
    return this.#sql
      .rows(columns('SELECT t:bucket, bytes, at FROM storage_days ORDER BY at, bucket'))
      .map((row) => ({
        bucket: textIn(row, 'bucket'),
        bytes: integerIn(row, 'bytes'),
        at: integerIn(row, 'at'),
      }));
  }

  keepDays(days: readonly StorageDay[], before: number): void {
    for (const { bucket, bytes, at } of days) {
      this.#sql.run(
        `INSERT INTO storage_days (bucket, bytes, at) VALUES (?, ?, ?)
         ON CONFLICT (bucket) DO UPDATE SET bytes = excluded.bytes, at = excluded.at`,
        ...[bucket, Math.ceil(bytes), Math.floor(at)],
      );
    }
    this.#sql.run('DELETE FROM storage_days WHERE at < ?', before);
  }

  charge(charges: readonly StorageCharge[]): void {
    for (const { userId, documentId, bytes } of charges) {
      this.#sql.run(
        `INSERT INTO storage_usage (user_id, document, bytes)
         SELECT ?1, document, ?3 FROM documents WHERE document = ?2
         ON CONFLICT (user_id, document) DO UPDATE SET bytes = bytes + excluded.bytes`,
        ...[userId, this.#log.existingKeyOf(documentId), Math.ceil(bytes)],
      );
    }
  }
}
