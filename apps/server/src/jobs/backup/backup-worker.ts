/**
 * Worker thread that writes a backup over a connection of its own, from one snapshot of the database, while the server
 * continues to write.
 */
import { closeSync, createWriteStream, fsyncSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { isDerived } from '../../store/sqlite/derived-tables.ts';
import { openReadingDatabase } from '../../store/sqlite/open-database.ts';
import {
  bytesIn,
  columns,
  integerIn,
  prepare,
  textIn,
  type Connection,
  type Row,
} from '../../store/sqlite/rows.ts';
import { BACKUP_VERSION, encodeBytes, LineHash, type BackupHeader } from './backup-format.ts';
import type { BackupRequest, FromBackup } from './back-up.ts';

/** Rows are read so many at a time. */
const ROWS = 500;

interface Column {
  readonly name: string;
  readonly type: string;
  /** Its place in the primary key, from 1; 0 for none. */
  readonly key: number;
}

const post = (message: FromBackup): void => parentPort?.postMessage(message);

async function write({ dataDirectory, partial, givenUp }: BackupRequest): Promise<void> {
  const { connection, historyId, close } = openReadingDatabase(dataDirectory);
  try {
    await writeFrom(connection, historyId, partial, () => Atomics.load(givenUp, 0) === 1);
  } finally {
    close();
  }
}

async function writeFrom(
  connection: Connection,
  historyId: string,
  partial: string,
  isGivenUp: () => boolean,
): Promise<void> {
  const packed = createGzip({ level: 4 });
  const output = createWriteStream(partial, { flags: 'wx', mode: 0o600 });
  const written = once(output, 'close');
  written.catch(() => undefined);
  packed.pipe(output);
  const hash = new LineHash();
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    const chunk = lines.join('');
    lines = [];
    if (!packed.write(chunk)) await Promise.race([once(packed, 'drain'), written]);
    if (output.errored !== null) throw output.errored;
  };
  const put = (value: unknown): void => {
    const line = JSON.stringify(value);
    hash.add(line);
    lines.push(`${line}\n`);
  };
  connection.exec('BEGIN');
  const schema = integerIn(
    prepare(connection, 'PRAGMA user_version').get([]) ?? {},
    'user_version',
  );
  const createdAt = new Date().toISOString();
  put({ format: 'concord-backup', version: BACKUP_VERSION, schema, historyId, createdAt } satisfies BackupHeader); // prettier-ignore
  let rows = 0;
  for (const table of tablesOf(connection)) {
    const all = columnsOf(connection, table);
    put({ table, columns: all.map(({ name }) => name) });
    for (const some of rowsOf(connection, table, all)) {
      if (isGivenUp()) {
        output.destroy();
        throw new Error('it was given up');
      }
      for (const row of some) put(all.map((column) => valueIn(row, column)));
      rows += some.length;
      await flush();
      post({ kind: 'progress', rows, bytes: output.bytesWritten, table });
    }
  }
  connection.exec('COMMIT');
  const sha256 = hash.digest();
  lines.push(`${JSON.stringify({ end: true, rows, sha256 })}\n`);
  await flush();
  packed.end();
  await written;
  const file = openSync(partial, 'r');
  fsyncSync(file);
  closeSync(file);
  post({ kind: 'done', rows, bytes: output.bytesWritten, sha256 });
}

function tablesOf(connection: Connection): readonly string[] {
  const sql = columns(`SELECT t:name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid`);
  return prepare(connection, sql)
    .all([])
    .map((row) => textIn(row, 'name'))
    .filter((name) => !name.startsWith('sqlite_') && !isDerived(name));
}

function columnsOf(connection: Connection, table: string): readonly Column[] {
  const sql = columns('SELECT t:name, t:type, pk FROM pragma_table_info(?)');
  return prepare(connection, sql)
    .all([table])
    .map((row) => ({
      name: textIn(row, 'name'),
      type: textIn(row, 'type'),
      key: integerIn(row, 'pk'),
    }));
}

/** In batches by the primary key, so that memory is bounded. */
function* rowsOf(
  connection: Connection,
  table: string,
  all: readonly Column[],
): Iterable<readonly Row[]> {
  // Texts as bytes: see `textIn`.
  const selected = all.map(({ name, type }) =>
    type === 'TEXT' ? `CAST("${name}" AS BLOB) AS "${name}"` : `"${name}"`,
  );
  const select = `SELECT ${selected.join(', ')} FROM "${table}"`;
  const keys = all.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  if (keys.length === 0) {
    yield prepare(connection, select).all([]);
    return;
  }
  const names = keys.map(({ name }) => `"${name}"`).join(', ');
  const end = `ORDER BY ${names} LIMIT ${ROWS}`;
  const after = `WHERE (${names}) > (${keys.map(() => '?').join(', ')})`;
  let rows = prepare(connection, `${select} ${end}`).all([]);
  const next = prepare(connection, `${select} ${after} ${end}`);
  while (rows.length > 0) {
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < ROWS) return;
    rows = next.all(keys.map((column) => keyIn(last, column)));
  }
}

const keyIn = (row: Row, { name, type }: Column): string | number =>
  type === 'TEXT' ? textIn(row, name) : integerIn(row, name);

function valueIn(row: Row, { name, type }: Column): unknown {
  const value = row[name];
  if (value === null) return null;
  if (type === 'TEXT') return textIn(row, name);
  return type === 'BLOB' ? encodeBytes(bytesIn(row, name)) : integerIn(row, name);
}

write(workerData as BackupRequest).catch((error: unknown) => {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
});
