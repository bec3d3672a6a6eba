/** Who may do what, in SQLite: tables `grants`, `share_links`, `link_openings`, and `documents.anyone`. */
import type { DocumentId } from '@concord/protocol';
import {
  anyoneAccesses,
  higherRole,
  LINK_OPENINGS_PER_DOCUMENT,
  linkRoles,
  roles,
  type AnyoneAccess,
  type Role,
} from '@concord/protocol/plain';
import type { DocumentAccess } from '../../access/core/permissions.ts';
import {
  LastOwnerError,
  type DocumentRevision,
  type ListedShareLink,
  type ShareLinkChange,
  type ShareLinkRecord,
} from '../ports/access-store.ts';
import type { LogTables } from './log-tables.ts';
import { proven, provenRow, provenRows } from './second-copies.ts';
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

/** With the id of the document. */
const linkColumns =
  't:copy.id, t:copy.role, t:copy.label, t:copy.token_hash, t:copy.password_hash, t:copy.created_by, ' +
  'copy.created_at, copy.expires_at, ' +
  '(SELECT CAST(id AS BLOB) FROM document_keys WHERE document_keys.document = copy.document) AS document_id';
const linksOfDocument =
  'copy.id IN (SELECT id FROM share_links WHERE document = ?1) AND copy.document = ?1 ORDER BY copy.id';
const selectAccess = proven(
  'documents',
  't:copy.anyone, copy.access_epoch, copy.trashed_at',
  'copy.document = ?',
);
const selectGrants = proven('grants', 't:copy.user_id, t:copy.role', 'copy.document = ?');
const selectLinks = proven('share_links', 't:copy.id, t:copy.role, copy.expires_at', linksOfDocument); // prettier-ignore
const openings = (whose: string): string =>
  proven(
    'link_openings',
    't:copy.user_id, t:copy.link',
    `copy.link IN (SELECT id FROM share_links WHERE document = ?1) ${whose} ORDER BY copy.link`,
  );
const selectOpenings = openings('');
const selectOpeningsOf = openings('AND copy.user_id = ?2');
const selectListedLinks = proven(
  'share_links',
  `${linkColumns}, (SELECT count(*) FROM link_openings WHERE link = copy.id) AS people`,
  `copy.id IN (SELECT share_links.id FROM share_links JOIN document_keys USING (document)
               WHERE document_keys.id = ?) ORDER BY copy.created_at, copy.id`,
);
const selectLinkOfToken = proven(
  'share_links',
  linkColumns,
  'copy.id = (SELECT id FROM share_links WHERE token_hash = ?1) AND copy.token_hash = ?1',
);
const selectOwnRole = proven('grants', 't:copy.role', 'copy.document = ? AND copy.user_id = ?');

export class AccessTables {
  readonly #sql: Statements;
  readonly #log: LogTables;

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  // --- Reads ------------------------------------------------------------------------------------

  get(documentId: string): DocumentAccess | null {
    return this.#access(documentId, (key) => provenRows(this.#sql, selectOpenings, key));
  }

  getFor(documentId: string, userId: string | null): DocumentAccess | null {
    return this.#access(documentId, (key) => provenRows(this.#sql, selectOpeningsOf, key, userId));
  }

  #access(
    documentId: string,
    openingsOf: (key: number | null) => readonly Row[],
  ): DocumentAccess | null {
    const key = this.#log.existingKeyOf(documentId);
    const document = provenRow(this.#sql, selectAccess, key);
    if (document === null) return null;
    const people = provenRows(this.#sql, selectGrants, key);
    const links = provenRows(this.#sql, selectLinks, key);
    const opened = new Map<string, string[]>();
    for (const row of openingsOf(key)) {
      const userId = textIn(row, 'user_id');
      const ids = opened.get(userId) ?? [];
      ids.push(textIn(row, 'link'));
      opened.set(userId, ids);
    }
    return {
      epoch: integerIn(document, 'access_epoch'),
      anyone: wordIn(document, 'anyone', anyoneAccesses),
      isTrashed: integerOrNullIn(document, 'trashed_at') !== null,
      people: new Map(people.map((row) => [textIn(row, 'user_id'), roleIn(row)])),
      links: links.map((row) => ({
        id: textIn(row, 'id'),
        role: wordIn(row, 'role', linkRoles),
        expiresAt: integerOrNullIn(row, 'expires_at'),
      })),
      opened,
    };
  }

  revisions(documentIds: readonly DocumentId[]): ReadonlyMap<DocumentId, DocumentRevision> {
    const rows = this.#sql.rows(
      columns(
        `SELECT t:document_keys.id, access_epoch, title_version
         FROM json_each(?) JOIN document_keys ON document_keys.id = json_each.value
         JOIN documents USING (document)`,
      ),
      JSON.stringify(documentIds),
    );
    return new Map(
      rows.map((row) => [
        textIn(row, 'id') as DocumentId,
        { epoch: integerIn(row, 'access_epoch'), titleVersion: integerIn(row, 'title_version') },
      ]),
    );
  }

  links(documentId: string): readonly ListedShareLink[] {
    return provenRows(this.#sql, selectListedLinks, documentId).map((row) => ({
      ...linkOf(row),
      people: integerIn(row, 'people'),
    }));
  }

  linkOfToken(tokenHash: string): ShareLinkRecord | null {
    const row = provenRow(this.#sql, selectLinkOfToken, tokenHash);
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

  /** Grants the role, unless the person's own is as high. */
  raise(documentId: string, userId: string, role: Role): void {
    const own = provenRow(this.#sql, selectOwnRole, this.#log.existingKeyOf(documentId), userId);
    const former = own === null ? null : roleIn(own);
    if (higherRole(former, role) !== former) this.grant(documentId, userId, role);
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
    // Only those by user id: deleting one by login would reveal whose login it is.
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

  /** Throws LastOwnerError, which rolls the write back. */
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

const roleIn = (row: Row): Role => wordIn(row, 'role', roles);

function linkOf(row: Row): ShareLinkRecord {
  return {
    id: textIn(row, 'id'),
    documentId: textIn(row, 'document_id') as DocumentId,
    role: wordIn(row, 'role', linkRoles),
    label: textIn(row, 'label'),
    tokenHash: textIn(row, 'token_hash'),
    passwordHash: textOrNullIn(row, 'password_hash'),
    createdBy: textIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    expiresAt: integerOrNullIn(row, 'expires_at'),
  };
}
