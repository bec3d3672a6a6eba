/**
 * Random damage to each file of a data directory, including a backup in it. Each damage is detected at the start, on
 * read, by `concord verify` or by `concord restore`, or has no effect. No text, title, role or account is served that
 * was not written, detected or not. The second start behaves as the first.
 *
 * Fixed seeds; `CONCORD_SWEEP=500` tries more, from `CONCORD_SWEEP_FROM`. Damage behind the end of the write-ahead log,
 * or in a page that the log supersedes, has no effect. Results: docs/operations.md, Verify.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBackup } from '../../jobs/backup/backup-reader.ts';
import { BackupError } from '../../jobs/backup/backup-format.ts';
import { verifyStore } from '../../jobs/verify/verify.ts';
import { CorruptionError, StoreError, type Store, type StoreEvent } from '../ports/store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreOpenError } from './store-open-error.ts';
import {
  BACKUP_FILE,
  copyOf,
  damage,
  documents,
  passages,
  readings,
  seeded,
  sweptData,
  textOf,
  type SweptData,
} from './test-sweep.ts';
import { removeDamagedSearchFile } from './verify-search.ts';
import { tableFaults } from './verify-tables.ts';

const DAMAGES = Number(process.env['CONCORD_SWEEP'] ?? 16);
const FROM = Number(process.env['CONCORD_SWEEP_FROM'] ?? 1);

let data: SweptData;
/** The values served from the undamaged directory, by document and name. */
const sound = new Map<string, unknown>();

beforeAll(async () => {
  data = await sweptData();
  const store = await openSqliteStore(copyOf(data.killed, join(data.root, 'sound')), 0);
  for (const [i, id] of documents.entries()) {
    for (const [name, read] of readings(store, id, i)) sound.set(`${id} ${name}`, await read());
  }
  expect(await passages(store)).toHaveLength(documents.length);
  await store.close();
});
afterAll(() => rmSync(data.root, { recursive: true, force: true }));

type Noticed = 'refused' | 'start' | 'reading' | 'verify' | 'restore';

interface Served {
  readonly events: readonly StoreEvent[];
  /** Reads that failed with an error that reports damage. */
  readonly refused: readonly string[];
  /** Values served without an error that differ from what was written. */
  readonly wrong: readonly string[];
}

/** Opens it as the server does; null when that is refused with a StoreOpenError. */
async function opened(
  directory: string,
): Promise<{ readonly store: Store; readonly events: readonly StoreEvent[] } | null> {
  try {
    const store = await openSqliteStore(directory, 0, null, true);
    const events: StoreEvent[] = [];
    store.listen((event) => events.push(event));
    return { store, events };
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    expect(error.message.split('\n')).toHaveLength(1);
    return null;
  }
}

async function serve(store: Store, events: readonly StoreEvent[]): Promise<Served> {
  const refused: string[] = [];
  const wrong: string[] = [];
  const attempt = async (what: string, read: () => Promise<string | null>): Promise<void> => {
    try {
      const fault = await read();
      if (fault !== null) wrong.push(`${what}: ${fault}`);
    } catch (error) {
      const isSaid = error instanceof CorruptionError || error instanceof StoreError;
      if (!isSaid || (error instanceof StoreError && error.fatal)) throw error;
      refused.push(what);
    }
  };
  const reads = documents.flatMap((id, i) => [
    attempt(`text of ${id}`, async () => {
      const served = await textOf(store, id);
      if (served === null) return 'is gone';
      if (served.isCheckpointDamaged) refused.push(`checkpoint of ${id}`);
      if (served.text === data.latest.get(id)) return null;
      // A log that lost its end serves an older text, and was reported.
      const isOlder = data.written.get(id)?.has(served.text) === true && events.length > 0;
      return isOlder ? null : JSON.stringify(served.text.slice(0, 80));
    }),
    ...readings(store, id, i).map(([name, read]) =>
      attempt(`${name} of ${id}`, async () => {
        const served = await read();
        const isSame = isDeepStrictEqual(served, sound.get(`${id} ${name}`));
        return isSame ? null : JSON.stringify(served);
      }),
    ),
  ]);
  await Promise.all(reads);
  await attempt('search', async () => {
    for (const [id, passage] of await passages(store)) {
      const isPart = [...(data.written.get(id) ?? [])].some((text) => isPartOf(text, passage));
      if (!isPart) return `${id} is shown with ${JSON.stringify(passage)}`;
    }
    return null;
  });
  return { events, refused, wrong };
}

const oneSpace = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const isPartOf = (text: string, passage: string): boolean =>
  oneSpace(text).includes(oneSpace(passage));

async function verifyFaults(store: Store, directory: string): Promise<readonly string[]> {
  const faults = [...tableFaults(directory)];
  if (removeDamagedSearchFile(directory)) faults.push('The search index was damaged.');
  for await (const verdict of verifyStore(store)) faults.push(...verdict.faults);
  return faults;
}

/** Whether `concord restore` refuses the backup, which it reads completely before it writes. */
async function isBackupRefused(directory: string): Promise<boolean> {
  try {
    await checkBackup(join(directory, BACKUP_FILE));
    return false;
  } catch (error) {
    if (error instanceof BackupError) return true;
    throw error;
  }
}

async function sweep(directory: string, what: string): Promise<Noticed | null> {
  const isBackup = what.includes(BACKUP_FILE);
  if (isBackup && (await isBackupRefused(directory))) return 'restore';
  const first = await opened(directory);
  if (first === null) {
    // Refused again: no new database was created in its place.
    expect([what, await opened(directory)]).toEqual([what, null]);
    return 'refused';
  }
  const served = await serve(first.store, first.events);
  expect([what, served.wrong]).toEqual([what, []]);
  expect([what, first.events.filter(({ type }) => type === 'failed')]).toEqual([what, []]);
  await first.store.close();
  // The second start behaves as the first.
  const second = await opened(directory);
  if (second === null) throw new Error(`${what}: the second start was refused`);
  const again = await serve(second.store, second.events);
  const faults = await verifyFaults(second.store, directory);
  expect([what, again.wrong]).toEqual([what, []]);
  await second.store.close();
  if (served.events.length > 0) {
    // Damage of the search index is reported when it is read.
    return served.events.every(({ type }) => type === 'derivedReset') ? 'reading' : 'start';
  }
  if (served.refused.length > 0) return 'reading';
  return faults.length + again.refused.length + second.events.length > 0 ? 'verify' : null;
}

it(
  `${DAMAGES} random damages are noticed, and none is served as if it were good`,
  async () => {
    const counts = { refused: 0, start: 0, reading: 0, verify: 0, restore: 0, nothing: 0 };
    const without: string[] = [];
    for (let seed = FROM; seed < FROM + DAMAGES; seed += 1) {
      const random = seeded(seed);
      const base = random(2) === 0 ? 'killed' : 'closed';
      const directory = copyOf(data[base], join(data.root, `damaged-${seed}`));
      const what = `seed ${seed}: ${base}, ${damage(directory, random)}`;
      const noticed = await sweep(directory, what);
      counts[noticed ?? 'nothing'] += 1;
      if (noticed === null) without.push(what);
      rmSync(directory, { recursive: true });
    }
    console.log(`seeds ${FROM} to ${FROM + DAMAGES - 1}: ${JSON.stringify(counts)}\n${without.join('\n')}`); // prettier-ignore
    // Undetected damage had no effect: everything was read and is what was written.
    expect(counts.nothing).toBeLessThan(0.6 * DAMAGES);
  },
  60_000 + DAMAGES * 20_000,
);
