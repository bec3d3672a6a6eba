/**
 * A process has a limit of open files, and each connection is one. Before the limit is reached further connections are
 * turned away, so that the store, the log and `/metrics` keep theirs; both that and a limit that was reached elsewhere
 * are logged and counted.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Log } from '../platform/log.ts';

/** Kept for the database, its write-ahead log, workers, and requests by those who run the server. */
const RESERVED = 100;
const LOG_EVERY_MS = 60_000;

export interface DescriptorsOptions {
  readonly log: Pick<Log, 'error'>;
  readonly refused: (kind: 'descriptors') => void;
  /** Files that this process may have open; null when it cannot be known. */
  readonly limit?: number | null;
}

export function watchDescriptors(server: Server, options: DescriptorsOptions): void {
  const { log, refused, limit = limitOfProcess() } = options;
  let loggedAt = -Infinity;
  const exhausted = (about: object): void => {
    refused('descriptors');
    const now = performance.now();
    if (now - loggedAt < LOG_EVERY_MS) return;
    loggedAt = now;
    log.error(
      { ...about, limit },
      'connections are refused: this process may not open more files; raise its limit (ulimit -n, or LimitNOFILE of systemd)',
    );
  };
  if (limit !== null) server.maxConnections = Math.max(1, limit - RESERVED);
  server.on('drop', () => exhausted({ connections: server.maxConnections }));
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EMFILE' || error.code === 'ENFILE') return exhausted({ err: error });
    // Before the server listens, whoever asked it to is told.
    if (server.listening) log.error({ err: error }, 'accepting connections failed');
  });
}

/** Node raises the soft limit to the hard one when it starts. */
function limitOfProcess(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
