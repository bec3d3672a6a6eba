/**
 * Recovery from damage on opening: derived tables and indexes are rebuilt, other damage is recorded as an incident. The
 * server starts nevertheless: each document is checked when it is read.
 */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { StoreIncident } from '../ports/store.ts';
import { isDamage, isDerived, resetDerivedTables } from './derived-tables.ts';
import { companionsOf, type DataFiles, type Findings } from './files/data-files.ts';
import { writeIncident } from './files/incidents.ts';
import { ownersOf, type PageOwners } from './page-owners.ts';
import { integerIn, prepare, type Connection } from './rows.ts';
import { PAGE_SUMS_VERSION } from './schema.ts';
import { copiedTableOf, makeAgainFromCopy } from './second-copies.ts';

export interface Recovery {
  /** Newly found incidents, stored in the data directory. */
  readonly incidents: readonly StoreIncident[];
  /** Completed repairs, one sentence each. */
  readonly repaired: readonly string[];
  /** The data derived from the texts was reset. */
  readonly isDerivedReset: boolean;
}

const WAY_OUT =
  'Run `concord verify` for what is affected; restore the newest good backup with `concord restore`, or delete ' +
  'this report to go on with what is there.';

/** Called before SQLite opens the files, which overwrites the evidence of the loss. */
export function reportLostCommits(
  directory: string,
  path: string,
  findings: Findings,
): StoreIncident | null {
  if (findings.lost === null) return null;
  const { expectedFrames, foundFrames } = findings.lost;
  const { log, sums, mark } = companionsOf(path);
  const message =
    `Acknowledged changes were lost: the write-ahead log ${basename(log)} was durable up to frame ` +
    `${expectedFrames}, and is there or readable up to frame ${foundFrames}. The history got a new id, so that pages ` +
    `which know more keep their text and offer to merge it. Copies of the files are beside this report. ${WAY_OUT}`;
  const details = { expectedFrames, foundFrames };
  return writeIncident(directory, { kind: 'lostCommits', message }, details, [log, sums, mark]);
}

/** Whether this database had page checksums and a commit mark when it was closed. */
export function hadCompanions(connection: Connection): boolean {
  const version = integerIn(
    prepare(connection, 'PRAGMA user_version').get([]) ?? {},
    'user_version',
  );
  if (version < PAGE_SUMS_VERSION) return false;
  const row = prepare(connection, 'SELECT has_page_sums FROM store').get([]);
  return row !== undefined && integerIn(row, 'has_page_sums') === 1;
}

/** Recreates and reports companion files of the database that are missing or damaged. */
export function replaceCompanions(
  connection: Connection,
  directory: string,
  files: DataFiles,
  findings: Findings,
): readonly StoreIncident[] {
  const { sums, mark } = companionsOf(files.path);
  const stateOf = (file: string) => findings.unusable.find((each) => each.file === file)?.state;
  if (stateOf(sums) !== undefined) files.adoptAll();
  if (findings.unusable.length === 0 || !hadCompanions(connection)) return [];
  const about = findings.unusable
    .map(({ file, state }) => `${basename(file)} is ${state}`)
    .join(', ');
  let message = `${about}.`;
  if (stateOf(sums) !== undefined) {
    message += ` What changed in ${basename(files.path)} since it was closed cannot be noticed; its pages count as they are.`;
  }
  if (stateOf(mark) !== undefined) {
    renewHistory(connection);
    message +=
      ' Whether acknowledged changes are missing cannot be told, so that the history got a new id: pages which know ' +
      'more keep their text and offer to merge it.';
  }
  const evidence = findings.unusable.map(({ file }) => file);
  return [
    writeIncident(
      directory,
      { kind: 'companion', message: `${message} ${WAY_OUT}` },
      null,
      evidence,
    ),
  ];
}

/** Gives the history a new id, so that clients do not take it for the one they know. */
export function renewHistory(connection: Connection): void {
  prepare(connection, 'UPDATE store SET history_id = ?').run([randomUUID()]);
}

/** Rebuilds what can be rebuilt, and records the rest as incidents. */
export function recoverPages(
  connection: Connection,
  directory: string,
  files: DataFiles,
  pages: readonly number[],
): Recovery {
  if (pages.length === 0) return { incidents: [], repaired: [], isDerivedReset: false };
  const owners = ownersOf(connection, pages);
  const repaired: string[] = [];
  const isDerivedReset = owners.tables.some(isDerived) || owners.unowned.length > 0;
  if (isDerivedReset) resetDerivedTables(connection);
  const damagedTables = owners.tables.filter((table) => !isDerived(table));
  // A table and its second copy are restored from each other, unless both are damaged.
  const hasGoodCopy = (table: string): boolean =>
    !owners.indexes.includes(copiedTableOf(table)?.copy ?? '');
  const tables = damagedTables.filter((table) => {
    if (!hasGoodCopy(table) || !makeAgainFromCopy(connection, table)) return true;
    repaired.push(`The table ${table} was damaged; it was made again from its second copy.`);
    return false;
  });
  const lostCopies = tables.map((table) => copiedTableOf(table)?.copy);
  const lostIndexes = owners.indexes.filter((index) => {
    if (isDerived(index)) return false;
    if (lostCopies.includes(index) || !reindex(connection, index)) return true;
    repaired.push(`The index ${index} was damaged; it was made again from its table.`);
    return false;
  });
  const isOtherFile = pages.length > files.pageCount / 4 && pages.length > 8;
  const incidents: StoreIncident[] = [];
  if (tables.length + lostIndexes.length + owners.unowned.length > 0) {
    if (isOtherFile) renewHistory(connection);
    const message = sentenceOf(files, pages, tables, lostIndexes, owners, isOtherFile);
    const details = { pages, ...owners };
    incidents.push(writeIncident(directory, { kind: 'damagedPages', message }, details, []));
  }
  files.adopt(pages);
  return { incidents, repaired, isDerivedReset };
}

function reindex(connection: Connection, index: string): boolean {
  try {
    connection.exec(`REINDEX "${index.replaceAll('"', '""')}"`);
    return true;
  } catch (error) {
    if (isDamage(error) || String(error).includes('UNIQUE')) return false;
    throw error;
  }
}

function sentenceOf(
  { path }: DataFiles,
  pages: readonly number[],
  tables: readonly string[],
  indexes: readonly string[],
  { unowned }: PageOwners,
  isOtherFile: boolean,
): string {
  const file = basename(path);
  const some = pages.slice(0, 10).join(', ') + (pages.length > 10 ? ', …' : '');
  const parts = [
    ...(tables.length > 0 ? [`tables ${tables.join(', ')}`] : []),
    ...(indexes.length > 0 ? [`indexes ${indexes.join(', ')}`] : []),
    ...(unowned.length > 0 ? ['pages in no table'] : []),
  ];
  const other = isOtherFile
    ? ` Perhaps ${file} is another copy than the one that was closed last; the history got a new id.`
    : '';
  return (
    `${pages.length} pages of ${file} are not what was written (${some}): ${parts.join('; ')}.${other} ` +
    `Documents and what gives access to them are checked when they are read, and refused where they are damaged; of ` +
    `other tables, what is on these pages may be wrong. ${WAY_OUT}`
  );
}
