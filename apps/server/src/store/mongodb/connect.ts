/** Connects to a MongoDB server, and proves that it can keep what the store promises. */
import { MongoClient, MongoServerError, MongoServerSelectionError, type Db, type MongoClientOptions, type ServerDescription } from 'mongodb'; // prettier-ignore
import { DatabaseOpenError } from './database-open-error.ts';

/** Connections to the primary that all work but leases has. */
export const POOL_SIZE = 64;
/** Renewals do not wait for each other; so many are sent within a lease, with the reads of the members beside them. */
const LEASE_POOL_SIZE = 8;

/** How long single steps may take; the caller of the store waits longer (work.ts), so that one can be tried again. */
const limits = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  /** Of a command that is running: the server is gone, or the network. */
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 10_000,
  /** A new primary is noticed within so long. */
  heartbeatFrequencyMS: 1_000,
  maxPoolSize: POOL_SIZE,
} as const;

/** MongoDB 5.0, by the version of its protocol. */
const WIRE_VERSION_MIN = 13;
const OLDEST = '5.0';
const AUTHENTICATION_FAILED = 18;
const UNAUTHORIZED = 13;
const DEFAULT_DATABASE = 'concord';

export interface Connected {
  readonly client: MongoClient;
  readonly db: Db;
  /** False for a standalone server. */
  readonly hasTransactions: boolean;
}

/**
 * @param url `mongodb://` or `mongodb+srv://`; without a database's name, `concord` is used
 * @param warn told what a standalone server cannot survive
 * Rejects with {@link DatabaseOpenError}, which says nothing of the address but its hosts.
 */
export async function connect(url: string, warn: (message: string) => void): Promise<Connected> {
  const client = clientOf(url);
  try {
    const db = client.db(databaseIn(url));
    const hello = await db.command({ hello: 1 });
    const hosts = hostsOf(client);
    if (Number(hello['maxWireVersion']) < WIRE_VERSION_MIN) throw tooOld(hosts);
    if (hello['isWritablePrimary'] !== true || hello['readOnly'] === true) throw readOnly(hosts);
    const hasTransactions = typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid';
    if (!hasTransactions) warn(standaloneWarning(hosts));
    return { client, db, hasTransactions };
  } catch (error) {
    await client.close().catch(() => {});
    throw openErrorOf(error, hostsOf(client));
  }
}

/**
 * A second client of the same server, which connects with its first command: for leases, so that a renewal never waits for a
 * connection behind other work of a node that has too much of it.
 */
export const leaseClientOf = (url: string): MongoClient =>
  clientOf(url, { appName: 'concord-leases', maxPoolSize: LEASE_POOL_SIZE });

function clientOf(
  url: string,
  { appName = 'concord', ...own }: MongoClientOptions = {},
): MongoClient {
  try {
    // The name by which the server's log and its profiler know the connections; an address may give another.
    const name = /[?&]appName=/i.test(url) ? {} : { appName };
    return new MongoClient(url, { ...name, promoteBuffers: true, ...limits, ...own });
  } catch {
    // The driver's message can hold parts of the address, and of its password.
    throw new DatabaseOpenError(
      'databaseAddress',
      'The address of the database is not valid. It has the form mongodb://user:password@host:port/database?options; ' +
        'signs such as @, : and / in a password are written as %40, %3A and %2F.',
    );
  }
}

function databaseIn(url: string): string {
  const [, name = ''] = /^mongodb(?:\+srv)?:\/\/[^/]*\/([^?]*)/.exec(url) ?? [];
  return name === '' ? DEFAULT_DATABASE : decodeURIComponent(name);
}

function hostsOf({ options }: MongoClient): string {
  return options.srvHost ?? options.hosts.map(String).join(', ');
}

const tooOld = (hosts: string): DatabaseOpenError =>
  new DatabaseOpenError(
    'databaseTooOld',
    `The database server at ${hosts} is too old: MongoDB ${OLDEST} or newer is needed.`,
  );

const readOnly = (hosts: string): DatabaseOpenError =>
  new DatabaseOpenError(
    'databaseReadOnly',
    `No member of the database at ${hosts} accepts writes: it has no primary, or is read-only. ` +
      'Nothing was changed. Check the replica set, and that the address names all of its members.',
  );

const standaloneWarning = (hosts: string): string =>
  `The database server at ${hosts} is standalone, not a replica set: it has no transactions and no copies. ` +
  'A crash can leave a part of a write that touches several records, and the loss of its disk loses everything ' +
  'since the last backup. Several Concord servers must not share it. Start it as a replica set, of one member at least.';

/** The sentence for the administrator; errors of other kinds as they are. */
export function openErrorOf(error: unknown, hosts: string): unknown {
  if (error instanceof MongoServerSelectionError) return unselected(error, hosts);
  if ((error as Error | null)?.name === 'MongoCompatibilityError') return tooOld(hosts);
  if (!(error instanceof MongoServerError)) return error;
  if (error.code === AUTHENTICATION_FAILED || error.code === UNAUTHORIZED) {
    return new DatabaseOpenError(
      'databaseCredentials',
      `The database at ${hosts} refuses the user or password of the address, or the user may not read and write there.`,
    );
  }
  return error;
}

const isTooOld = ({ error }: ServerDescription): boolean =>
  error?.name === 'MongoCompatibilityError';

function unselected(error: MongoServerSelectionError, hosts: string): DatabaseOpenError {
  const servers = [...(error.reason?.servers.values() ?? [])];
  // A server to which the driver does not speak at all fails at its first answer.
  if (error.reason?.compatible === false || servers.some(isTooOld)) return tooOld(hosts);
  if (servers.some(({ type }) => type !== 'Unknown')) return readOnly(hosts);
  return new DatabaseOpenError(
    'databaseUnreachable',
    `No database server answers at ${hosts}. Check that it runs, the address, and the network between.`,
  );
}
