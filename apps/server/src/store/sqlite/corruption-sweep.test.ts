/**
 * Random damage to every file of a data directory: each one is noticed at the start or when it is read, or has changed
 * nothing; no text is served that was not written; the second start is as orderly as the first. The same seeds each
 * time; `CONCORD_SWEEP=500` tries more. What is behind the end of the log, or in a page that the log holds anew, changes nothing when damaged.
 */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentText } from '@concord/ot';
import { defaultLimits } from '@concord/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointOf, openDocument } from '../../document/open-document.ts';
import { CorruptionError, type LoggedOperation, type Store, type StoreEvent } from '../store.ts';
import { clientId, documentId, recordOf } from '../test-batches.ts';
import { DATABASE_FILE } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreOpenError } from './store-open-error.ts';

const DAMAGES = Number(process.env['CONCORD_SWEEP'] ?? 16);
const documents = Array.from({ length: 24 }, (_, i) => documentId(`sweep-${i}-`));

let root: string;
/** Every text that each document has had. */
const written = new Map<string, Set<string>>();
const latest = new Map<string, string>();

/** Mulberry32. */
function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

async function write(store: Store, from: number, until: number): Promise<void> {
  for (let version = from; version <= until; version += 1) {
    await Promise.all(
      documents.map((id, i) => {
        const text = `Line ${version} of document ${i}, ${'word '.repeat((i * version) % 40)}\n`;
        const operation: LoggedOperation = {
          ...{ clientId: clientId('ann'), seq: version, author: 'ann', at: version, op: [text] },
        };
        const now = text + (latest.get(id) ?? '');
        latest.set(id, now);
        written.get(id)?.add(now);
        return store.log.append({ documentId: id, firstVersion: version, operations: [operation] });
      }),
    );
  }
}

function copy(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const isData = name.startsWith(DATABASE_FILE) && !name.endsWith('-shm');
    if (isData && statSync(join(from, name)).isFile()) copyFileSync(join(from, name), join(to, name)); // prettier-ignore
  }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'concord-sweep-'));
  const data = join(root, 'data');
  const store = await openSqliteStore(data, 0);
  for (const id of documents) {
    written.set(id, new Set(['']));
    await store.documents.create(recordOf(id, { title: `Title of ${id}` }), 'editor');
    await store.people.setName(`user-of-${id}`, `Name for ${id}`);
  }
  await write(store, 1, 12);
  for (const id of documents.slice(0, 12)) {
    const text = DocumentText.from(latest.get(id) ?? '');
    await store.checkpoints.write(id, await checkpointOf(text, 12));
    await store.search.put(id, 12, text.toString());
  }
  await store.close();
  const again = await openSqliteStore(data, 0);
  await write(again, 13, 20);
  // What the last group wrote is marked after its answer.
  await again.people.setName('ann', 'Ann');
  await new Promise((resolve) => setTimeout(resolve, 500));
  copy(data, join(root, 'killed'));
  await again.close();
  copy(data, join(root, 'closed'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function damage(directory: string, random: (limit: number) => number): string {
  const files = readdirSync(directory).sort();
  // The larger ones more often: they have more to damage.
  const weighted = files.flatMap((name) => Array.from({ length: /(sqlite|wal)$/.test(name) ? 4 : 1 }, () => name)); // prettier-ignore
  const name = weighted[random(weighted.length)] ?? DATABASE_FILE;
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const at = random(Math.max(1, bytes.length));
  switch (random(8)) {
    case 0:
      rmSync(path);
      return `${name} deleted`;
    case 1:
      writeFileSync(path, bytes.subarray(0, at));
      return `${name} cut at ${at}`;
    case 2:
    case 3: {
      const from = at - (at % 512);
      bytes.fill(0, from, Math.min(from + 512, bytes.length));
      writeFileSync(path, bytes);
      return `${name} zeroed from ${from}`;
    }
    default: {
      const bit = random(8);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      writeFileSync(path, bytes);
      return `${name} bit ${bit} of byte ${at} flipped`;
    }
  }
}

interface Outcome {
  readonly noticed: 'refused' | 'start' | 'reading' | null;
  /** A text that was never written, or an older one without a report. */
  readonly wrong: string | null;
}

/** Opens it as the server does, and reads everything. */
async function outcomeOf(directory: string): Promise<Outcome> {
  const events: StoreEvent[] = [];
  let store: Store;
  try {
    store = await openSqliteStore(directory, 0, null, true);
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    expect(error.message.split('\n')).toHaveLength(1);
    return { noticed: 'refused', wrong: null };
  }
  try {
    store.listen((event) => events.push(event));
    let isDamaged = false;
    let wrong: string | null = null;
    const attempt = async (read: () => Promise<string | null>): Promise<void> => {
      try {
        wrong = (await read()) ?? wrong;
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error;
        isDamaged = true;
      }
    };
    for (const id of documents) {
      await attempt(async () => {
        const opened = await openDocument(store, id, defaultLimits);
        if (opened === null) return events.length > 0 ? null : `${id} is gone`;
        const { text, tail } = opened.document;
        const now = tail.reduce((sum, { op }) => sum.apply(op), text).toString();
        if (opened.damagedCheckpoint !== null) isDamaged = true;
        if (now === latest.get(id)) return null;
        const isOlder = written.get(id)?.has(now) === true;
        return isOlder && events.length > 0
          ? null
          : `${id} reads ${JSON.stringify(now.slice(0, 80))}`;
      });
      if (events.length === 0) {
        await attempt(async () => {
          const record = await store.documents.get(id);
          return record?.title === `Title of ${id}` ? null : `${id} is called ${record?.title}`;
        });
        await attempt(async () => {
          const name = await store.people.nameOf(`user-of-${id}`);
          return name === `Name for ${id}` ? null : `the person of ${id} is called ${name}`;
        });
      }
    }
    expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
    return { noticed: events.length > 0 ? 'start' : isDamaged ? 'reading' : null, wrong };
  } finally {
    await store.close();
  }
}

it(
  `${DAMAGES} random damages are noticed, and none is served as if it were good`,
  async () => {
    const counts = { refused: 0, start: 0, reading: 0, nothing: 0 };
    const without: string[] = [];
    for (let seed = 1; seed <= DAMAGES; seed += 1) {
      const random = seeded(seed);
      const base = random(2) === 0 ? 'killed' : 'closed';
      const directory = join(root, `damaged-${seed}`);
      copy(join(root, base), directory);
      const what = `seed ${seed}: ${base}, ${damage(directory, random)}`;
      const first = await outcomeOf(directory);
      expect([what, first.wrong]).toEqual([what, null]);
      counts[first.noticed ?? 'nothing'] += 1;
      if (first.noticed === null) without.push(what);
      // Every start is as orderly as the first.
      const second = await outcomeOf(directory);
      expect([what, second.wrong]).toEqual([what, null]);
      rmSync(directory, { recursive: true });
    }
    console.log(JSON.stringify(counts), ...without);
    // What nobody noticed changed nothing at all: such as the bytes behind the end of the log.
    expect(counts.nothing).toBeLessThanOrEqual(DAMAGES / 4);
  },
  60_000 + DAMAGES * 20_000,
);
