/**
 * Expensive requests that a guest may make, each at its rate limit: refused ones are retried some milliseconds later.
 * Each loop runs for a limited time, over loopback only.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { randomDocumentId } from '@concord/protocol';
import {
  GuestSocket,
  headersOf,
  newGuest,
  openDocument,
  type Guest,
  type Heard,
} from './guest-socket.ts';

/** Attempts of each attack, and how many were granted. */
export type Tally = Record<string, { tried: number; granted: number }>;

const HEAVY_OPERATIONS = 300;
const PIECES = 499;
/** Pause between attempts of one loop, so that the attacker does not saturate its own process. */
const PAUSE_MS = 5;

/** @param only names of attacks; empty for all */
export async function attack(
  url: string,
  address: string,
  ms: number,
  tally: Tally,
  only: readonly string[] = [],
): Promise<void> {
  const guest = newGuest(address);
  const until = performance.now() + ms;
  const documentId = await heavyDocument(url, guest, until);
  const large = await openDocument(url, guest, 'lorem ipsum dolor sit amet '.repeat(37_000));
  const token = await shareLink(url, guest, documentId);
  const count = (name: string, isGranted: boolean): void => {
    const one = (tally[name] ??= { tried: 0, granted: 0 });
    one.tried += 1;
    if (isGranted) one.granted += 1;
  };
  const loop = async (name: string, work: (turn: number) => Promise<boolean>): Promise<void> => {
    if (only.length > 0 && !only.includes(name)) return;
    for (let turn = 0; performance.now() < until; turn++) {
      count(name, await work(turn).catch(() => false));
      await delay(PAUSE_MS);
    }
  };
  const ask = async (path: string, init: RequestInit = {}): Promise<boolean> => {
    const headers = { ...headersOf(guest), ...(init.headers as Record<string, string>) };
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(`${url}${path}`, { ...init, headers, signal });
    await response.arrayBuffer();
    return response.ok;
  };
  const json = { 'content-type': 'application/json' };
  const asGuest = (other: Guest, path: string, body: unknown): Promise<boolean> =>
    ask(path, {
      method: 'POST',
      headers: { ...headersOf(other), ...json },
      body: JSON.stringify(body),
    });
  await Promise.all([
    loop('joins of the whole log', () => joinOnce(url, documentId, guest)),
    loop('joins on one connection', () => joinAgain(url, documentId, guest)),
    loop('composed operations', (turn) =>
      ask(
        `/api/v1/documents/${documentId}/operation?after=${turn % 100}&through=${HEAVY_OPERATIONS / 2 + (turn % 50)}`,
      ),
    ),
    loop('searches', (turn) => ask(`/api/v1/documents?q=${'abcdefghij'[turn % 10] ?? 'a'}`)),
    loop('texts of 1 MB', (turn) =>
      ask(`/api/v1/documents/${large}/text?baseVersion=${1 + (turn % 3)}`, {
        method: 'PUT',
        headers: { 'content-type': 'text/plain' },
        body: `${turn} ${'dolor sit amet lorem ipsum '.repeat(37_000)}`,
      }),
    ),
    loop('old versions', (turn) =>
      ask(`/api/v1/documents/${documentId}/snapshot?atLeast=${turn % 200}`),
    ),
    loop('new documents', () => ask(`/api/v1/documents/${randomDocumentId()}`, { method: 'PUT', headers: json, body: JSON.stringify({ text: 'x'.repeat(100_000) }) })), // prettier-ignore
    loop('openings of a link', () => asGuest(newGuest(address), '/api/v1/links/open', { token })),
    loop('handshakes by polling', () =>
      ask(`/socket.io/?EIO=4&transport=polling&doc=${documentId}`),
    ),
    loop('readers who do not read', () => stalledReader(url, documentId, guest)),
  ]);
}

/** A log of operations with a thousand components each, as fast as a guest may write them. */
async function heavyDocument(url: string, guest: Guest, until: number): Promise<string> {
  const documentId = await openDocument(url, guest, 'x'.repeat(2_000));
  let version = 1;
  let answered: ((heard: Heard) => void) | null = null;
  const answers = new Set(['joined', 'operations', 'rejected', 'refused', 'closed']);
  const socket = await GuestSocket.open(url, documentId, guest, (heard) => {
    if (answers.has(heard.type)) answered?.(heard);
  });
  const answer = (): Promise<Heard> => new Promise((resolve) => (answered = resolve));
  const joined = answer();
  socket.join(version);
  await joined;
  const operation = Array.from({ length: PIECES }, () => [1, 'y']).flat();
  for (let seq = 1; seq <= HEAVY_OPERATIONS && performance.now() < until;) {
    const told = answer();
    socket.emit('submit', { seq, baseVersion: version, op: operation });
    const { type, body } = await told;
    if (type === 'operations') {
      seq += 1;
      version += 1;
    } else if (type === 'rejected') {
      await delay((body as { retryAfterMs?: number }).retryAfterMs ?? 20);
    } else break;
  }
  socket.end();
  return documentId;
}

async function shareLink(url: string, guest: Guest, documentId: string): Promise<string> {
  const headers = { ...headersOf(guest), 'content-type': 'application/json' };
  const body = JSON.stringify({ role: 'viewer' });
  const path = `${url}/api/v1/documents/${documentId}/links`;
  const made = await fetch(path, { method: 'POST', headers, body });
  return ((await made.json()) as { url?: string }).url?.slice(3) ?? '';
}

function joinOnce(url: string, documentId: string, guest: Guest): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 5_000);
    GuestSocket.open(url, documentId, guest, ({ type }) => {
      if (!['joined', 'resync', 'refused', 'closed'].includes(type)) return;
      clearTimeout(timer);
      resolve(type === 'joined' || type === 'resync');
      socket?.end();
    }).then(
      (opened) => {
        socket = opened;
        opened.join(0);
      },
      () => {
        clearTimeout(timer);
        resolve(false);
      },
    );
    let socket: GuestSocket | undefined;
  });
}

/** Fifty joins at once. */
async function joinAgain(url: string, documentId: string, guest: Guest): Promise<boolean> {
  let joins = 0;
  const socket = await GuestSocket.open(url, documentId, guest, ({ type }) => {
    if (type === 'joined' || type === 'resync') joins += 1;
  });
  for (let each = 0; each < 50; each++) socket.join(0);
  await delay(1_000);
  socket.end();
  return joins === 50;
}

async function stalledReader(url: string, documentId: string, guest: Guest): Promise<boolean> {
  const socket = await GuestSocket.open(url, documentId, guest, () => undefined);
  socket.stall();
  socket.join(HEAVY_OPERATIONS / 2);
  await delay(3_000);
  socket.end();
  return true;
}
