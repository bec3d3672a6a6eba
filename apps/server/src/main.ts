#!/usr/bin/env node
/** `concord [serve]` and the commands of {@link USAGE}. Every failure is one clear sentence and a non-zero exit. */
import { BackupError } from './jobs/backup/backup-format.ts';
import { inviteFirstAdmin } from './accounts/first-start.ts';
import { ConfigError, readConfig, type Config } from './platform/config.ts';
import { bindProcess, Ending, EXIT_SOFTWARE } from './ending.ts';
import { OrderError } from './jobs/control.ts';
import { createLog } from './platform/log.ts';
import { MigrationError } from './jobs/migrate/migration-error.ts';
import { withSecretFiles } from './platform/secret-files.ts';
import { ListenError, serve } from './serve.ts';
import { DatabaseOpenError } from './store/mongodb/database-open-error.ts';
import { openStore } from './store/open-store.ts';
import { StoreOpenError } from './store/sqlite/store-open-error.ts';
import { CorruptionError, StoreError } from './store/ports/store.ts';

const USAGE = `Usage:
  concord                 serve documents; configuration comes from the environment (README.md)
  concord verify          check everything that is stored: files and tables, or the database, and all documents
  concord backup FILE     make a backup, also while the server runs
  concord restore FILE    fill an empty data directory, or an empty database, with a backup
  concord migrate [--to mongodb://… | sqlite:DIRECTORY]
                          move everything to another store; run it again if it was interrupted. An address with a
                          password: in CONCORD_MIGRATE_TO, or the file of CONCORD_MIGRATE_TO_FILE, without --to
  concord rotate-keys     sign with new keys; with --now the former ones end at once, and all sessions with them
  concord nodes           list the nodes of a cluster, and how many documents each has
  concord drain NODE      make a node hand its documents over and leave the cluster
`;

async function main(): Promise<void> {
  const [command = 'serve', ...rest] = process.argv.slice(2);
  if (!isUnderstood(command, rest)) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const config = readConfig(withSecretFiles(process.env));
  if (command === 'serve') return serveCommand(config);
  return runCommand(command, rest[0] ?? '', rest[1] ?? null, config);
}

/** Each command loads its own modules: a server needs none of them. */
async function runCommand(
  command: string,
  first: string,
  second: string | null,
  config: Config,
): Promise<void> {
  switch (command) {
    case 'verify': {
      const { verifyCommand } = await import('./commands/verify-command.ts');
      if (!(await verifyCommand(config))) process.exitCode = 1;
      return;
    }
    case 'backup':
      return (await import('./commands/backup-commands.ts')).backupCommand(config, first);
    case 'restore':
      return (await import('./commands/backup-commands.ts')).restoreCommand(config, first);
    case 'migrate':
      return (await import('./commands/migrate-command.ts')).migrateCommand(config, second);
    case 'rotate-keys': {
      const { rotateKeysCommand } = await import('./commands/rotate-keys-command.ts');
      return rotateKeysCommand(config, first === '--now');
    }
    case 'nodes':
      return (await import('./commands/cluster-commands.ts')).nodesCommand(config);
    case 'drain':
      return (await import('./commands/cluster-commands.ts')).drainCommand(config, first);
  }
}

function isUnderstood(command: string, rest: readonly string[]): boolean {
  switch (command) {
    case 'serve':
    case 'verify':
    case 'nodes':
      return rest.length === 0;
    case 'backup':
    case 'restore':
    case 'drain':
      return rest.length === 1;
    case 'migrate':
      return rest.length === 0 ? hasMigrateTo() : rest.length === 2 && rest[0] === '--to';
    case 'rotate-keys':
      return rest.length === 0 || (rest.length === 1 && rest[0] === '--now');
    default:
      return false;
  }
}

const hasMigrateTo = (): boolean =>
  ['CONCORD_MIGRATE_TO', 'CONCORD_MIGRATE_TO_FILE'].some(
    (name) => (process.env[name] ?? '') !== '',
  );

async function serveCommand(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const ending = new Ending({ log, exit: (code) => process.exit(code) });
  bindProcess(ending);
  const store = await openStore(config, (message) => log.warn(message));
  const die = (error: Error): void => {
    log.fatal({ err: error }, 'the store failed; nothing more can be made durable');
    process.exit(EXIT_SOFTWARE);
  };
  const server = await serve(config, store, log, die).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  ending.started((withinMs) => server.stop(withinMs));
  process.stdout.write(`Concord is ready: ${server.url}\n`);
  const invitation = await inviteFirstAdmin(store).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.fatal) throw error;
    // It serves by now: a store that does not take a write for a moment ends nothing. The next start prints the link.
    log.warn({ err: error }, 'whether there is an administrator is not known');
    return null;
  });
  if (invitation !== null) {
    process.stdout.write(
      `It has no administrator yet. The first person who opens this link, within a day, becomes one: ${server.url}${invitation}\n`,
    );
  }
}

/** Errors a person can act on are told in their own sentence; anything else is a bug and shows its stack. */
main().catch((error: unknown) => {
  const isExpected =
    error instanceof ConfigError ||
    error instanceof ListenError ||
    error instanceof BackupError ||
    error instanceof MigrationError ||
    error instanceof OrderError ||
    error instanceof StoreOpenError ||
    error instanceof DatabaseOpenError ||
    error instanceof StoreError ||
    error instanceof CorruptionError;
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
});
