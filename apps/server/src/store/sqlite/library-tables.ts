/** Lists of documents, for one person at a time: table `library`, and what access and search say. */
import type { DocumentId, DocumentView } from '@concord/protocol';
import { anyoneAccesses, ROLES_ASCENDING } from '@concord/protocol/plain';
import { readCursor, writeCursor } from '../cursor.ts';
import type { LibraryEntry, LibraryPage, LibraryQuery } from '../ports/library-store.ts';
import type { SearchScope } from '../search/hit-pages.ts';
import type { LogTables } from './log-tables.ts';
import {
  columns,
  DamagedRowError,
  integerIn,
  integerOrNullIn,
  textIn,
  textOrNullIn,
  wordIn,
  type Row,
  type SqlValue,
  type Statements,
} from './rows.ts';

/**
 * The place of a role among {@link ROLES_ASCENDING}, from 1; 0 for none. Which documents are listed is `currentRole` of
 * access/core/permissions.ts as a query, so that lists need not read what they do not show: a property of the contract
 * (conformance/library.ts) holds both beside each other.
 */
const ranks = ROLES_ASCENDING.map((role, place) => `WHEN '${role}' THEN ${place + 1}`).join(' ');
const rankOf = (column: string): string => `CASE ${column} ${ranks} ELSE 0 END`;

/** Documents related to the person (?1), with the rank of their own roles and links at the time ?2. */
const related = `
  related AS (
    SELECT document, max(rank) AS rank, max(own) AS own FROM (
      SELECT document, ${rankOf('role')} AS rank, role = 'owner' AS own FROM grants WHERE user_id = ?1
      UNION ALL
      SELECT document, iif(expires_at IS NULL OR expires_at > ?2, ${rankOf('role')}, 0), 0
      FROM link_openings JOIN share_links ON id = link WHERE user_id = ?1
      UNION ALL
      SELECT document, 0, 0 FROM library WHERE user_id = ?1
    ) GROUP BY document
  )`;

/** `namedOwner` of access/core/permissions.ts, beside which the same property holds it. */
const ownerId = `coalesce(
  (SELECT user_id FROM grants WHERE grants.document = documents.document
   AND user_id = documents.created_by AND role = 'owner'),
  (SELECT min(user_id) FROM grants WHERE grants.document = documents.document AND role = 'owner'),
  documents.created_by)`;

const entryColumns = columns(`
  CAST(document_keys.id AS BLOB) AS id, t:documents.title, documents.title_version, t:documents.created_by, documents.created_at,
  documents.updated_at, documents.trashed_at, t:documents.anyone,
  coalesce((SELECT last_version FROM batches WHERE batches.document = documents.document
            ORDER BY first_version DESC LIMIT 1), 0) AS version,
  CAST(${ownerId} AS BLOB) AS owner_id,
  (SELECT CAST(name AS BLOB) FROM people WHERE people.user_id = ${ownerId}) AS owner_name,
  library.visited_at, coalesce(library.starred, 0) AS starred,
  CAST(coalesce(library.folder, '') AS BLOB) AS folder`);

const views: Readonly<Record<DocumentView, { where: string; sort: string }>> = {
  all: { where: 'trashed_at IS NULL', sort: 'documents.updated_at' },
  recent: {
    where: 'trashed_at IS NULL AND library.visited_at IS NOT NULL',
    sort: 'library.visited_at',
  },
  starred: { where: 'trashed_at IS NULL AND library.starred = 1', sort: 'documents.updated_at' },
  shared: { where: 'trashed_at IS NULL AND NOT own', sort: 'documents.updated_at' },
  trash: { where: 'trashed_at IS NOT NULL AND own', sort: 'documents.trashed_at' },
};

/** Rank of the person's current role, for rows of {@link readable}. */
const currentRank = `max(related.rank, ${rankOf('documents.anyone')})`;

/** The rows of a list of ?1 at ?2: in the folder ?3, when there is one, and a view. */
const readable = (where: string): string => `
  FROM related
  JOIN documents USING (document)
  JOIN document_keys USING (document)
  LEFT JOIN library ON library.document = documents.document AND library.user_id = ?1
  WHERE ${where} AND ${currentRank} > 0 AND (?3 IS NULL OR library.folder = ?3)`;

export class LibraryTables {
  readonly #sql: Statements;
  readonly #log: LogTables;

  constructor(sql: Statements, log: LogTables) {
    this.#sql = sql;
    this.#log = log;
  }

  // --- Reads ------------------------------------------------------------------------------------

  list({ userId, view, folder, limit, cursor, now }: LibraryQuery): LibraryPage {
    const { where, sort } = views[view];
    const after = readCursor(cursor);
    const parameters: SqlValue[] = [userId, now, folder, limit + 1];
    if (after !== null) parameters.push(after.sort, after.id);
    const rows = this.#sql.rows(
      `WITH ${related}
       SELECT ${entryColumns}, ${sort} AS sort, ${currentRank} AS rank
       ${readable(where)}
         ${after === null ? '' : `AND (${sort} < ?5 OR (${sort} = ?5 AND document_keys.id > ?6))`}
       ORDER BY sort DESC, document_keys.id LIMIT ?4`,
      ...parameters,
    );
    const entries = rows.slice(0, limit).map(listedOf);
    const last = rows[limit - 1];
    const hasMore = rows.length > limit && last !== undefined;
    return {
      entries,
      nextCursor: hasMore ? writeCursor({ sort: integerIn(last, 'sort'), id: textIn(last, 'id') }) : null, // prettier-ignore
    };
  }

  /** The documents that a search of this person goes through, those that changed last first. */
  searchable({ userId, view, folder, now }: SearchScope, limit: number): readonly DocumentId[] {
    return this.#sql
      .rows(
        `WITH ${related} SELECT CAST(document_keys.id AS BLOB) AS id ${readable(views[view].where)}
         ORDER BY documents.updated_at DESC, document_keys.id LIMIT ?4`,
        ...[userId, now, folder, limit],
      )
      .map((row) => textIn(row, 'id') as DocumentId);
  }

  /** Those of the documents that the search may still show. */
  searched(
    { userId, view, folder, now }: SearchScope,
    ids: readonly DocumentId[],
  ): ReadonlyMap<DocumentId, LibraryEntry> {
    const rows = this.#sql.rows(
      `WITH ${related}
       SELECT ${entryColumns}, ${currentRank} AS rank
       ${readable(views[view].where)}
         AND document_keys.id IN (SELECT value FROM json_each(?4))`,
      ...[userId, now, folder, JSON.stringify(ids)],
    );
    return new Map(rows.map(listedOf).map((entry) => [entry.id, entry]));
  }

  entry(documentId: string, userId: string | null): Omit<LibraryEntry, 'role'> | null {
    const row = this.#sql.row(
      `SELECT ${entryColumns}
       FROM document_keys JOIN documents USING (document)
       LEFT JOIN library ON library.document = documents.document AND library.user_id = ?2
       WHERE document_keys.id = ?1`,
      documentId,
      userId,
    );
    return row === null ? null : entryOf(row);
  }

  folders(userId: string, now: number): readonly { name: string; documents: number }[] {
    return this.#sql
      .rows(
        columns(
          `WITH ${related}
           SELECT t:library.folder, count(*) AS documents
           FROM related JOIN documents USING (document)
           JOIN library ON library.document = documents.document AND library.user_id = ?1
           WHERE trashed_at IS NULL AND library.folder <> ''
             AND max(related.rank, ${rankOf('documents.anyone')}) > 0
           GROUP BY library.folder ORDER BY library.folder`,
        ),
        userId,
        now,
      )
      .map((row) => ({ name: textIn(row, 'folder'), documents: integerIn(row, 'documents') }));
  }

  // --- Writes -----------------------------------------------------------------------------------

  recordVisit(userId: string, documentId: string, at: number): void {
    this.#keep(userId, documentId, 'visited_at', at);
  }
  setStarred(userId: string, documentId: string, starred: boolean): void {
    this.#keep(userId, documentId, 'starred', Number(starred));
  }
  setFolder(userId: string, documentId: string, folder: string): void {
    this.#keep(userId, documentId, 'folder', folder);
  }

  #keep(
    userId: string,
    documentId: string,
    column: 'visited_at' | 'starred' | 'folder',
    value: SqlValue,
  ): void {
    this.#sql.run(
      `INSERT INTO library (user_id, document, ${column})
       SELECT ?, document, ? FROM documents WHERE document = ?
       ON CONFLICT (user_id, document) DO UPDATE SET ${column} = excluded.${column}`,
      userId,
      value,
      this.#log.existingKeyOf(documentId),
    );
  }
}

function roleIn(row: Row): LibraryEntry['role'] {
  const role = ROLES_ASCENDING[integerIn(row, 'rank') - 1];
  if (role === undefined) throw new DamagedRowError('A listed document gives no role.');
  return role;
}

const listedOf = (row: Row): LibraryEntry => ({ ...entryOf(row), role: roleIn(row) });

function entryOf(row: Row): Omit<LibraryEntry, 'role'> {
  return {
    id: textIn(row, 'id') as DocumentId,
    title: textIn(row, 'title'),
    titleVersion: integerIn(row, 'title_version'),
    createdBy: textIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    updatedAt: integerIn(row, 'updated_at'),
    trashedAt: integerOrNullIn(row, 'trashed_at'),
    anyone: wordIn(row, 'anyone', anyoneAccesses),
    version: integerIn(row, 'version'),
    ownerId: textIn(row, 'owner_id'),
    ownerName: textOrNullIn(row, 'owner_name'),
    visitedAt: integerOrNullIn(row, 'visited_at'),
    starred: integerIn(row, 'starred') === 1,
    folder: textIn(row, 'folder'),
    passage: null,
  };
}
