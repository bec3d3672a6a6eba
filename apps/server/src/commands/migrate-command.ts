/** `concord migrate [--to PLACE]`, as a person runs it. */
import { resolve } from 'node:path';
import { ConfigError, type Config } from '../platform/config.ts';
import { migrate } from '../jobs/migrate/migrate.ts';
import type { Place } from '../jobs/migrate/places.ts';

/** A line of progress at most so often. */
const SAY_MS = 1_000;
const FILES = 'sqlite:';
const PASSWORD_SHOWN =
  'The command line has a password in it, which everyone on this machine can read in the list of processes while this runs, ' +
  'and which your shell may keep. Set CONCORD_MIGRATE_TO, or CONCORD_MIGRATE_TO_FILE to the name of a file with the address, ' +
  'and leave --to out.';

/**
 * Rejects with ConfigError, MigrationError, StoreOpenError or DatabaseOpenError.
 * @param argument where to, by the command line; null when CONCORD_MIGRATE_TO says it
 */
export async function migrateCommand(config: Config, argument: string | null): Promise<void> {
  const { dataDirectory, databaseUrl } = config;
  const from: Place =
    databaseUrl === null
      ? { kind: 'files', directory: dataDirectory }
      : { kind: 'database', url: databaseUrl };
  const destination = placeOf(targetOf(config, argument));
  const warn = (message: string): void => void process.stderr.write(`${message}\n`);
  if (argument !== null && hasPassword(argument)) warn(PASSWORD_SHOWN);
  let saidAt = -SAY_MS;
  const moved = await migrate({
    ...{ from, to: destination },
    progress: (words) => {
      if (performance.now() - saidAt < SAY_MS) return;
      saidAt = performance.now();
      process.stderr.write(`${words}\n`);
    },
    warn,
  });
  const next =
    destination.kind === 'files'
      ? `Start the server with CONCORD_DATA=${resolve(destination.directory)}, and without CONCORD_STORE.`
      : 'Start the servers with its address in CONCORD_STORE.';
  process.stdout.write(
    `${moved.documents} documents with ${moved.operations} changes are moved, each compared with the one before. ` +
      `The history has the same id: pages with unsent changes go on. ${next} ` +
      'The former place stays as it was; servers refuse it, and say how to come back to it.\n',
  );
}

function targetOf({ migrateTo }: Pick<Config, 'migrateTo'>, argument: string | null): string {
  if (argument !== null && migrateTo !== null && argument !== migrateTo) {
    throw new ConfigError('concord migrate has two destinations: leave --to out, or CONCORD_MIGRATE_TO.'); // prettier-ignore
  }
  return argument ?? migrateTo ?? '';
}

const hasPassword = (url: string): boolean => /^mongodb(\+srv)?:\/\/[^/@:]*:[^/]*@/.test(url);

function placeOf(to: string): Place {
  if (/^mongodb(\+srv)?:\/\//.test(to)) return { kind: 'database', url: to };
  if (to.startsWith(FILES) && to.length > FILES.length) {
    return { kind: 'files', directory: to.slice(FILES.length) };
  }
  throw new ConfigError('concord migrate --to (or CONCORD_MIGRATE_TO) needs mongodb://… for a database, or sqlite:DIRECTORY for files.'); // prettier-ignore
}
