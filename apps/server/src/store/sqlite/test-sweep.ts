/** A data directory with something of everything, and random damage to any of its files: for the corruption sweep. */
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DocumentText } from '@concord/ot';
import { defaultLimits, type DocumentId } from '@concord/protocol';
import { backUp } from '../../jobs/backup/back-up.ts';
import { checkpointOf, openDocument } from '../../documents/open-document.ts';
import type { LoggedOperation, Store } from '../ports/store.ts';
import { clientId, documentId, emptyDocument, recordOf } from '../test-batches.ts';
import { queryOf } from '../test-records.ts';
import { DATABASE_FILE } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';

const LATER = 4_000_000_000_000;
export const BACKUP_FILE = join('backups', 'newest.concord-backup');
export const documents: readonly DocumentId[] = Array.from({ length: 24 }, (_, i) =>
  documentId(`sweep-${i}-`),
);

/** Mulberry32. */
export function seeded(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export interface SweptData {
  readonly root: string;
  /** As `kill -9` leaves them, and as an orderly stop does. */
  readonly killed: string;
  readonly closed: string;
  readonly latest: ReadonlyMap<DocumentId, string>;
  /** Every text that a document has had. */
  readonly written: ReadonlyMap<DocumentId, ReadonlySet<string>>;
}

/** Makes the data directories that are copied and damaged. */
export async function sweptData(): Promise<SweptData> {
  const root = mkdtempSync(join(tmpdir(), 'concord-sweep-'));
  const data = join(root, 'data');
  const latest = new Map<DocumentId, string>();
  const written = new Map(documents.map((id) => [id, new Set([''])]));
  const write = async (store: Store, from: number, until: number): Promise<void> => {
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
          return store.log.append({
            documentId: id,
            firstVersion: version,
            operations: [operation],
          });
        }),
      );
    }
  };
  const store = await openSqliteStore(data, 0);
  for (const [i, id] of documents.entries()) await fill(store, id, i);
  await write(store, 1, 12);
  for (const id of documents.slice(0, 12)) {
    const text = DocumentText.from(latest.get(id) ?? '');
    await store.checkpoints.write(id, await checkpointOf(text, 12));
    await store.search.put(id, 12, text.toString());
  }
  await store.close();
  const again = await openSqliteStore(data, 0);
  await write(again, 13, 20);
  for (const id of documents) await again.search.put(id, 20, latest.get(id) ?? '');
  mkdirSync(join(data, 'backups'));
  await backUp({ dataDirectory: data, databaseUrl: null }, join(data, BACKUP_FILE));
  // What the last group wrote is marked after its answer.
  await again.people.setName('ann', 'Ann');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const killed = join(root, 'killed');
  cpSync(data, killed, { recursive: true });
  await again.close();
  const closed = join(root, 'closed');
  cpSync(data, closed, { recursive: true });
  return { root, killed, closed, latest, written };
}

async function fill(store: Store, id: DocumentId, i: number): Promise<void> {
  const user = `user-${i}-`;
  const email = `someone-${i}@example.org`;
  await store.documents.createWithText(
    emptyDocument(recordOf(id, { title: `Title of ${id}` }), 'editor'),
  );
  await store.people.setName(user, `Name for ${id}`);
  await store.access.grant(id, user, 'viewer');
  await store.access.addLink({
    ...{ id: `link-${i}`, documentId: id, role: 'viewer', label: `For ${user}`, createdBy: 'ann' },
    ...{ tokenHash: `link-hash-${i}`, passwordHash: null, createdAt: 1, expiresAt: null },
  });
  await store.access.openLink(`link-${i}`, 'cid');
  await store.accounts.create(
    {
      ...{ userId: user, userName: user, email, passwordHash: `hash-${i}`, subject: null },
      ...{ isAdmin: false, createdAt: 1, disabledAt: null },
    },
    null,
  );
  await store.authSessions.create({
    ...{ id: `session-${i}`, userId: user, tokenHash: `token-${i}`, formerTokenHash: null },
    ...{ attemptHash: null, rotatedAt: 1, createdAt: 1, lastUsedAt: 1, expiresAt: LATER },
    ...{ provenAt: 1, userAgent: 'agent', address: 'here' },
  });
  await store.apiTokens.create({
    ...{ id: `api-${i}`, userId: user, label: 'CI', tokenHash: `api-hash-${i}` },
    ...{ scopes: ['documents:read'], createdAt: 1, lastUsedAt: null, expiresAt: null },
  });
  await store.documentInvitations.invite({
    ...{ id: `invitation-${i}`, documentId: id, invitedBy: 'ann', invited: `guest-${i}` },
    ...{ userId: `guest-${i}`, role: 'editor', createdAt: 1, expiresAt: LATER },
  });
  await store.library.setFolder(user, id, `Folder ${i}`);
  await store.secret(`secret-${i}`);
}

/** What the server gives of each document and of those who have to do with it: name, and how it is read. */
export function readings(
  store: Store,
  id: DocumentId,
  i: number,
): readonly (readonly [name: string, read: () => Promise<unknown>])[] {
  const user = `user-${i}-`;
  return [
    ['record', async () => ({ ...(await store.documents.get(id)), updatedAt: 0 })],
    ['access', () => store.access.get(id)],
    ['access of a guest', () => store.access.getFor(id, 'cid')],
    ['link', () => store.access.linkOfToken(`link-hash-${i}`)],
    ['links', () => store.access.links(id)],
    ['name', () => store.people.nameOf(user)],
    ['account', () => store.accounts.get(user)],
    ['login', () => store.accounts.ofLogin(`someone-${i}@example.org`)],
    ['session', () => store.authSessions.get(`session-${i}`)],
    ['living session', () => store.authSessions.alive([`session-${i}`])],
    ['API token', () => store.apiTokens.ofHash(`api-hash-${i}`)],
    ['invitation', () => store.documentInvitations.receivedBy(`guest-${i}`, 2, 10)],
    ['secret', () => store.secret(`secret-${i}`)],
  ];
}

/** Passages of what a person finds: to be parts of the texts. */
export async function passages(store: Store): Promise<readonly (readonly [DocumentId, string])[]> {
  const query = queryOf('ann', { search: 'line document', limit: 50 });
  const { entries } = await store.library.list(query);
  return entries.map(({ id, passage }) => [
    id,
    // The marks of hits, and dots where it was cut.
    (passage ?? '').replaceAll('\u0002', '').replaceAll('\u0003', '').replaceAll('…', ''),
  ]);
}

/** The text as it is served: checkpoint and log behind it. */
export async function textOf(
  store: Store,
  id: DocumentId,
): Promise<{ readonly text: string; readonly isCheckpointDamaged: boolean } | null> {
  const opened = await openDocument(store, id, defaultLimits);
  if (opened === null) return null;
  const { text, tail } = opened.document;
  return {
    text: tail.reduce((sum, { op }) => sum.apply(op), text).toString(),
    isCheckpointDamaged: opened.damagedCheckpoint !== null,
  };
}

/** Damages one file of a directory, and says how. */
export function damage(directory: string, random: (limit: number) => number): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
  // The larger ones more often: they have more to damage.
  const weighted = files.flatMap((name) => Array.from({ length: weightOf(name) }, () => name));
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

const weightOf = (name: string): number =>
  /^concord\.sqlite(-wal)?$/.test(name) ? 8 : name === 'search.sqlite' ? 2 : 1;

/** A copy that may be damaged. */
export function copyOf(from: string, to: string): string {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isFile()) copyFileSync(source, target);
    else cpSync(source, target, { recursive: true });
  }
  return to;
}
