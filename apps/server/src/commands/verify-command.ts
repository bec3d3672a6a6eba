/** `concord verify`, as a person runs it: all files and tables, or rows of a database, and all documents. */
import type { Config } from '../platform/config.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { removeDamagedSearchFile } from '../store/sqlite/verify-search.ts';
import { tableFaults } from '../store/sqlite/verify-tables.ts';
import type { StoreIncident } from '../store/ports/store.ts';
import { openMongoStore } from '../store/mongodb/mongo-store.ts';
import { openRowChecks } from '../store/mongodb/verify-rows.ts';
import { verifyDatabase } from '../jobs/verify/verify-database.ts';
import { verifyStore, type DocumentVerdict } from '../jobs/verify/verify.ts';

const WAY_OUT = `What to do: restore the newest good backup into an empty data directory (concord restore FILE); or go on with what
is there: damaged documents are refused, all others are whole and can be read, exported and backed up.
Delete a report under incidents/ when it is dealt with.
`;

const DATABASE_WAY_OUT = `What to do: restore the newest good backup into an empty database (concord restore FILE); or go on with what is
there: damaged documents are refused, all others are whole and can be read, exported and backed up.
`;

/** Prints what it finds as it goes; false when anything is wrong. Rejects with StoreOpenError or DatabaseOpenError. */
export function verifyCommand({ dataDirectory, databaseUrl }: Config): Promise<boolean> {
  return databaseUrl === null ? verifyFiles(dataDirectory) : verifyInDatabase(databaseUrl);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** For a person who waits; what a program reads has only what was found. */
const doing = (what: string): void =>
  void (process.stderr.isTTY && process.stderr.write(`${what}\n`));

async function verifyInDatabase(url: string): Promise<boolean> {
  const warn = (message: string): void => void process.stderr.write(`${message}\n`);
  const store = await openMongoStore(url, { warn });
  const checks = await openRowChecks(url);
  let others = 0;
  doing('Looking for rows that belong to nothing');
  for await (const fault of checks.strayRows()) {
    others += 1;
    say(`FAULTY  ${fault}`);
  }
  const sum = await sayVerdicts(verifyDatabase(store, checks));
  await Promise.all([store.close(), checks.close()]);
  if (others > 0) say(`${others} faults beside the documents`);
  return concluded(sum, others, DATABASE_WAY_OUT);
}

interface Sum {
  readonly documents: number;
  readonly faulty: number;
}

async function sayVerdicts(verdicts: AsyncIterable<DocumentVerdict>): Promise<Sum> {
  let documents = 0;
  let faulty = 0;
  for await (const verdict of verdicts) {
    const { documentId, version, lengthCodePoints, checksum, faults } = verdict;
    documents += 1;
    if (faults.length > 0) faulty += 1;
    const hash = checksum.toString(16).padStart(8, '0');
    const result = faults.length === 0 ? 'ok' : 'FAULTY';
    say(`${documentId}  ${result}  version ${version}  ${lengthCodePoints} characters  checksum ${hash}`); // prettier-ignore
    for (const fault of faults) say(`  ${fault}`);
  }
  return { documents, faulty };
}

function concluded({ documents, faulty }: Sum, others: number, wayOut: string): boolean {
  say(`${documents} documents verified, ${faulty} faulty`);
  const isSound = faulty + others === 0;
  if (!isSound) process.stdout.write(wayOut);
  return isSound;
}

async function verifyFiles(dataDirectory: string): Promise<boolean> {
  doing('Comparing the files with their checksums');
  const store = await openSqliteStore(dataDirectory, undefined, null, true);
  const incidents: StoreIncident[] = [];
  store.listen((event) => {
    if (event.type === 'incident') incidents.push(event.incident);
    if (event.type === 'repaired') say(event.message);
    if (event.type === 'derivedReset') {
      say('The search index was damaged; the next start of the server makes it again.');
    }
  });
  for (const { name, message } of incidents) say(`FAULTY  ${name}: ${message}`);
  doing('Checking the tables');
  const inTables = tableFaults(dataDirectory);
  for (const fault of inTables) say(`FAULTY  ${fault}`);
  doing('Comparing the search index with its texts');
  if (removeDamagedSearchFile(dataDirectory)) {
    say(
      'The search index was damaged and is removed; the next start of the server makes it again.',
    );
  }
  const sum = await sayVerdicts(verifyStore(store));
  await store.close();
  const others = incidents.length + inTables.length;
  if (others > 0) say(`${others} faults in files and tables`);
  return concluded(sum, others, WAY_OUT);
}
