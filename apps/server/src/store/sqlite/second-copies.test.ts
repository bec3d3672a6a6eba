/** Access data is stored twice: restored when one copy is damaged, refused where the two differ. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { closeSync, cpSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentId } from '@concord/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CorruptionError, type Store, type StoreEvent } from '../ports/store.ts';
import { batchOf, documentId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import { DATABASE_FILE, openMemoryDatabase } from './open-database.ts';
import { prepare } from './rows.ts';
import { copiedTables, type CopiedTable, type CopiedTableName } from './second-copies.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { pagesOf, type DatabasePage } from './test-damage.ts';
import { tableFaults } from './verify-tables.ts';

const plan = documentId('plan');
const others = Array.from({ length: 60 }, (_, i) => documentId(`other-${i}-`));
const HOUR_MS = 3_600_000;
const tables = Object.keys(copiedTables) as CopiedTableName[];

let root: string;
/** A copy of the filled directory, for each test. */
let directory: string;
let pages: readonly DatabasePage[];
let before: unknown;
let opened: Store[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'concord-copies-'));
  directory = join(root, 'filled');
  await fill();
  pages = pagesOf(directory);
  before = await everything((await open()).store);
  await close();
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  directory = mkdtempSync(join(root, 'copy-'));
  cpSync(join(root, 'filled'), directory, { recursive: true });
});
afterEach(close);

async function open(): Promise<{ store: Store; events: readonly StoreEvent[] }> {
  const store = await openSqliteStore(directory, 0);
  const events: StoreEvent[] = [];
  store.listen((event) => events.push(event));
  opened.push(store);
  return { store, events };
}

async function close(): Promise<void> {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
}

/** Rows in each table that has a second copy. */
async function fill(): Promise<void> {
  const { store } = await open();
  for (const id of [plan, ...others]) {
    await store.documents.createWithText(emptyDocument(recordOf(id, { title: `Title of ${id}` })));
  }
  await store.log.append(batchOf(plan, 1, 3));
  await store.access.grant(plan, 'bob', 'viewer');
  await store.access.addLink({
    ...{ id: 'link', documentId: plan, role: 'viewer', label: 'For Bob', tokenHash: 'link-hash' },
    ...{ passwordHash: null, createdBy: 'ann', createdAt: 1, expiresAt: null },
  });
  await store.access.openLink('link', 'cid');
  await store.accounts.create(
    {
      ...{ userId: 'ann', userName: 'ann', email: 'ann@example.org', passwordHash: 'hash' },
      ...{ subject: 'subject', isAdmin: false, createdAt: 1, disabledAt: null },
    },
    null,
  );
  await store.people.setName('ann', 'Ann');
  await store.authSessions.create({
    ...{ id: 'session', userId: 'ann', tokenHash: 'a', formerTokenHash: null, attemptHash: null },
    ...{ rotatedAt: 1, createdAt: 1, lastUsedAt: 1, expiresAt: HOUR_MS, provenAt: 1 },
    ...{ userAgent: 'agent', address: 'here' },
  });
  await store.apiTokens.create({
    ...{
      id: 'token',
      userId: 'ann',
      label: 'CI',
      tokenHash: 'token-hash',
      scopes: ['documents:read'],
    },
    ...{ createdAt: 1, lastUsedAt: null, expiresAt: null },
  });
  await store.invitations.create({
    ...{ id: 'invited', tokenHash: 'invitation-hash', label: 'For Cid', isAdmin: false },
    ...{ createdBy: 'ann', createdAt: 1, expiresAt: HOUR_MS, usedBy: null },
  });
  await store.documentInvitations.invite({
    ...{ id: 'asked', documentId: plan, invitedBy: 'ann', invited: 'dan', userId: 'dan' },
    ...{ role: 'editor', createdAt: 1, expiresAt: HOUR_MS },
  });
  await store.access.grant(plan, 'dan', 'commenter');
  // Bob, who is a viewer, was an owner when he invited Fay.
  await store.documentInvitations.invite({
    ...{ id: 'by bob', documentId: plan, invitedBy: 'bob', invited: 'fay', userId: 'fay' },
    ...{ role: 'owner', createdAt: 1, expiresAt: HOUR_MS },
  });
  await store.documents.createWithText(emptyDocument(recordOf(documentId('removed'))));
  await store.documents.remove(documentId('removed'));
  await store.accounts.create(
    {
      ...{ userId: 'eve', userName: 'eve', email: null, passwordHash: null },
      ...{ subject: null, isAdmin: false, createdAt: 1, disabledAt: null },
    },
    null,
  );
  await store.accounts.remove('eve');
  await store.retention.setTime({ creditedAt: 5, wallAt: 6 });
  await store.secret('some');
  await store.signingKeys.begin(['access'], 1);
  await close();
}

/** The contents of those tables, read through the port. */
async function everything(store: Store): Promise<unknown> {
  return {
    records: await Promise.all([plan, ...others].map((id) => store.documents.get(id))),
    access: await store.access.get(plan),
    accessOfCid: await store.access.getFor(plan, 'cid'),
    links: await store.access.links(plan),
    link: await store.access.linkOfToken('link-hash'),
    account: await store.accounts.get('ann'),
    byLogin: [await store.accounts.ofLogin('ann'), await store.accounts.ofLogin('ann@example.org')],
    bySubject: await store.accounts.ofSubject('subject'),
    isTaken: await store.accounts.isTaken('eve'),
    name: await store.people.nameOf('ann'),
    session: await store.authSessions.get('session'),
    alive: [await store.authSessions.alive(['session']), await store.apiTokens.alive(['token'], 2)],
    token: await store.apiTokens.ofHash('token-hash'),
    invitation: await store.invitations.ofHash('invitation-hash'),
    invited: await store.documentInvitations.receivedBy('dan', 2, 10),
    head: await store.log.headVersion(plan),
    removed: await store.documents
      .createWithText(emptyDocument(recordOf(documentId('removed'))))
      .catch(String),
    keys: await store.signingKeys.list(),
    time: await store.retention.time(),
    secret: Buffer.from(await store.secret('some')).toString('hex'),
  };
}

/** Damages the page with the rows of a table or index, while the file is closed. */
function damage(owner: string, how: 'bit' | 'zeros'): void {
  const { page = 0 } = pages.find((each) => each.owner === owner && each.type === 'leaf') ?? {};
  expect(page).toBeGreaterThan(0);
  const file = openSync(join(directory, DATABASE_FILE), 'r+');
  const bytes = Buffer.alloc(4096);
  readSync(file, bytes, 0, 4096, (page - 1) * 4096);
  if (how === 'zeros') bytes.fill(0, 0, 512);
  else bytes[4096 - 3] = (bytes[4096 - 3] ?? 0) ^ 0x04;
  writeSync(file, bytes, 0, 4096, (page - 1) * 4096);
  closeSync(file);
}

/** Runs SQL on the closed database in a process of its own, which closes the connection reliably. */
function run(sql: string): void {
  const program = `
    const Database = require(${JSON.stringify(createRequire(import.meta.url).resolve('libsql'))});
    const database = new Database(process.argv[1]);
    database.exec(process.argv[2]);
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.close();`;
  execFileSync(process.execPath, ['-e', program, join(directory, DATABASE_FILE), sql]);
}

/** Changes a table but not its copy, and deletes the page checksums, so that only a comparison can detect it. */
function changeTableAlone(table: CopiedTableName, assignment: string): void {
  const { copy } = copiedTables[table];
  run(`
    PRAGMA writable_schema = ON;
    CREATE TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = '${copy}';
    DELETE FROM sqlite_schema WHERE name = '${copy}';
    PRAGMA writable_schema = RESET;
    UPDATE ${table} SET ${assignment};
    PRAGMA writable_schema = ON;
    INSERT INTO sqlite_schema SELECT * FROM hidden;
    PRAGMA writable_schema = RESET;
    DROP TABLE hidden;
  `);
  rmSync(join(directory, `${DATABASE_FILE}-sums`), { force: true });
}

it('each column of a copied table is in its copy, or has an equivalent there', () => {
  const { connection, close: closeDatabase } = openMemoryDatabase();
  for (const table of tables) {
    const { copy, key, others: rest } = copiedTables[table];
    const { instead = {} }: CopiedTable = copiedTables[table];
    const names = (sql: string, of: string): readonly string[] =>
      prepare(connection, sql)
        .all([of])
        .map((row) => String(row['name']));
    const all = names('SELECT name FROM pragma_table_info(?)', table);
    expect([...key, ...rest, ...Object.keys(instead)].sort()).toEqual([...all].sort());
    // The columns of an index on a table with row ids start with the indexed ones; the row id has no name.
    const indexed = names('SELECT name FROM pragma_index_info(?)', copy);
    expect([table, indexed]).toEqual([table, table === 'document_keys' ? rest : [...key, ...rest]]);
  }
  closeDatabase();
});

it.each(['bit', 'zeros'] as const)(
  'tables whose pages are damaged (%s) are made again from their second copies',
  async (how) => {
    for (const table of tables) damage(table, how);
    const { store, events } = await open();
    expect(events.map((event) => event.type === 'repaired' && event.message).sort()).toEqual(
      [...tables].sort().map((table) => expect.stringContaining(`The table ${table} was damaged`) as unknown), // prettier-ignore
    );
    expect(await everything(store)).toEqual(before);
    // Fully restored: writes go into both copies, and no index was lost.
    await store.documents.rename(plan, renameTo('Another title'), 9);
    await store.access.grant(plan, 'fay', 'editor');
    await close();
    const again = await open();
    expect(again.events).toEqual([]);
    expect((await again.store.documents.get(plan))?.title).toBe('Another title');
    expect(tableFaults(directory)).toEqual([]);
  },
);

describe('a row that differs between the two copies', () => {
  const corrupted = async (read: Promise<unknown>): Promise<void> => {
    await expect(read).rejects.toThrow(CorruptionError);
  };
  const cases: readonly [CopiedTableName, string, (store: Store) => Promise<unknown>][] = [
    ['grants', `role = 'owner' WHERE user_id = 'bob'`, (store) => store.access.getFor(plan, 'bob')],
    ['documents', `anyone = 'editor'`, (store) => store.access.getFor(plan, null)],
    ['documents', `title = 'Wrong'`, (store) => store.documents.get(plan)],
    ['share_links', `role = 'editor'`, (store) => store.access.linkOfToken('link-hash')],
    ['share_links', `role = 'editor'`, (store) => store.access.get(plan)],
    ['share_links', `role = 'editor'`, (store) => store.access.links(plan)],
    ['link_openings', `user_id = 'eve'`, (store) => store.access.getFor(plan, 'cid')],
    ['link_openings', `user_id = 'eve'`, (store) => store.access.get(plan)],
    ['accounts', `is_admin = 1`, (store) => store.accounts.get('ann')],
    ['accounts', `password_hash = 'other'`, (store) => store.accounts.ofLogin('ann')],
    ['accounts', `is_admin = 1`, (store) => store.accounts.ofLogin('ann@example.org')],
    ['accounts', `is_admin = 1`, (store) => store.accounts.ofSubject('subject')],
    ['auth_sessions', `user_id = 'bob'`, (store) => store.authSessions.get('session')],
    ['api_tokens', `scopes = 'documents:write'`, (store) => store.apiTokens.ofHash('token-hash')],
    ['invitations', `is_admin = 1`, (store) => store.invitations.ofHash('invitation-hash')],
    [
      'document_invitations',
      `role = 'owner'`,
      (store) => store.documentInvitations.accept('asked', 'dan', 2),
    ],
    [
      'grants',
      `role = 'owner' WHERE user_id = 'dan'`,
      (store) => store.documentInvitations.accept('asked', 'dan', 2),
    ],
    ['people', `name = 'Bob'`, (store) => store.people.nameOf('ann')],
    ['signing_keys', `value = x'00'`, (store) => store.signingKeys.list()],
    ['secrets', `value = x'00'`, (store) => store.secret('some')],
  ];
  it.each(cases)('is refused: %s with %s', async (table, assignment, read) => {
    changeTableAlone(table, assignment);
    const { store } = await open();
    await corrupted(read(store));
    // Rows that match are served.
    expect(await store.log.headVersion(others[0] as DocumentId)).toBe(0);
  });

  it('is refused when index and table lead to different documents', async () => {
    damage('document_keys', 'bit');
    rmSync(join(directory, `${DATABASE_FILE}-sums`));
    await corrupted((await open()).store.access.get(plan));
  });

  it('of an account invalidates its sessions and tokens', async () => {
    changeTableAlone('accounts', 'is_admin = 1');
    const { store } = await open();
    expect(await store.authSessions.alive(['session'])).toEqual(new Set());
    expect(await store.apiTokens.alive(['token'], 2)).toEqual(new Set());
    expect(await store.apiTokens.ofHash('token-hash')).toBeNull();
  });

  it('grants nothing to a person named in one copy only', async () => {
    changeTableAlone('link_openings', `user_id = 'eve'`);
    const { store } = await open();
    expect((await store.access.getFor(plan, 'eve'))?.opened).toEqual(new Map());
  });

  it('of a session or token invalidates it', async () => {
    changeTableAlone('auth_sessions', `token_hash = 'b'`);
    changeTableAlone('api_tokens', `scopes = 'documents:write'`);
    const { store } = await open();
    expect(await store.authSessions.alive(['session'])).toEqual(new Set());
    expect(await store.apiTokens.alive(['token'], 2)).toEqual(new Set());
  });

  it('does not make an owner whose invitations are valid', async () => {
    changeTableAlone('grants', `role = 'owner' WHERE user_id = 'bob'`);
    const { store } = await open();
    expect(await store.documentInvitations.receivedBy('fay', 2, 10)).toEqual([]);
    expect(await store.documentInvitations.accept('by bob', 'fay', 2)).toBeNull();
  });

  it.each<[CopiedTableName, string]>([
    // One of each table.
    ...new Map(cases.map(([table, assignment]) => [table, assignment])),
    ['removed_documents', 'document = 99'],
    ['former_accounts', `user_id = 'fay'`],
    ['retention_time', 'wall_at = 7'],
  ])('is found by verify: %s with %s', (table, assignment) => {
    changeTableAlone(table, assignment);
    expect(tableFaults(directory).join(' ')).toContain(`index ${copiedTables[table].copy}`);
  });

  it.each(['bit', 'zeros'] as const)(
    'is reported when both of its copies are damaged (%s), and neither is made from the other',
    async (how) => {
      damage('grants', 'bit');
      damage('grants_copy', how);
      const { store, events } = await open();
      expect(events.map((event) => event.type === 'incident' && event.incident.message)).toEqual([
        expect.stringMatching(
          /tables grants; indexes grants_copy\..*refused where they are damaged/,
        ),
      ]);
      await corrupted(store.access.get(plan));
    },
  );
});
