/** Signing keys, in SQLite. */
import { randomBytes } from 'node:crypto';
import {
  FIRST_KEY_ID,
  type SigningKeyRecord,
  type SigningKeyRepository,
} from '../ports/signing-key-store.ts';
import { bytesIn, integerIn, integerOrNullIn, textIn, type Statements } from './rows.ts';
import { proven, provenRows } from './second-copies.ts';
import type { SessionTables } from './session-tables.ts';

const KEY_BYTES = 32;

type NewKeys = Parameters<SigningKeyRepository['rotate']>[0];

const selectKeys = proven(
  'signing_keys',
  't:copy.purpose, t:copy.kid, copy.value, copy.created_at, copy.retired_at',
  '1 ORDER BY copy.retired_at IS NOT NULL, copy.retired_at DESC',
);

export class SigningKeyTables {
  readonly #sql: Statements;
  readonly #sessions: SessionTables;

  constructor(sql: Statements, sessions: SessionTables) {
    this.#sql = sql;
    this.#sessions = sessions;
  }

  list(): readonly SigningKeyRecord[] {
    const rows = provenRows(this.#sql, selectKeys);
    return rows.map((row) => ({
      purpose: textIn(row, 'purpose'),
      kid: textIn(row, 'kid'),
      // Copied: a Buffer may be a view into a shared pool, which must not be posted to another thread.
      value: Uint8Array.from(bytesIn(row, 'value')),
      createdAt: integerIn(row, 'created_at'),
      retiredAt: integerOrNullIn(row, 'retired_at'),
    }));
  }

  begin(purposes: readonly string[], at: number): void {
    for (const purpose of purposes) {
      if (this.#sql.row('SELECT 1 FROM signing_keys WHERE purpose = ?', purpose) !== null) continue;
      // The secret of older releases, which stays until it is deleted.
      this.#insert(purpose, FIRST_KEY_ID, this.#sessions.secret(purpose), at);
    }
  }

  rotate(keys: NewKeys, at: number, endsFormer: boolean): number {
    for (const { purpose, kid } of keys) {
      if (endsFormer) {
        this.#sql.run('DELETE FROM signing_keys WHERE purpose = ?', purpose);
        this.#sql.run('DELETE FROM secrets WHERE name = ?', purpose);
      } else {
        this.#sql.run(
          'UPDATE signing_keys SET retired_at = ? WHERE purpose = ? AND retired_at IS NULL',
          ...[at, purpose],
        );
      }
      this.#insert(purpose, kid, randomBytes(KEY_BYTES), at);
    }
    return endsFormer ? this.#sql.run('DELETE FROM auth_sessions') : 0;
  }

  removeRetired(purpose: string, before: number): void {
    this.#sql.run(
      `DELETE FROM secrets WHERE name = ?1 AND EXISTS (
         SELECT 1 FROM signing_keys WHERE purpose = ?1 AND kid = '${FIRST_KEY_ID}' AND retired_at < ?2)`,
      ...[purpose, before],
    );
    this.#sql.run(
      'DELETE FROM signing_keys WHERE purpose = ? AND retired_at < ?',
      ...[purpose, before],
    );
  }

  #insert(purpose: string, kid: string, value: Uint8Array, at: number): void {
    this.#sql.run(
      'INSERT INTO signing_keys (purpose, kid, value, created_at) VALUES (?, ?, ?, ?)',
      ...[purpose, kid, value, at],
    );
  }
}
