/** Who may do what, in SQLite: tables `grants`, `share_links`, `link_openings`, and `documents.anyone`. */
import {
  anyoneAccessSchema,
  LINK_OPENINGS_PER_DOCUMENT,
  linkRoleSchema,
  roleSchema,
  type AnyoneAccess,
  type DocumentId,
  type Role,
} from '@concord/protocol';
import type { DocumentAccess } from '../../access/permissions.ts';
import {
  LastOwnerError,
  type ListedShareLink,
  type ShareLinkChange,
  type ShareLinkRecord,
} from '../access-store.ts';
import type { LogTables } from './log-tables.ts';
import {
  columns,
  integerIn,
  integerOrNullIn,
  textIn,
  textOrNullIn,
  wordIn,
  type Row,
  type Statements,
} from './rows.ts';

const linkColumns = columns(
  `t:share_links.id, CAST(document_keys.id AS BLOB) AS document_id, t:role, t:label, t:token_hash,
   t:password_hash, t:created_by, created_at, expires_at`,
);

export class AccessTables {
  readonly #sql: Statements;
  readonly #log: LogTables;

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  // --- Reads ------------------------------------------------------------------------------------

  get(documentId: string): DocumentAccess | null {
    return this.#access(documentId, (key) =>
      this.#sql.rows(
        columns(
          `SELECT t:user_id, t:link FROM share_links JOIN link_openings ON link = id
           WHERE document = ? ORDER BY link`,
        ),
        key,
      ),
    );
  }

  getFor(documentId: string, userId: string | null): DocumentAccess | null {
    return this.#access(documentId, (key) =>
      this.#sql.rows(
        columns(
          `SELECT t:user_id, t:link FROM share_links JOIN link_openings ON link = id AND user_id = ?2
           WHERE document = ?1 ORDER BY link`,
        ),
        ...[key, userId],
      ),
    );
  }

  #access(
    documentId: string,
    openingsOf: (key: number | null) => readonly Row[],
  ): DocumentAccess | null {
    const key = this.#log.existingKeyOf(documentId);
    const document = this.#sql.row(
      columns('SELECT t:anyone, access_epoch, trashed_at FROM documents WHERE document = ?'),
      key,
    );
    if (document === null) return null;
    const people = this.#sql.rows(
      columns('SELECT t:user_id, t:role FROM grants WHERE document = ?'),
      key,
    );
    const links = this.#sql.rows(
      columns('SELECT t:id, t:role, expires_at FROM share_links WHERE document = ? ORDER BY id'),
      key,
    );
    const opened = new Map<string, string[]>();
    for (const row of openingsOf(key)) {
      const userId = textIn(row, 'user_id');
      const ids = opened.get(userId) ?? [];
      ids.push(textIn(row, 'link'));
      opened.set(userId, ids);
    }
    return {
      epoch: integerIn(document, 'access_epoch'),
      anyone: wordIn(document, 'anyone', anyoneAccessSchema.options),
      isTrashed: integerOrNullIn(document, 'trashed_at') !== null,
      people: new Map(people.map((row) => [textIn(row, 'user_id'), roleIn(row)])),
      links: links.map((row) => ({
        id: textIn(row, 'id'),
        role: wordIn(row, 'role', linkRoleSchema.options),
        expiresAt: integerOrNullIn(row, 'expires_at'),
      })),
      opened,
    };
  }

  epochs(documentIds: readonly DocumentId[]): ReadonlyMap<DocumentId, number> {
    const rows = this.#sql.rows(
      columns(
        `SELECT t:document_keys.id, access_epoch
         FROM json_each(?) JOIN document_keys ON document_keys.id = json_each.value
         JOIN documents USING (document)`,
      ),
      JSON.stringify(documentIds),
    );
    return new Map(
      rows.map((row) => [textIn(row, 'id') as DocumentId, integerIn(row, 'access_epoch')]),
    );
  }

  links(documentId: string): readonly ListedShareLink[] {
    return this.#sql
      .rows(
        `SELECT ${linkColumns},
                (SELECT count(*) FROM link_openings WHERE link = share_links.id) AS people
         FROM share_links JOIN document_keys USING (document)
         WHERE document_keys.id = ? ORDER BY created_at, share_links.id`,
        documentId,
      )
      .map((row) => ({ ...linkOf(row), people: integerIn(row, 'people') }));
  }

  linkOfToken(tokenHash: string): ShareLinkRecord | null {
    const row = this.#sql.row(
      `SELECT ${linkColumns} FROM share_links JOIN document_keys USING (document) WHERE token_hash = ?`,
      tokenHash,
    );
    return row === null ? null : linkOf(row);
  }

  // --- Writes -----------------------------------------------------------------------------------

  setAnyone(documentId: string, anyone: AnyoneAccess): void {
    const key = this.#log.existingKeyOf(documentId);
    this.#sql.run('UPDATE documents SET anyone = ? WHERE document = ?', anyone, key);
    this.#changed(key);
  }

  grant(documentId: string, userId: string, role: Role): void {
    const key = this.#log.existingKeyOf(documentId);
    this.#sql.run(
      `INSERT INTO grants (document, user_id, role)
       SELECT document, ?, ? FROM documents WHERE document = ?
       ON CONFLICT (document, user_id) DO UPDATE SET role = excluded.role`,
      userId,
      role,
      key,
    );
    this.#requireOwner(key);
    this.#changed(key);
  }

  /** Gives a role that is higher than the person's own; keeps their own otherwise. */
  raise(documentId: string, userId: string, role: Role): void {
    const own = this.#sql.row(
      columns('SELECT t:role FROM grants WHERE document = ? AND user_id = ?'),
      this.#log.existingKeyOf(documentId),
      userId,
    );
    const ascending: readonly Role[] = ['viewer', 'commenter', 'editor', 'owner'];
    if (own !== null && ascending.indexOf(roleIn(own)) >= ascending.indexOf(role)) return;
    this.grant(documentId, userId, role);
  }

  revoke(documentId: string, userId: string): boolean {
    const key = this.#log.existingKeyOf(documentId);
    const own = this.#sql.run('DELETE FROM grants WHERE document = ? AND user_id = ?', key, userId);
    const byLinks = this.#sql.run(
      `DELETE FROM link_openings
       WHERE user_id = ? AND link IN (SELECT id FROM share_links WHERE document = ?)`,
      userId,
      key,
    );
    if (own + byLinks === 0) return false;
    // By user id alone: that one by login is gone too would tell whose login it is.
    this.#sql.run(
      `DELETE FROM document_invitations
       WHERE document = ? AND invited = ? AND declined_at IS NULL`,
      key,
      userId,
    );
    this.#requireOwner(key);
    this.#changed(key);
    return true;
  }

  addLink(link: ShareLinkRecord): void {
    const key = this.#log.existingKeyOf(link.documentId);
    this.#sql.run(
      `INSERT INTO share_links
         (id, document, role, label, token_hash, password_hash, created_by, created_at, expires_at)
       SELECT ?, document, ?, ?, ?, ?, ?, ?, ? FROM documents WHERE document = ?`,
      ...[link.id, link.role, link.label, link.tokenHash, link.passwordHash],
      ...[link.createdBy, link.createdAt, link.expiresAt, key],
    );
    this.#changed(key);
  }

  changeLink(documentId: string, linkId: string, change: ShareLinkChange): boolean {
    const key = this.#log.existingKeyOf(documentId);
    const { role = null, label = null, passwordHash, expiresAt } = change;
    const changed = this.#sql.run(
      `UPDATE share_links SET
         role = coalesce(?, role), label = coalesce(?, label),
         password_hash = iif(?, ?, password_hash), expires_at = iif(?, ?, expires_at)
       WHERE id = ? AND document = ?`,
      ...[role, label],
      ...[Number(passwordHash !== undefined), passwordHash ?? null],
      ...[Number(expiresAt !== undefined), expiresAt ?? null],
      ...[linkId, key],
    );
    if (changed === 0) return false;
    if (typeof passwordHash === 'string') {
      this.#sql.run('DELETE FROM link_openings WHERE link = ?', linkId);
    }
    this.#changed(key);
    return true;
  }

  removeLink(documentId: string, linkId: string): boolean {
    const key = this.#log.existingKeyOf(documentId);
    const removed = this.#sql.run(
      'DELETE FROM share_links WHERE id = ? AND document = ?',
      linkId,
      key,
    );
    if (removed === 0) return false;
    this.#sql.run('DELETE FROM link_openings WHERE link = ?', linkId);
    this.#changed(key);
    return true;
  }

  openLink(linkId: string, userId: string, most = LINK_OPENINGS_PER_DOCUMENT): boolean {
    const isOpened = this.#sql.row(
      'SELECT 1 FROM link_openings WHERE link = ? AND user_id = ?',
      ...[linkId, userId],
    );
    if (isOpened !== null) return true;
    const kept = this.#sql.row(
      `SELECT count(*) AS count FROM share_links JOIN link_openings ON link = id
       WHERE document = (SELECT document FROM share_links WHERE id = ?)`,
      linkId,
    );
    if (integerIn(kept ?? {}, 'count') >= most) return false;
    const opened = this.#sql.run(
      `INSERT INTO link_openings (link, user_id) SELECT id, ? FROM share_links WHERE id = ?
       ON CONFLICT DO NOTHING`,
      userId,
      linkId,
    );
    if (opened === 0) return true;
    const row = this.#sql.row('SELECT document FROM share_links WHERE id = ?', linkId);
    if (row !== null) this.#changed(integerIn(row, 'document'));
    return true;
  }

  /** Throws LastOwnerError, and the write is undone. */
  #requireOwner(key: number | null): void {
    const isThere = this.#sql.row('SELECT 1 FROM documents WHERE document = ?', key);
    const owner = this.#sql.row(
      `SELECT 1 FROM grants WHERE document = ? AND role = 'owner' LIMIT 1`,
      key,
    );
    if (isThere !== null && owner === null) {
      throw new LastOwnerError('A document needs at least one owner.');
    }
  }

  #changed(key: number | null): void {
    this.#sql.run('UPDATE documents SET access_epoch = access_epoch + 1 WHERE document = ?', key);
  }
}

const roleIn = (row: Row): Role => wordIn(row, 'role', roleSchema.options);

function linkOf(row: Row): ShareLinkRecord {
  return {
    id: textIn(row, 'id'),
    documentId: textIn(row, 'document_id') as DocumentId,
    role: wordIn(row, 'role', linkRoleSchema.options),
    label: textIn(row, 'label'),
    tokenHash: textIn(row, 'token_hash'),
    passwordHash: textOrNullIn(row, 'password_hash'),
    createdBy: textIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    expiresAt: integerOrNullIn(row, 'expires_at'),
  };
}
