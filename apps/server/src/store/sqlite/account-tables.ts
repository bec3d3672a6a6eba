/** Accounts and account invitations, in SQLite. */
import { endsAdministration } from '../core/last-administrator.ts';
import {
  DuplicateAccountError,
  InvitationError,
  LastAdministratorError,
  type AccountChange,
  type AccountRecord,
  type InvitationRecord,
} from '../ports/account-store.ts';
import type { DocumentTables } from './document-tables.ts';
import {
  columns,
  integerIn,
  integerOrNullIn,
  textIn,
  textOrNullIn,
  type Row,
  type SqlValue,
  type Statements,
} from './rows.ts';
import { proven, provenRow } from './second-copies.ts';

const accountColumns =
  't:copy.user_id, t:copy.user_name, t:copy.email, t:copy.password_hash, t:copy.subject, copy.is_admin, ' +
  'copy.created_at, copy.disabled_at';
const accountBy = (column: string): string =>
  proven(
    'accounts',
    accountColumns,
    `copy.user_id = (SELECT user_id FROM accounts WHERE ${column} = ?1) AND copy.${column} = ?1`,
  );
const selectOneAccount = proven('accounts', accountColumns, 'copy.user_id = ?');
const selectAccountBy = {
  email: accountBy('email'),
  user_name: accountBy('user_name'),
  subject: accountBy('subject'),
};
const selectInvitationOfHash = proven(
  'invitations',
  't:copy.id, t:copy.token_hash, t:copy.label, copy.is_admin, t:copy.created_by, copy.created_at, ' +
    'copy.expires_at, t:copy.used_by',
  `copy.id = (SELECT id FROM invitations WHERE token_hash = ?1) AND copy.token_hash = ?1
   AND copy.used_by IS NULL`,
);
const selectAccount = columns(
  `SELECT t:user_id, t:user_name, t:email, t:password_hash, t:subject, is_admin, created_at, disabled_at
   FROM accounts`,
);
const selectInvitation = columns(
  `SELECT t:id, t:token_hash, t:label, is_admin, t:created_by, created_at, expires_at, t:used_by
   FROM invitations`,
);
/** Unique ones, each with the name of its field. */
const uniqueFields = [
  ['user_id', 'userId'],
  ['user_name', 'userName'],
  ['email', 'email'],
  ['subject', 'subject'],
] as const;

export class AccountTables {
  readonly #sql: Statements;
  readonly #documents: DocumentTables;

  constructor(sql: Statements, documents: DocumentTables) {
    this.#sql = sql;
    this.#documents = documents;
  }

  // --- Reads ------------------------------------------------------------------------------------

  get(userId: string): AccountRecord | null {
    return this.#account(selectOneAccount, userId);
  }
  ofLogin(login: string): AccountRecord | null {
    return this.#account(selectAccountBy[login.includes('@') ? 'email' : 'user_name'], login);
  }
  ofSubject(subject: string): AccountRecord | null {
    return this.#account(selectAccountBy.subject, subject);
  }

  isTaken(userId: string): boolean {
    const row = this.#sql.row(
      `SELECT 1 FROM accounts WHERE user_id = ?1
       UNION ALL SELECT 1 FROM former_accounts WHERE user_id = ?1`,
      userId,
    );
    return row !== null;
  }

  list(afterUserName: string, limit: number): readonly AccountRecord[] {
    return this.#sql
      .rows(`${selectAccount} WHERE user_name > ? ORDER BY user_name LIMIT ?`, afterUserName, limit)
      .map(accountOf);
  }

  adminCount(): number {
    const sql = 'SELECT count(*) AS count FROM accounts WHERE is_admin = 1 AND disabled_at IS NULL';
    return integerIn(this.#sql.row(sql) ?? {}, 'count');
  }

  invitations(): readonly InvitationRecord[] {
    return this.#sql.rows(`${selectInvitation} ORDER BY created_at DESC, id`).map(invitationOf);
  }

  invitationOfHash(tokenHash: string): InvitationRecord | null {
    const row = provenRow(this.#sql, selectInvitationOfHash, tokenHash);
    return row === null ? null : invitationOf(row);
  }

  // --- Writes -----------------------------------------------------------------------------------

  create(
    account: AccountRecord,
    invitation: { hash: string; now: number } | null,
    name: string | null = null,
  ): void {
    const { userId, userName, email, passwordHash, subject, isAdmin, createdAt } = account;
    this.#requireFree([userId, userName, email, subject], null);
    if (this.isTaken(userId)) throw new DuplicateAccountError('userId');
    if (invitation !== null) {
      const used = this.#sql.run(
        'UPDATE invitations SET used_by = ? WHERE token_hash = ? AND used_by IS NULL AND expires_at > ?',
        ...[userId, invitation.hash, invitation.now],
      );
      if (used === 0) throw new InvitationError('The invitation cannot be used.');
    }
    this.#sql.run(
      `INSERT INTO accounts
         (user_id, user_name, email, password_hash, subject, is_admin, created_at, disabled_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[userId, userName, email, passwordHash, subject],
      ...[Number(isAdmin), createdAt, account.disabledAt],
    );
    if (name !== null) this.#documents.setName(userId, name);
  }

  change(userId: string, change: AccountChange): void {
    const known = this.get(userId);
    if (known === null) return;
    const changed = { ...known, ...change };
    const { email, passwordHash, subject, isAdmin, disabledAt } = changed;
    this.#requireFree([null, null, email, subject], userId);
    if (endsAdministration(known, changed, this.adminCount())) throw new LastAdministratorError();
    this.#sql.run(
      `UPDATE accounts SET email = ?, password_hash = ?, subject = ?, is_admin = ?, disabled_at = ?
       WHERE user_id = ?`,
      ...[email, passwordHash, subject, Number(isAdmin), disabledAt, userId],
    );
    if (change.passwordHash === undefined) return;
    this.#sql.run('DELETE FROM api_tokens WHERE user_id = ?', userId);
    this.#sql.run('UPDATE auth_sessions SET proven_at = 0 WHERE user_id = ?', userId);
  }

  remove(userId: string): void {
    const account = this.get(userId);
    if (account !== null && endsAdministration(account, null, this.adminCount())) {
      throw new LastAdministratorError();
    }
    const owned = this.#sql.rows(
      columns(
        `SELECT t:document_keys.id FROM grants AS own JOIN document_keys USING (document)
         WHERE own.user_id = ? AND own.role = 'owner' AND NOT EXISTS (
           SELECT 1 FROM grants AS other WHERE other.document = own.document
             AND other.role = 'owner' AND other.user_id <> own.user_id)`,
      ),
      userId,
    );
    for (const row of owned) this.#documents.remove(textIn(row, 'id'));
    this.#sql.run(
      `UPDATE documents SET access_epoch = access_epoch + 1
       WHERE document IN (SELECT document FROM grants WHERE user_id = ?1
                          UNION SELECT document FROM share_links JOIN link_openings ON link = id
                          WHERE user_id = ?1)`,
      userId,
    );
    for (const table of [
      ...['grants', 'link_openings', 'library', 'auth_sessions', 'api_tokens', 'people'],
      'accounts',
    ]) {
      this.#sql.run(`DELETE FROM ${table} WHERE user_id = ?`, userId);
    }
    this.#sql.run('DELETE FROM document_invitations WHERE invited_by = ?', userId);
    // To the owners of the document it still looks unanswered.
    this.#sql.run('UPDATE document_invitations SET user_id = NULL WHERE user_id = ?', userId);
    this.#sql.run(
      'INSERT INTO former_accounts (user_id) VALUES (?) ON CONFLICT DO NOTHING',
      userId,
    );
  }

  createInvitation(invitation: InvitationRecord): void {
    const { id, tokenHash, label, isAdmin, createdBy, createdAt, expiresAt, usedBy } = invitation;
    this.#sql.run(
      `INSERT INTO invitations
         (id, token_hash, label, is_admin, created_by, created_at, expires_at, used_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, tokenHash, label, Number(isAdmin), createdBy, createdAt, expiresAt, usedBy],
    );
  }

  removeInvitation(id: string): boolean {
    return this.#sql.run('DELETE FROM invitations WHERE id = ?', id) > 0;
  }

  removeUnusedOfFirstStart(): void {
    this.#sql.run('DELETE FROM invitations WHERE created_by IS NULL AND used_by IS NULL');
  }

  /** Throws DuplicateAccountError before anything is changed. */
  #requireFree(values: readonly (string | null)[], exceptUserId: string | null): void {
    for (const [place, [column, field]] of uniqueFields.entries()) {
      const value = values[place] ?? null;
      if (value === null) continue;
      const taken = this.#sql.row(
        `SELECT 1 FROM accounts WHERE ${column} = ? AND user_id IS NOT ?`,
        value,
        exceptUserId,
      );
      if (taken !== null) throw new DuplicateAccountError(field);
    }
  }

  #account(statement: string, value: SqlValue): AccountRecord | null {
    const row = provenRow(this.#sql, statement, value);
    return row === null ? null : accountOf(row);
  }
}

function accountOf(row: Row): AccountRecord {
  return {
    userId: textIn(row, 'user_id'),
    userName: textIn(row, 'user_name'),
    email: textOrNullIn(row, 'email'),
    passwordHash: textOrNullIn(row, 'password_hash'),
    subject: textOrNullIn(row, 'subject'),
    isAdmin: integerIn(row, 'is_admin') === 1,
    createdAt: integerIn(row, 'created_at'),
    disabledAt: integerOrNullIn(row, 'disabled_at'),
  };
}

function invitationOf(row: Row): InvitationRecord {
  return {
    id: textIn(row, 'id'),
    tokenHash: textIn(row, 'token_hash'),
    label: textIn(row, 'label'),
    isAdmin: integerIn(row, 'is_admin') === 1,
    createdBy: textOrNullIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    expiresAt: integerIn(row, 'expires_at'),
    usedBy: textOrNullIn(row, 'used_by'),
  };
}
