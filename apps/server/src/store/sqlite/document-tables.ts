/** Documents, people and checkpoints in SQLite. */
import type { AnyoneAccess, DocumentId } from '@concord/protocol';
import { RENAMES_KNOWN } from '@concord/protocol/plain';
import { superfluousCheckpoints } from '../core/checkpoint-spacing.ts';
import { renamed, type Rename, type VersionedTitle } from '../core/rename.ts';
import {
  DuplicateDocumentError,
  type Checkpoint,
  type DocumentRecord,
  type StoredDocument,
} from '../ports/store.ts';
import { checksumOf, corruptionOf } from './batch-codec.ts';
import type { LibraryTables } from './library-tables.ts';
import type { LogTables } from './log-tables.ts';
import {
  bytesIn,
  columns,
  integerIn,
  textIn,
  textOrNullIn,
  type Row,
  type Statements,
} from './rows.ts';
import { proven, provenRow } from './second-copies.ts';

const selectDocument = proven(
  'documents',
  't:copy.title, copy.title_version, t:copy.created_by, copy.created_at, own.updated_at',
  'copy.document = ?',
);
const selectName = proven('people', 't:copy.name', 'copy.user_id = ?');

export class DocumentTables {
  readonly #sql: Statements;
  readonly #log: LogTables;
  readonly #library: LibraryTables;

  constructor(sql: Statements, log: LogTables, library: LibraryTables) {
    this.#sql = sql;
    this.#log = log;
    this.#library = library;
  }

  // --- Reads ------------------------------------------------------------------------------------

  get(id: string): StoredDocument | null {
    const row = provenRow(this.#sql, selectDocument, this.#log.existingKeyOf(id));
    return row === null ? null : recordOf(id, row);
  }

  ids(): readonly DocumentId[] {
    return this.#idsOf('1 = 1 ORDER BY document_keys.id');
  }

  trashedBefore(at: number, limit: number): readonly DocumentId[] {
    return this.#idsOf('trashed_at < ? ORDER BY trashed_at LIMIT ?', at, limit);
  }

  nameOf(userId: string): string | null {
    const row = provenRow(this.#sql, selectName, userId);
    return row === null ? null : textIn(row, 'name');
  }

  namesOf(
    userIds: readonly string[],
  ): ReadonlyMap<string, { readonly name: string | null; readonly userName: string | null }> {
    const rows = this.#sql.rows(
      columns(
        `SELECT CAST(json_each.value AS BLOB) AS user_id, t:people.name, t:accounts.user_name
         FROM json_each(?)
         LEFT JOIN people ON people.user_id = json_each.value
         LEFT JOIN accounts ON accounts.user_id = json_each.value`,
      ),
      JSON.stringify(userIds),
    );
    return new Map(
      rows.map((row) => [
        textIn(row, 'user_id'),
        { name: textOrNullIn(row, 'name'), userName: textOrNullIn(row, 'user_name') },
      ]),
    );
  }

  /** @param atMost the newest of this version or an older one; null for the newest of all */
  checkpoint(documentId: string, atMost: number | null = null): Checkpoint | null {
    const row = this.#sql.row(
      columns(
        `SELECT version, t:compressed_text, t:effect_state, compressed_checksum, text_checksum,
           length_code_points
         FROM checkpoints WHERE document = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
      ),
      ...[this.#log.existingKeyOf(documentId), atMost ?? Number.MAX_SAFE_INTEGER],
    );
    if (row === null) return null;
    const version = integerIn(row, 'version');
    const compressedText = bytesIn(row, 'compressed_text');
    const effectState = textOrNullIn(row, 'effect_state') ?? undefined;
    const checksum = checkpointChecksum(compressedText, effectState);
    if (checksum !== integerIn(row, 'compressed_checksum')) {
      throw corruptionOf(documentId, `its checkpoint at version ${version}`);
    }
    return {
      version,
      compressedText,
      checksum: integerIn(row, 'text_checksum'),
      lengthCodePoints: integerIn(row, 'length_code_points'),
      ...(effectState === undefined ? {} : { effectState }),
    };
  }

  checkpointVersions(documentId: string): readonly number[] {
    return this.#sql
      .rows(
        'SELECT version FROM checkpoints WHERE document = ? ORDER BY version DESC',
        this.#log.existingKeyOf(documentId),
      )
      .map((row) => integerIn(row, 'version'));
  }

  // --- Writes -----------------------------------------------------------------------------------

  /** @param batch JSON of the first batch; null for an empty text */
  createWithText(
    record: DocumentRecord,
    anyone: AnyoneAccess,
    batch: string | null,
    folder: string,
  ): void {
    this.#create(record, anyone);
    if (batch !== null) this.#log.append(batch);
    if (folder !== '') this.#library.setFolder(record.createdBy, record.id, folder);
  }

  #create(record: DocumentRecord, anyone: AnyoneAccess): void {
    const { id, title, createdBy, createdAt, updatedAt } = record;
    // The tombstone of a purged document keeps its id taken permanently.
    const key = this.#log.isRemoved(id) ? null : this.#log.keyOf(id);
    const created = this.#sql.run(
      `INSERT INTO documents (document, title, created_by, created_at, updated_at, anyone)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?1 IS NOT NULL ON CONFLICT DO NOTHING`,
      ...[key, title, createdBy, createdAt, updatedAt, anyone],
    );
    if (created === 0) throw new DuplicateDocumentError(`Document ${id} exists already.`);
    this.#sql.run(
      `INSERT INTO grants (document, user_id, role) VALUES (?, ?, 'owner')`,
      ...[key, createdBy],
    );
  }

  rename(id: string, rename: Rename, updatedAt: number): VersionedTitle | null {
    const key = this.#log.existingKeyOf(id);
    const row = provenRow(this.#sql, selectDocument, key);
    if (key === null || row === null) return null;
    const present = titleIn(row);
    const { renameId } = rename;
    const known = 'SELECT 1 AS known FROM renames WHERE document = ? AND rename_id = ?';
    const isKnown = renameId !== null && this.#sql.row(known, key, renameId) !== null;
    const { title, titleVersion } = renamed(present, rename, isKnown);
    if (titleVersion === present.titleVersion) return present;
    this.#sql.run(
      'UPDATE documents SET title = ?, title_version = ?, updated_at = ? WHERE document = ?',
      ...[title, titleVersion, updatedAt, key],
    );
    if (renameId !== null) {
      this.#sql.run('INSERT INTO renames VALUES (?, ?, ?)', key, renameId, titleVersion);
      this.#sql.run(
        'DELETE FROM renames WHERE document = ? AND title_version <= ?',
        ...[key, titleVersion - RENAMES_KNOWN],
      );
    }
    return { title, titleVersion };
  }

  setTrashed(id: string, at: number | null): void {
    this.#sql.run(
      'UPDATE documents SET trashed_at = ?, access_epoch = access_epoch + 1 WHERE document = ?',
      ...[at, this.#log.existingKeyOf(id)],
    );
  }

  remove(id: string): void {
    const key = this.#log.existingKeyOf(id);
    if (key === null || this.#log.isRemoved(id)) return;
    this.#sql.run(
      'DELETE FROM link_openings WHERE link IN (SELECT id FROM share_links WHERE document = ?)',
      key,
    );
    for (const table of [
      ...['batches', 'client_positions', 'checkpoints', 'documents'],
      ...['grants', 'share_links', 'library', 'storage_usage', 'document_invitations'],
      'renames',
    ]) {
      this.#sql.run(`DELETE FROM ${table} WHERE document = ?`, key);
    }
    this.#log.remove(id, key);
  }

  setName(userId: string, name: string): void {
    this.#sql.run(
      `INSERT INTO people (user_id, name) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET name = excluded.name`,
      ...[userId, name],
    );
  }

  writeCheckpoint(documentId: string, checkpoint: Checkpoint): void {
    if (this.#log.isRemoved(documentId)) return;
    const { version, compressedText, checksum, lengthCodePoints, effectState } = checkpoint;
    const key = this.#log.keyOf(documentId);
    this.#sql.run(
      `INSERT OR REPLACE INTO checkpoints
         (document, version, compressed_text, compressed_checksum, text_checksum, length_code_points,
          effect_state)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[key, version, compressedText, checkpointChecksum(compressedText, effectState)],
      ...[checksum, lengthCodePoints, effectState ?? null],
    );
    const kept = this.#sql
      .rows(
        `SELECT version,
           length(compressed_text) + coalesce(length(CAST(effect_state AS BLOB)), 0) AS bytes
         FROM checkpoints WHERE document = ? ORDER BY version`,
        key,
      )
      .map((row) => ({ version: integerIn(row, 'version'), bytes: integerIn(row, 'bytes') }));
    for (const gone of superfluousCheckpoints(kept)) {
      this.#sql.run('DELETE FROM checkpoints WHERE document = ? AND version = ?', key, gone);
    }
  }

  discardCheckpointsAfter(documentId: string, version: number): void {
    this.#sql.run(
      'DELETE FROM checkpoints WHERE document = ? AND version > ?',
      ...[this.#log.existingKeyOf(documentId), version],
    );
  }

  #idsOf(condition: string, ...parameters: number[]): readonly DocumentId[] {
    return this.#sql
      .rows(
        columns(
          `SELECT t:document_keys.id FROM documents JOIN document_keys USING (document) WHERE ${condition}`,
        ),
        ...parameters,
      )
      .map((row) => textIn(row, 'id') as DocumentId);
  }
}

/** Of the text's bytes alone where there is no state: as it was before there were any. */
function checkpointChecksum(compressedText: Uint8Array, effectState: string | undefined): number {
  if (effectState === undefined) return checksumOf(compressedText);
  return checksumOf(Buffer.concat([compressedText, Buffer.from(effectState)]));
}

function titleIn(row: Row): VersionedTitle {
  return { title: textIn(row, 'title'), titleVersion: integerIn(row, 'title_version') };
}

function recordOf(id: string, row: Row): StoredDocument {
  return {
    id: id as DocumentId,
    ...titleIn(row),
    createdBy: textIn(row, 'created_by'),
    createdAt: integerIn(row, 'created_at'),
    updatedAt: integerIn(row, 'updated_at'),
  };
}
