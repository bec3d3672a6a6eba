/** `concord verify`, as a person runs it: all files, all tables, all documents. */
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { removeDamagedSearchFile } from '../store/sqlite/verify-search.ts';
import { tableFaults } from '../store/sqlite/verify-tables.ts';
import type { StoreIncident } from '../store/ports/store.ts';
import { verifyStore } from './verify.ts';

const WAY_OUT = `What to do: restore the newest good backup into an empty data directory (concord restore FILE); or go on with what
is there: damaged documents are refused, all others are whole and can be read, exported and backed up.
Delete a report under incidents/ when it is dealt with.
`;

/** Prints what it finds as it goes; false when anything is wrong. Rejects with StoreOpenError. */
export async function verifyCommand(dataDirectory: string): Promise<boolean> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  // For a person who waits; what a program reads has only what was found.
  const doing = (what: string): void =>
    void (process.stderr.isTTY && process.stderr.write(`${what}\n`));
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
  let documents = 0;
  let faulty = 0;
  for await (const verdict of verifyStore(store)) {
    const { documentId, version, lengthCodePoints, checksum, faults } = verdict;
    documents += 1;
    if (faults.length > 0) faulty += 1;
    const hash = checksum.toString(16).padStart(8, '0');
    const result = faults.length === 0 ? 'ok' : 'FAULTY';
    say(`${documentId}  ${result}  version ${version}  ${lengthCodePoints} characters  checksum ${hash}`); // prettier-ignore
    for (const fault of faults) say(`  ${fault}`);
  }
  await store.close();
  const others = incidents.length + inTables.length;
  if (others > 0) say(`${others} faults in files and tables`);
  say(`${documents} documents verified, ${faulty} faulty`);
  const isSound = faulty + others === 0;
  if (!isSound) process.stdout.write(WAY_OUT);
  return isSound;
}
