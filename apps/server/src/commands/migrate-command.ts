/** `concord migrate --to PLACE`, as a person runs it. */
import { resolve } from 'node:path';
import { ConfigError, type Config } from '../platform/config.ts';
import { migrate } from '../jobs/migrate/migrate.ts';
import type { Place } from '../jobs/migrate/places.ts';

/** A line of progress at most so often. */
const SAY_MS = 1_000;
const FILES = 'sqlite:';

/** Rejects with ConfigError, MigrationError, StoreOpenError or DatabaseOpenError. */
export async function migrateCommand(config: Config, to: string): Promise<void> {
  const { dataDirectory, databaseUrl } = config;
  const from: Place =
    databaseUrl === null
      ? { kind: 'files', directory: dataDirectory }
      : { kind: 'database', url: databaseUrl };
  const destination = placeOf(to);
  let saidAt = -SAY_MS;
  const moved = await migrate({
    ...{ from, to: destination },
    progress: (words) => {
      if (performance.now() - saidAt < SAY_MS) return;
      saidAt = performance.now();
      process.stderr.write(`${words}\n`);
    },
    warn: (message) => void process.stderr.write(`${message}\n`),
  });
  const next =
    destination.kind === 'files'
      ? `Start the server with CONCORD_DATA=${resolve(destination.directory)}, and without CONCORD_STORE.`
      : 'Start the servers with its address in CONCORD_STORE.';
  process.stdout.write(
    `${moved.documents} documents with ${moved.operations} changes are moved, each compared with the one before. ` +
      `The history has the same id: pages with unsent changes go on. ${next} ` +
      'Do not start a server on the former place again: it would go on from where it was left.\n',
  );
}

function placeOf(to: string): Place {
  if (/^mongodb(\+srv)?:\/\//.test(to)) return { kind: 'database', url: to };
  if (to.startsWith(FILES) && to.length > FILES.length) {
    return { kind: 'files', directory: to.slice(FILES.length) };
  }
  throw new ConfigError('concord migrate --to needs mongodb://… for a database, or sqlite:DIRECTORY for files.'); // prettier-ignore
}
