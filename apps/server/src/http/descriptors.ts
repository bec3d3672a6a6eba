/**
 * Guards the process's limit of open files, of which each connection takes one. Connections are refused before the
 * limit is reached, so that descriptors remain for the store, the log and `/metrics`. Such refusals, and a limit
 * reached elsewhere, are logged and counted.
 */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Log } from '../platform/log.ts';

/**
 * Descriptors reserved for the database (up to 84 connections to three members, store/mongodb/connect.ts) or its
 * write-ahead log, workers and requests of the operator.
 */
const RESERVED = 130;
const LOG_EVERY_MS = 60_000;

export interface DescriptorsOptions {
  readonly log: Pick<Log, 'error'>;
  readonly refused: (kind: 'descriptors') => void;
  /** Files that this process may have open; null when unknown. */
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
    // An error before the server listens is reported to the caller of `listen`.
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
