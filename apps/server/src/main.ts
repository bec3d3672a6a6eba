#!/usr/bin/env node
/** `concord [serve]` and `concord verify`. Every failure is one clear sentence and a non-zero exit. */
import { inviteFirstAdmin } from './access/first-start.ts';
import { ConfigError, readConfig, type Config } from './config.ts';
import { bindProcess, Ending, EXIT_SOFTWARE } from './ending.ts';
import { createLog } from './log.ts';
import { ListenError, serve } from './serve.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { StoreOpenError } from './store/sqlite/store-open-error.ts';
import { CorruptionError, StoreFullError } from './store/store.ts';
import { verifyStore } from './verify.ts';

const USAGE = `Usage:
  concord          serve documents; configuration comes from the environment (README.md)
  concord verify   rebuild every document from its log and compare it with its checkpoint
`;

async function main(): Promise<void> {
  const [command = 'serve', ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !['serve', 'verify'].includes(command)) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const config = readConfig(process.env);
  if (command === 'verify') await verifyCommand(config);
  else await serveCommand(config);
}

async function serveCommand(config: Config): Promise<void> {
  const log = createLog(config.logLevel);
  const ending = new Ending({ log, exit: (code) => process.exit(code) });
  bindProcess(ending);
  const store = await openSqliteStore(config.dataDirectory, undefined, config.diskReserveBytes);
  const die = (error: Error): void => {
    log.fatal({ err: error }, 'the store failed; nothing more can be made durable');
    process.exit(EXIT_SOFTWARE);
  };
  const server = await serve(config, store, log, die).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  ending.started(() => server.stop());
  process.stdout.write(`Concord is ready: ${server.url}\n`);
  const invitation = await inviteFirstAdmin(store).catch((error: unknown) => {
    // The log says by now that saving is paused. The next start prints the link.
    if (error instanceof StoreFullError) return null;
    throw error;
  });
  if (invitation !== null) {
    process.stdout.write(
      `Nobody administers it yet. Whoever opens this link first, within a day, does: ${server.url}${invitation}\n`,
    );
  }
}

async function verifyCommand(config: Config): Promise<void> {
  const store = await openSqliteStore(config.dataDirectory);
  let documents = 0;
  let faulty = 0;
  for await (const verdict of verifyStore(store)) {
    const { documentId, version, lengthCodePoints, checksum, faults } = verdict;
    documents += 1;
    if (faults.length > 0) faulty += 1;
    const hash = checksum.toString(16).padStart(8, '0');
    const result = faults.length === 0 ? 'ok' : 'FAULTY';
    process.stdout.write(
      `${documentId}  ${result}  version ${version}  ${lengthCodePoints} characters  checksum ${hash}\n`,
    );
    for (const fault of faults) process.stdout.write(`  ${fault}\n`);
  }
  await store.close();
  process.stdout.write(`${documents} documents verified, ${faulty} faulty\n`);
  if (faulty > 0) process.exitCode = 1;
}

/** Errors a person can act on are told in their own sentence; anything else is a bug and shows its stack. */
main().catch((error: unknown) => {
  const isExpected =
    error instanceof ConfigError ||
    error instanceof ListenError ||
    error instanceof StoreOpenError ||
    error instanceof StoreFullError ||
    error instanceof CorruptionError;
  process.stderr.write(
    `${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
});
