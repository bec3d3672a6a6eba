/** Invitations to documents in SQLite: table `document_invitations`. */
import type { DocumentId } from '@concord/protocol';
import { roles } from '@concord/protocol/plain';
import type {
  DocumentInvitationRecord,
  ReceivedInvitationRecord,
} from '../ports/document-invitation-store.ts';
import type { AccessTables } from './access-tables.ts';
import type { LogTables } from './log-tables.ts';
import {
  columns,
  integerIn,
  textIn,
  textOrNullIn,
  wordIn,
  type Row,
  type Statements,
} from './rows.ts';
import { isProven, provenRow } from './second-copies.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Not withdrawn, not expired, and by a person who is still an owner. */
const open = `is_withdrawn = 0 AND expires_at > ?2 AND EXISTS (
  SELECT 1 FROM grants WHERE grants.document = document_invitations.document
    AND grants.user_id = invited_by AND grants.role = 'owner' AND ${isProven('grants', 'grants')})`;

export class DocumentInvitationTables {
  readonly #sql: Statements;
  readonly #log: LogTables;
  readonly #access: AccessTables;

  constructor(sql: Statements, log: LogTables, access: AccessTables) {
    this.#sql = sql;
    this.#log = log;
    this.#access = access;
  }

  // --- Reads ------------------------------------------------------------------------------------

  ofDocument(documentId: DocumentId, now: number): readonly DocumentInvitationRecord[] {
    return this.#sql
      .rows(
        columns(
          `SELECT t:id, t:invited_by, t:invited, t:user_id, t:role, created_at, expires_at
           FROM document_invitations WHERE document = ?1 AND ${open} ORDER BY created_at, id`,
        ),
        this.#log.existingKeyOf(documentId),
        now,
      )
      .map((row) => ({ ...invitationOf(row), documentId }));
  }

  openCountBy(userId: string, now: number): number {
    const row = this.#sql.row(
      'SELECT count(*) AS count FROM document_invitations WHERE invited_by = ? AND expires_at > ?',
      userId,
      now,
    );
    return integerIn(row ?? {}, 'count');
  }

  receivedBy(userId: string, now: number, limit: number): readonly ReceivedInvitationRecord[] {
    return this.#sql
      .rows(
        columns(
          `SELECT t:id, t:title, t:role, t:invited_by, document_invitations.created_at, expires_at
           FROM document_invitations JOIN documents USING (document)
           WHERE user_id = ?1 AND declined_at IS NULL AND trashed_at IS NULL AND ${open}
           ORDER BY document_invitations.created_at, id LIMIT ?3`,
        ),
        userId,
        now,
        limit,
      )
      .map((row) => ({
        id: textIn(row, 'id'),
        title: textIn(row, 'title'),
        role: wordIn(row, 'role', roles),
        invitedBy: textIn(row, 'invited_by'),
        createdAt: integerIn(row, 'created_at'),
        expiresAt: integerIn(row, 'expires_at'),
      }));
  }

  // --- Writes -----------------------------------------------------------------------------------

  invite(invitation: DocumentInvitationRecord): string {
    const { id, documentId, invitedBy, invited, userId, role, createdAt, expiresAt } = invitation;
    const key = this.#log.existingKeyOf(documentId);
    const former = this.#sql.row(
      columns(
        'SELECT t:id FROM document_invitations WHERE document = ? AND invited = ? AND is_withdrawn = 0',
      ),
      key,
      invited,
    );
    const keptId = former === null ? id : textIn(former, 'id');
    this.#sql.run(
      `INSERT INTO document_invitations
         (id, document, invited_by, invited, user_id, role, created_at, expires_at, declined_at)
       SELECT ?1, document, ?2, ?3, ?4, ?5, ?6, ?7,
         (SELECT max(declined_at) FROM document_invitations AS former
          WHERE former.document = documents.document AND former.user_id = ?4
            AND former.expires_at > ?6)
       FROM documents WHERE document = ?8
       ON CONFLICT (id) DO UPDATE SET
         invited_by = excluded.invited_by, user_id = excluded.user_id, role = excluded.role,
         created_at = excluded.created_at, expires_at = excluded.expires_at,
         declined_at = excluded.declined_at`,
      ...[keptId, invitedBy, invited, userId, role, createdAt, expiresAt, key],
    );
    return keptId;
  }

  withdraw(documentId: DocumentId, id: string, now: number): boolean {
    // A declined invitation is kept until it expires, so that the person is not invited again.
    const withdrawn = this.#sql.run(
      `UPDATE document_invitations SET is_withdrawn = 1,
         expires_at = iif(declined_at IS NULL, min(expires_at, ?2 + ${DAY_MS}), expires_at)
       WHERE document = ?1 AND id = ?3 AND ${open}`,
      this.#log.existingKeyOf(documentId),
      now,
      id,
    );
    return withdrawn > 0;
  }

  accept(id: string, userId: string, now: number): DocumentId | null {
    const row = provenRow(
      this.#sql,
      columns(
        `SELECT CAST(document_keys.id AS BLOB) AS document_id, t:role,
           ${isProven('document_invitations', 'document_invitations')} AS is_proven
         FROM document_invitations JOIN documents USING (document) JOIN document_keys USING (document)
         WHERE user_id = ?1 AND declined_at IS NULL AND trashed_at IS NULL AND ${open}
           AND document_invitations.id = ?3`,
      ),
      ...[userId, now, id],
    );
    if (row === null) return null;
    const documentId = textIn(row, 'document_id') as DocumentId;
    this.#access.raise(documentId, userId, wordIn(row, 'role', roles));
    this.#sql.run('DELETE FROM document_invitations WHERE id = ?', id);
    return documentId;
  }

  decline(id: string, userId: string, now: number): boolean {
    const declined = this.#sql.run(
      `UPDATE document_invitations SET declined_at = ?2
       WHERE user_id = ?1 AND declined_at IS NULL AND ${open} AND id = ?3`,
      ...[userId, now, id],
    );
    return declined > 0;
  }

  removeExpired(now: number): void {
    this.#sql.run('DELETE FROM document_invitations WHERE expires_at <= ?', now);
  }
}

function invitationOf(row: Row): Omit<DocumentInvitationRecord, 'documentId'> {
  return {
    id: textIn(row, 'id'),
    invitedBy: textIn(row, 'invited_by'),
    invited: textIn(row, 'invited'),
    userId: textOrNullIn(row, 'user_id'),
    role: wordIn(row, 'role', roles),
    createdAt: integerIn(row, 'created_at'),
    expiresAt: integerIn(row, 'expires_at'),
  };
}
