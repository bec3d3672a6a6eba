/** The operation log in SQLite: tables `document_keys`, `batches` and `client_positions`. */
import {
  DuplicateBatchError,
  FencedError,
  type Batch,
  type ClientPosition,
  type EpochStart,
  type LoggedOperation,
} from '../ports/store.ts';
import { checksumOf, corruptionOf, decodeBatch, verifiedLines } from './batch-codec.ts';
import {
  bytesIn,
  DamagedRowError,
  integerIn,
  prepare,
  textIn,
  type Connection,
  type Statement,
} from './rows.ts';

/** Documents whose key and head are remembered; others cost one more query (5 µs). */
const KNOWN_DOCUMENTS = 10_000;

interface LoggedDocument {
  readonly key: number;
  /** Version of the newest operation, 0 for none. */
  head: number;
  /** Of the newest batch; null until it is asked for. */
  epoch: number | null;
  /** Purged: the tombstone refuses further batches. */
  readonly isRemoved: boolean;
}

/** The key was found by the index of ids: whether the table says the same. */
const isSameInTable = `(SELECT own.id = ?1 FROM document_keys AS own NOT INDEXED
  WHERE own.document = document_keys.document)`;

/** What is damaged there is found when the batch is read, not by its epoch. */
const epochOfBatch = `CASE WHEN json_valid(CAST(payload AS TEXT))
  THEN json_extract(CAST(payload AS TEXT), '$.epoch') END`;

export class LogTables {
  /** Cache, valid while this connection is the only writer of the file; cleared on rollback. */
  readonly #known = new Map<string, LoggedDocument>();
  readonly #isOnlyWriter: boolean;
  readonly #find: Statement;
  readonly #addKey: Statement;
  readonly #rememberRemoved: Statement;
  readonly #insertBatch: Statement;
  readonly #setPosition: Statement;
  readonly #touchDocument: Statement;
  readonly #selectEpoch: Statement;
  readonly #selectEpochs: Statement;
  readonly #selectBatches: Statement;
  readonly #selectPosition: Statement;
  readonly #selectOthers: Statement;

  /** @param options `isOnlyWriter`: nothing changes but by this connection, so that heads may be remembered */
  constructor(connection: Connection, { isOnlyWriter }: { readonly isOnlyWriter: boolean }) {
    this.#isOnlyWriter = isOnlyWriter;
    this.#find = prepare(
      connection,
      `SELECT document, coalesce(
         (SELECT last_version FROM batches WHERE batches.document = document_keys.document
          ORDER BY first_version DESC LIMIT 1), 0) AS head,
         EXISTS (SELECT 1 FROM removed_documents
                 WHERE removed_documents.document = document_keys.document) AS is_removed,
         ${isSameInTable} AS is_proven
       FROM document_keys WHERE id = ?1`,
    );
    this.#addKey = prepare(connection, 'INSERT INTO document_keys (id) VALUES (?)');
    this.#rememberRemoved = prepare(
      connection,
      'INSERT INTO removed_documents (document) VALUES (?)',
    );
    this.#insertBatch = prepare(
      connection,
      `INSERT INTO batches (document, first_version, last_version, payload, checksum)
       VALUES (?, ?, ?, ?, ?)`,
    );
    this.#setPosition = prepare(
      connection,
      `INSERT INTO client_positions (document, client, author, version) VALUES (?, ?, ?, ?)
       ON CONFLICT (document, client, author) DO UPDATE SET version = excluded.version`,
    );
    this.#touchDocument = prepare(
      connection,
      'UPDATE documents SET updated_at = ? WHERE document = ?',
    );
    this.#selectEpoch = prepare(
      connection,
      `SELECT ${epochOfBatch} AS epoch
       FROM batches WHERE document = ? ORDER BY first_version DESC LIMIT 1`,
    );
    this.#selectEpochs = prepare(
      connection,
      `SELECT first_version, epoch FROM (
         SELECT first_version, epoch, lag(epoch) OVER (ORDER BY first_version) AS former
         FROM (SELECT first_version, coalesce(${epochOfBatch}, 0) AS epoch
               FROM batches WHERE document = ?))
       WHERE former IS NULL OR epoch <> former ORDER BY first_version`,
    );
    // The batch that holds the version, and those behind it: only `first_version` is indexed.
    this.#selectBatches = prepare(
      connection,
      joinedBatches(`
        first_version >= coalesce(
          (SELECT max(first_version) FROM batches WHERE document = ?1 AND first_version <= ?2), 0)
        AND first_version <= ?3`),
    );
    this.#selectPosition = prepare(
      connection,
      `SELECT version FROM client_positions
       WHERE document = ? AND client = ? AND author = ?`,
    );
    this.#selectOthers = prepare(
      connection,
      `SELECT version FROM client_positions
       WHERE document = ? AND NOT (author = ? AND client GLOB ?) LIMIT 1`,
    );
  }

  /** The integer key of a document, given to it when it has none. Within a transaction. */
  keyOf(documentId: string): number {
    return this.#loggedDocument(documentId).key;
  }

  /** The integer key of a document, or null. */
  existingKeyOf(documentId: string): number | null {
    return this.#lookUp(documentId)?.key ?? null;
  }

  /** Whether the document was purged. */
  isRemoved(documentId: string): boolean {
    return this.#lookUp(documentId)?.isRemoved ?? false;
  }

  /** Clears the cache of documents after a rollback: its values may be those of the undone transaction. */
  forget(): void {
    this.#known.clear();
  }

  /** Adds a tombstone for the document, whose rows were deleted. Within a transaction. */
  remove(documentId: string, key: number): void {
    this.#rememberRemoved.run([key]);
    this.#known.delete(documentId);
  }

  /** What is remembered may have been written by a write, or a whole transaction, that was undone. */
  forgetKnown(): void {
    this.#known.clear();
  }

  /** Within a transaction. Throws {@link DuplicateBatchError} or {@link FencedError} before anything is changed. */
  append(json: string): void {
    const { documentId, firstVersion, epoch = 0, operations } = decodeBatch(json);
    const document = this.#loggedDocument(documentId);
    if (document.isRemoved) {
      throw new DuplicateBatchError(`Document ${documentId} was deleted permanently.`);
    }
    if (firstVersion !== document.head + 1) {
      throw new DuplicateBatchError(
        `Version ${firstVersion} of document ${documentId} is not next: the log is at version ${document.head}.`,
      );
    }
    const newestEpoch = (document.epoch ??= this.#newestEpoch(document.key));
    if (epoch < newestEpoch) {
      throw new FencedError(
        `Document ${documentId} was taken over: the log is at epoch ${newestEpoch}, the append is of ${epoch}.`,
      );
    }
    const lastVersion = document.head + operations.length;
    const payload = Buffer.from(json);
    // The unique key of the table stands behind the check above (I3).
    this.#insertBatch.run([document.key, firstVersion, lastVersion, payload, checksumOf(payload)]);
    document.head = lastVersion;
    document.epoch = epoch;
    for (const [{ clientId, author }, version] of lastOfEach(firstVersion, operations)) {
      this.#setPosition.run([document.key, clientId, author, version]);
    }
    this.#touchDocument.run([operations.at(-1)?.at ?? 0, document.key]);
  }

  epoch(documentId: string): number {
    const key = this.existingKeyOf(documentId);
    return key === null ? 0 : this.#newestEpoch(key);
  }

  epochs(documentId: string): readonly EpochStart[] {
    return this.#selectEpochs
      .all([this.existingKeyOf(documentId)])
      .map((row) => ({ version: integerIn(row, 'first_version'), epoch: integerIn(row, 'epoch') }));
  }

  headVersion(documentId: string): number {
    return this.#lookUp(documentId)?.head ?? 0;
  }

  /** Batches that hold versions from `afterVersion + 1` to `lastVersion`, as JSON, one a line. */
  batches(documentId: string, afterVersion: number, lastVersion: number): string {
    const document = this.#lookUp(documentId);
    if (document === null || afterVersion >= Math.min(document.head, lastVersion)) return '';
    return this.#verifiedBatches(documentId, document.key, afterVersion + 1, lastVersion);
  }

  position(documentId: string, clientId: string, author: string): ClientPosition | null {
    const document = this.#lookUp(documentId);
    if (document === null) return null;
    const row = this.#selectPosition.get([document.key, clientId, author]);
    if (row === undefined) return null;
    const version = integerIn(row, 'version');
    const json = this.#verifiedBatches(documentId, document.key, version, version);
    const batch = json === '' ? null : decodeBatch(json);
    const operation = batch?.operations[version - batch.firstVersion];
    if (operation?.clientId !== clientId || operation.author !== author) {
      throw corruptionOf(documentId, `the position of client ${clientId} at version ${version}`);
    }
    return { seq: operation.seq, version };
  }

  isOnlyBy(documentId: string, author: string, clientIdPrefix: string): boolean {
    const key = this.existingKeyOf(documentId);
    // An id of 26 characters of base32 has nothing that GLOB would understand.
    const row = this.#selectOthers.get([key, author, `${clientIdPrefix}*`]);
    return row === undefined;
  }

  #verifiedBatches(documentId: string, key: number, first: number, last: number): string {
    const row = this.#selectBatches.get([key, first, last]) ?? {};
    if (row['payloads'] === null) return '';
    return verifiedLines(documentId, textIn(row, 'headers'), bytesIn(row, 'payloads'));
  }

  #loggedDocument(documentId: string): LoggedDocument {
    const found = this.#lookUp(documentId);
    if (found !== null) return found;
    this.#addKey.run([documentId]);
    const added = this.#lookUp(documentId);
    if (added === null) throw new Error(`The key of document ${documentId} was not kept.`);
    return added;
  }

  #newestEpoch(key: number): number {
    const epoch = this.#selectEpoch.get([key])?.['epoch'];
    return typeof epoch === 'number' ? epoch : 0;
  }

  #lookUp(documentId: string): LoggedDocument | null {
    const known = this.#known.get(documentId);
    if (known !== undefined) return known;
    const row = this.#find.get([documentId]);
    if (row === undefined) return null;
    if (row['is_proven'] !== 1) throw new DamagedRowError(`The key of document ${documentId} differs from its index.`); // prettier-ignore
    const found = {
      key: integerIn(row, 'document'),
      head: integerIn(row, 'head'),
      epoch: null,
      isRemoved: integerIn(row, 'is_removed') === 1,
    };
    if (!this.#isOnlyWriter) return found;
    if (this.#known.size >= KNOWN_DOCUMENTS) this.#forgetOldest();
    this.#known.set(documentId, found);
    return found;
  }

  #forgetOldest(): void {
    for (const id of this.#known.keys()) {
      this.#known.delete(id);
      return;
    }
  }
}

/** The last operation of each client in a batch, and its version. */
function lastOfEach(
  firstVersion: number,
  operations: Batch['operations'],
): Iterable<readonly [LoggedOperation, version: number]> {
  const [only] = operations;
  if (operations.length === 1 && only !== undefined) return [[only, firstVersion]];
  const last = new Map<string, readonly [LoggedOperation, version: number]>();
  for (const [place, operation] of operations.entries()) {
    last.set(`${operation.clientId} ${operation.author}`, [operation, firstVersion + place]);
  }
  return last.values();
}

/**
 * Selects batches of document ?1 as two texts with a line per batch. libsql takes 2.5 µs to hand over a row,
 * SQLite a seventh of that to append a line (measured), and no append may wait long while a tail is read.
 * JSON has no line breaks, so that a line which is not a batch is damage.
 */
function joinedBatches(condition: string): string {
  return `
    SELECT CAST(group_concat(first_version || ' ' || last_version || ' ' || checksum, char(10)) AS BLOB)
             AS headers,
           CAST(group_concat(CAST(payload AS TEXT), char(10)) AS BLOB) AS payloads
    FROM (SELECT first_version, last_version, payload, checksum FROM batches
          WHERE document = ?1 AND ${condition} ORDER BY first_version)`;
}
