/**
 * Two of Concord's servers in one process, over one store in memory: the second has every document, and the first forwards
 * to it. Without a store that takes its time, what forwarding adds is not lost in it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FORWARDING_READY } from './forwarding-names.ts';

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}
/** What is used here of the built server, which its package does not export. */
interface ServerModules {
  readonly readConfig: (environment: Readonly<Record<string, string | undefined>>) => unknown;
  readonly openMemoryStore: () => object;
  readonly createLog: (level: string) => unknown;
  readonly serve: (
    config: unknown,
    store: object,
    log: unknown,
    fatal: (error: Error) => void,
    routed: object,
  ) => Promise<Started>;
}

const part = async (path: string): Promise<object> =>
  (await import(new URL(path, import.meta.resolve('@concord/server')).href)) as object;
const parts = await Promise.all(
  ['./serve.js', './platform/config.js', './platform/log.js', './store/memory/memory-store.js'].map(
    part,
  ),
);
const { readConfig, openMemoryStore, createLog, serve } = Object.assign(
  {},
  ...parts,
) as ServerModules;

const store = { ...openMemoryStore(), close: async () => {} };
const dataDirectories: string[] = [];
const here = { kind: 'here' };

async function start(node: string, location: object): Promise<Started> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  dataDirectories.push(dataDirectory);
  const config = readConfig({ ...process.env, CONCORD_DATA: dataDirectory });
  const live = location === here ? [] : [(location as { readonly lease: object }).lease];
  const locations = { live: () => live, locate: async () => location };
  const fatal = (error: Error): never => {
    throw error;
  };
  return serve(config, store, createLog('warn'), fatal, {
    ...{ node, locations },
    isDraining: () => false,
  });
}

const owner = await start('owner', here);
const address = owner.url.replace('localhost', '127.0.0.1');
const lease = { leaseId: 'owner-1', node: 'owner', address, publicUrl: null, weight: 1, isDraining: false }; // prettier-ignore
const other = await start('other', { kind: 'elsewhere', lease });
process.stdout.write(`${FORWARDING_READY}${address} ${other.url.replace('localhost', '127.0.0.1')}\n`); // prettier-ignore

process.on('SIGTERM', () => {
  void Promise.all([owner.stop(), other.stop()]).then(() => {
    for (const each of dataDirectories) rmSync(each, { recursive: true, force: true });
    process.exit(0);
  });
});
