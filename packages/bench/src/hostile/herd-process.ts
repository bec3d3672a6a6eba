/** A thundering herd of readers from one address, as of a school class, in its own process. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { JoinedMessage, OperationsMessage } from '@concord/protocol';
import { GuestSocket, headersOf, newGuest } from './guest-socket.ts';

export interface HerdJob {
  readonly url: string;
  readonly documentId: string;
  readonly readers: number;
}

export interface HerdOutcome {
  /** Time until the last reader had the newest text, in milliseconds. */
  readonly ms: number;
  /** Number of connections and joins that were told to retry later. */
  readonly putOff: number;
}

const ADDRESS = '10.3.0.1';

process.on('message', ({ url, documentId, readers }: HerdJob) => {
  const startedAt = performance.now();
  let putOff = 0;
  const all = Array.from({ length: readers }, () => read(url, documentId, () => (putOff += 1)));
  void Promise.all(all).then(() => {
    const outcome: HerdOutcome = { ms: performance.now() - startedAt, putOff };
    process.send?.({ answer: outcome });
  });
});
process.on('disconnect', () => process.exit(0));

/** Joins without a replica, as a first visit; stays connected once it has everything. */
async function read(url: string, documentId: string, putOff: () => void): Promise<void> {
  const guest = newGuest(ADDRESS);
  let version = 0;
  for (;;) {
    const waitMs = await attempt(url, documentId, guest, version, (at) => (version = at)).catch(() => 500); // prettier-ignore
    if (waitMs === 0) return;
    putOff();
    await delay(waitMs * (1 + Math.random()));
  }
}

/** Milliseconds to wait before the next attempt; 0 when the reader has everything. */
async function attempt(
  url: string,
  documentId: string,
  guest: ReturnType<typeof newGuest>,
  from: number,
  at: (version: number) => void,
): Promise<number> {
  let version = from;
  let head = Infinity;
  return new Promise((resolve, reject) => {
    const done = (): void => {
      if (version >= head) resolve(0);
    };
    const opening = GuestSocket.open(url, documentId, guest, ({ type, body }) => {
      if (type === 'joined') {
        const { tail, version: newest } = body as JoinedMessage;
        head = newest;
        version += tail.length;
        return done();
      }
      if (type === 'operations') {
        const { firstVersion, operations } = body as OperationsMessage;
        version = Math.max(version, firstVersion + operations.length - 1);
        return done();
      }
      if (type === 'refused') resolve((body as { retryAfterMs?: number }).retryAfterMs ?? 500);
      if (type === 'moved' || type === 'closed') resolve(500);
      if (type === 'resync') {
        const path = `${url}/api/v1/documents/${documentId}/snapshot?atLeast=${(body as { version: number }).version}`;
        fetch(path, { headers: headersOf(guest) }).then(async (response) => {
          await response.arrayBuffer();
          if (!response.ok)
            return resolve(Number(response.headers.get('retry-after') ?? 1) * 1_000);
          version = Number(response.headers.get('concord-version'));
          at(version);
          (await opening).join(version);
        }, reject);
      }
    });
    opening.then((socket) => socket.join(version), reject);
  });
}
