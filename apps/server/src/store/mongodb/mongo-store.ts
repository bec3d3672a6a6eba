/** The store port in MongoDB, for one server or several of one installation (docs/decisions/0022-mongodb-store.md). */
import { randomUUID } from 'node:crypto';
import type { StorageRoom, Store, StoreEvent } from '../ports/store.ts';
import { HitPages } from '../search/hit-pages.ts';
import { access } from './access.ts';
import { accounts, invitations } from './accounts.ts';
import { Appends } from './append.ts';
import { ChangeTimes, writeTimes } from './change-times.ts';
import { checkpoints } from './checkpoints.ts';
import { clusterStore } from './cluster-store.ts';
import { collectionsOf, leasesOf } from './collections.ts';
import { connect, leaseClientOf, openErrorOf } from './connect.ts';
import type { Core } from './core.ts';
import { documentInvitations } from './document-invitations.ts';
import { documents, people } from './documents.ts';
import { eventFeed } from './event-feed.ts';
import { keptAnswers } from './kept-answers.ts';
import { holds } from './holds.ts';
import { historyIdOf, secretOf, signingKeys } from './keys.ts';
import { library } from './library.ts';
import { operationLog } from './log.ts';
import { migrate } from './migrate.ts';
import { finishPurges } from './purge.ts';
import { searchIndex } from './search-index.ts';
import { searchedTexts } from './search.ts';
import { provenPlaces, sharedBuckets } from './shared-limits.ts';
import { apiTokens, authSessions } from './sessions.ts';
import { requireComplete } from './transfer/building-collections.ts';
import { requireDatabaseNotMoved } from './transfer/moved-database.ts';
import { retention, usage } from './usage.ts';
import { Work } from './work.ts';

/** The database has a disk of its own, of which this program knows nothing until a write is refused. */
const unknownRoom: StorageRoom = { isPaused: false, freeBytes: null };

export interface MongoStoreOptions {
  /** Told what the administrator should know about the database; says nothing secret. */
  readonly warn?: (message: string) => void;
  /** Opens a database that a transfer is filling: for that transfer, which checks what it has written. */
  readonly isBeingFilled?: boolean;
  /** For a server, or another program that writes by itself: a database whose contents were moved is refused. */
  readonly isServed?: boolean;
}

/**
 * @param url `mongodb://…`; see `connect`
 * Rejects with `DatabaseOpenError`.
 */
export async function openMongoStore(
  url: string,
  { warn = () => {}, isBeingFilled = false, isServed = false }: MongoStoreOptions = {},
): Promise<Store> {
  const { client, db, hasTransactions } = await connect(url, warn);
  const rows = collectionsOf(db);
  let historyId: string;
  try {
    if (!isBeingFilled) await requireComplete(rows);
    if (isServed) await requireDatabaseNotMoved(rows);
    await migrate(db, rows);
    historyId = await historyIdOf(rows, randomUUID());
    await finishPurges(rows);
  } catch (error) {
    await client.close().catch(() => {});
    throw openErrorOf(error, client.options.hosts.map(String).join(', '));
  }
  const work = new Work(client, hasTransactions);
  const changeTimes = new ChangeTimes(writeTimes(rows));
  const core: Core = { rows, work, changeTimes };
  const appends = new Appends(core);
  const leaseClient = leaseClientOf(url);
  const leases = leasesOf(leaseClient.db(db.databaseName));
  return {
    historyId,
    cluster: clusterStore({ rows: { ...rows, leases }, work }),
    room: { current: () => unknownRoom, onChange: () => () => {} },
    log: operationLog(core, appends),
    checkpoints: checkpoints(core),
    documents: documents(core, appends),
    people: people(core),
    access: access(core),
    documentInvitations: documentInvitations(core),
    library: library(core, new HitPages(searchedTexts(core))),
    search: searchIndex(core),
    accounts: accounts(core),
    authSessions: authSessions(core),
    apiTokens: apiTokens(core),
    invitations: invitations(core),
    keptAnswers: keptAnswers(core),
    signingKeys: signingKeys(core),
    usage: usage(core),
    retention: retention(core),
    secret: secretOf(core),
    shared: {
      events: eventFeed(core, hasTransactions),
      holds: holds(core),
      buckets: sharedBuckets(core),
      provenPlaces: provenPlaces(core),
    },
    // Damage shows as CorruptionError where it is read; the database reports its own events.
    listen: (_listener: (event: StoreEvent) => void) => {},
    close: async () => {
      await work.close();
      await changeTimes.close();
      await Promise.all([client.close(), leaseClient.close()]);
    },
  };
}
