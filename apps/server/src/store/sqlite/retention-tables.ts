/** The retention time, in SQLite. */
import type { RetentionTime } from '../retention-time.ts';
import { integerIn, integerOrNullIn, type Statements } from './rows.ts';

export class RetentionTables {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  time(): RetentionTime | null {
    const row = this.#sql.row('SELECT credited_at, wall_at FROM retention_time');
    if (row === null) return null;
    return { creditedAt: integerIn(row, 'credited_at'), wallAt: integerIn(row, 'wall_at') };
  }

  setTime({ creditedAt, wallAt }: RetentionTime): void {
    this.#sql.run(
      `INSERT INTO retention_time (only, credited_at, wall_at) VALUES (1, ?, ?)
       ON CONFLICT (only) DO UPDATE SET credited_at = excluded.credited_at, wall_at = excluded.wall_at`,
      Math.round(creditedAt),
      Math.round(wallAt),
    );
  }

  newestRecordAt(): number | null {
    const row = this.#sql.row(
      `SELECT max(at) AS at FROM (
         SELECT max(max(created_at, updated_at, coalesce(trashed_at, 0))) AS at FROM documents
         UNION ALL SELECT max(last_used_at) FROM auth_sessions
         UNION ALL SELECT max(created_at) FROM accounts
         UNION ALL SELECT max(at) FROM kept_answers)`,
    );
    return row === null ? null : integerOrNullIn(row, 'at');
  }
}
