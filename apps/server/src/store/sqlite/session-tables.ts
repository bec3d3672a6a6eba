/** Auth sessions, API tokens, kept answers and secrets, in SQLite. */
import { randomBytes } from 'node:crypto';
import { tokenScopes, type TokenScope } from '@concord/protocol/plain';
import type {
  ApiTokenRecord,
  AuthSessionRecord,
  BegunRequest,
  KeptAnswer,
  Rotation,
} from '../ports/account-store.ts';
import {
  bytesIn,
  columns,
  DamagedRowError,
  integerIn,
  integerOrNullIn,
  textIn,
  textOrNullIn,
  type Row,
  type Statements,
} from './rows.ts';
import { isProven, proven, provenRow } from './second-copies.ts';

const selectSession = columns(
  `SELECT t:id, t:auth_sessions.user_id, t:token_hash, t:former_token_hash, t:attempt_hash, rotated_at,
          auth_sessions.created_at, last_used_at, expires_at, proven_at, t:user_agent, t:address
   FROM auth_sessions`,
);
const selectToken = columns(
  `SELECT t:id, t:api_tokens.user_id, t:label, t:token_hash, t:scopes, api_tokens.created_at,
          last_used_at, expires_at
   FROM api_tokens`,
);
const selectOneSession = proven(
  'auth_sessions',
  't:copy.id, t:copy.user_id, t:copy.token_hash, t:copy.former_token_hash, t:copy.attempt_hash, ' +
    'copy.rotated_at, copy.created_at, copy.last_used_at, copy.expires_at, copy.proven_at, ' +
    't:copy.user_agent, t:copy.address',
  'copy.id = ?',
);
/** Only of an enabled account. */
const selectTokenOfHash = proven(
  'api_tokens',
  't:copy.id, t:copy.user_id, t:copy.label, t:copy.token_hash, t:copy.scopes, copy.created_at, ' +
    'own.last_used_at, copy.expires_at',
  `copy.id = (SELECT id FROM api_tokens WHERE token_hash = ?1) AND copy.token_hash = ?1
   AND EXISTS (SELECT 1 FROM accounts WHERE accounts.user_id = copy.user_id AND disabled_at IS NULL
               AND ${isProven('accounts', 'accounts')})`,
);
/** Those of a list of ids whose account is enabled. */
const aliveIn = (table: 'auth_sessions' | 'api_tokens'): string =>
  columns(
    `SELECT t:${table}.id FROM json_each(?1) JOIN ${table} ON ${table}.id = json_each.value
     JOIN accounts USING (user_id)
     WHERE disabled_at IS NULL AND ${isProven('accounts', 'accounts')} AND ${isProven(table, table)}`,
  );

const selectSecret = proven('secrets', 'copy.value', 'copy.name = ?');

/** Status of a started request without an answer. */
const NO_ANSWER = 0;

export class SessionTables {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  // --- Auth sessions ----------------------------------------------------------------------------

  session(id: string): AuthSessionRecord | null {
    const row = provenRow(this.#sql, selectOneSession, id);
    return row === null ? null : sessionOf(row);
  }

  sessionsOf(userId: string): readonly AuthSessionRecord[] {
    return this.#sql
      .rows(`${selectSession} WHERE user_id = ? ORDER BY last_used_at DESC, id`, userId)
      .map(sessionOf);
  }

  aliveSessions(ids: readonly string[]): ReadonlySet<string> {
    const rows = this.#sql.rows(aliveIn('auth_sessions'), JSON.stringify(ids));
    return new Set(rows.map((row) => textIn(row, 'id')));
  }

  createSession(session: AuthSessionRecord): void {
    this.#sql.run(
      `INSERT INTO auth_sessions
         (id, user_id, token_hash, former_token_hash, attempt_hash, rotated_at, created_at,
          last_used_at, expires_at, proven_at, user_agent, address)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[session.id, session.userId, session.tokenHash, session.formerTokenHash],
      ...[session.attemptHash, session.rotatedAt, session.createdAt, session.lastUsedAt],
      ...[session.expiresAt, session.provenAt, session.userAgent, session.address],
    );
  }

  rotateSession(id: string, rotation: Rotation): boolean {
    const { fromHash, toHash, attemptHash, at, expiresAt, userAgent, address } = rotation;
    const rotated = this.#sql.run(
      `UPDATE auth_sessions SET
         former_token_hash = token_hash, token_hash = ?, attempt_hash = ?, rotated_at = ?,
         last_used_at = ?, expires_at = ?, user_agent = ?, address = ?
       WHERE id = ? AND token_hash = ?`,
      ...[toHash, attemptHash, at, at, expiresAt, userAgent, address, id, fromHash],
    );
    return rotated > 0;
  }

  sessionProven(id: string, at: number): void {
    this.#sql.run('UPDATE auth_sessions SET proven_at = ? WHERE id = ?', at, id);
  }

  endSession(id: string): void {
    this.#sql.run('DELETE FROM auth_sessions WHERE id = ?', id);
  }

  endSessionsOf(userId: string, exceptId: string | null): void {
    this.#sql.run('DELETE FROM auth_sessions WHERE user_id = ? AND id IS NOT ?', userId, exceptId);
  }

  removeExpiredSessions(now: number): void {
    this.#sql.run('DELETE FROM auth_sessions WHERE expires_at <= ?', now);
  }

  // --- API tokens -------------------------------------------------------------------------------

  tokenOfHash(tokenHash: string): ApiTokenRecord | null {
    const row = provenRow(this.#sql, selectTokenOfHash, tokenHash);
    return row === null ? null : tokenOf(row);
  }

  tokensOf(userId: string): readonly ApiTokenRecord[] {
    return this.#sql
      .rows(`${selectToken} WHERE user_id = ? ORDER BY created_at, id`, userId)
      .map(tokenOf);
  }

  aliveTokens(ids: readonly string[], now: number): ReadonlySet<string> {
    const rows = this.#sql.rows(
      `${aliveIn('api_tokens')} AND (expires_at IS NULL OR expires_at > ?2)`,
      JSON.stringify(ids),
      now,
    );
    return new Set(rows.map((row) => textIn(row, 'id')));
  }

  createToken(token: ApiTokenRecord): void {
    this.#sql.run(
      `INSERT INTO api_tokens
         (id, user_id, label, token_hash, scopes, created_at, last_used_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[token.id, token.userId, token.label, token.tokenHash, token.scopes.join(' ')],
      ...[token.createdAt, token.lastUsedAt, token.expiresAt],
    );
  }

  removeToken(userId: string, id: string): boolean {
    return this.#sql.run('DELETE FROM api_tokens WHERE user_id = ? AND id = ?', userId, id) > 0;
  }

  tokenUsed(id: string, at: number): void {
    this.#sql.run('UPDATE api_tokens SET last_used_at = ? WHERE id = ?', at, id);
  }

  // --- Kept answers and secrets -----------------------------------------------------------------

  answer(key: string): KeptAnswer | null {
    const row = this.#sql.row(
      columns('SELECT t:request_hash, status, t:headers, t:body, at FROM kept_answers WHERE key = ?'), // prettier-ignore
      key,
    );
    if (row === null || integerIn(row, 'status') === NO_ANSWER) return null;
    return {
      requestHash: textIn(row, 'request_hash'),
      status: integerIn(row, 'status'),
      headers: JSON.parse(textIn(row, 'headers')) as KeptAnswer['headers'],
      body: textIn(row, 'body'),
      at: integerIn(row, 'at'),
    };
  }

  beginRequest(key: string, { requestHash, at }: BegunRequest, newerThan: number): BegunRequest {
    this.#sql.run(
      `INSERT INTO kept_answers (key, request_hash, status, headers, body, at)
       VALUES (?1, ?2, ${NO_ANSWER}, '{}', '', ?3) ON CONFLICT (key) DO UPDATE SET
         request_hash = excluded.request_hash, status = excluded.status,
         headers = excluded.headers, body = excluded.body, at = excluded.at
       WHERE kept_answers.at <= ?4`,
      ...[key, requestHash, at, newerThan],
    );
    const row = this.#sql.row(
      columns('SELECT t:request_hash, at FROM kept_answers WHERE key = ?'),
      key,
    );
    return { requestHash: textIn(row ?? {}, 'request_hash'), at: integerIn(row ?? {}, 'at') };
  }

  keepAnswer(key: string, { requestHash, status, headers, body, at }: KeptAnswer): void {
    this.#sql.run(
      `INSERT INTO kept_answers (key, request_hash, status, headers, body, at)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
         request_hash = excluded.request_hash, status = excluded.status,
         headers = excluded.headers, body = excluded.body, at = excluded.at`,
      ...[key, requestHash, status, JSON.stringify(headers), body, at],
    );
  }

  removeAnswersBefore(at: number): void {
    this.#sql.run('DELETE FROM kept_answers WHERE at < ?', at);
  }

  /** A write, because the first call creates the secret. */
  secret(name: string): Uint8Array {
    this.#sql.run(
      'INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING',
      name,
      randomBytes(32),
    );
    // Copied: a Buffer may be a view into a shared pool, which must not be posted to another thread.
    return Uint8Array.from(bytesIn(provenRow(this.#sql, selectSecret, name) ?? {}, 'value'));
  }
}

function sessionOf(row: Row): AuthSessionRecord {
  return {
    id: textIn(row, 'id'),
    userId: textIn(row, 'user_id'),
    tokenHash: textIn(row, 'token_hash'),
    formerTokenHash: textOrNullIn(row, 'former_token_hash'),
    attemptHash: textOrNullIn(row, 'attempt_hash'),
    rotatedAt: integerIn(row, 'rotated_at'),
    createdAt: integerIn(row, 'created_at'),
    lastUsedAt: integerIn(row, 'last_used_at'),
    expiresAt: integerIn(row, 'expires_at'),
    provenAt: integerIn(row, 'proven_at'),
    userAgent: textIn(row, 'user_agent'),
    address: textIn(row, 'address'),
  };
}

function tokenOf(row: Row): ApiTokenRecord {
  return {
    id: textIn(row, 'id'),
    userId: textIn(row, 'user_id'),
    label: textIn(row, 'label'),
    tokenHash: textIn(row, 'token_hash'),
    scopes: textIn(row, 'scopes').split(' ').filter(Boolean).map(scopeOf),
    createdAt: integerIn(row, 'created_at'),
    lastUsedAt: integerOrNullIn(row, 'last_used_at'),
    expiresAt: integerOrNullIn(row, 'expires_at'),
  };
}

function scopeOf(word: string): TokenScope {
  const scope = tokenScopes.find((each) => each === word);
  if (scope === undefined) throw new DamagedRowError('Column scopes does not hold scopes.');
  return scope;
}
