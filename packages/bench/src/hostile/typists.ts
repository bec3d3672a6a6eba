/** Ten people who type in one document, each five times a second, and how long their acknowledgements take. */
import { setTimeout as delay } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import type { JoinedMessage, OperationsMessage } from '@concord/protocol';
import { GuestSocket, newGuest, openDocument, type Heard } from './guest-socket.ts';

const PEOPLE = 10;
const EVERY_MS = 200;
const BASE_ADDRESS = '10.1.0.';

/** Returns the milliseconds from each edit to its acknowledgement. */
export async function typeFor(url: string, ms: number): Promise<number[]> {
  const owner = newGuest(`${BASE_ADDRESS}1`);
  const documentId = await openDocument(url, owner, 'Ten people write here.\n');
  const samples: number[] = [];
  const until = performance.now() + ms;
  await Promise.all(
    Array.from({ length: PEOPLE }, async (_, index) => {
      await delay((index * EVERY_MS) / PEOPLE);
      const guest = index === 0 ? owner : newGuest(`${BASE_ADDRESS}${index + 1}`);
      await type(url, documentId, guest, until, samples);
    }),
  );
  return samples;
}

async function type(
  url: string,
  documentId: string,
  guest: ReturnType<typeof newGuest>,
  until: number,
  samples: number[],
): Promise<void> {
  let version = -1;
  let seq = 0;
  let acknowledged: (() => void) | null = null;
  let joined: (() => void) | null = null;
  const heard = ({ type: name, body }: Heard): void => {
    if (name === 'joined') {
      const { version: head } = body as JoinedMessage;
      version = head;
      joined?.();
    } else if (name === 'operations') {
      const { firstVersion, operations } = body as OperationsMessage;
      version = Math.max(version, firstVersion + operations.length - 1);
      if (operations.some((each) => each.clientId === socket.clientId && each.seq === seq)) {
        acknowledged?.();
      }
    } else if (name === 'rejected' || name === 'refused' || name === 'resync') {
      throw new Error(`A typist was answered ${name}: ${JSON.stringify(body)}`);
    }
  };
  const socket = await GuestSocket.open(url, documentId, guest, heard);
  const isIn = new Promise<void>((resolve) => (joined = resolve));
  socket.join(0);
  await isIn;
  while (performance.now() < until) {
    const startedAt = performance.now();
    seq += 1;
    const isBack = new Promise<void>((resolve) => (acknowledged = resolve));
    socket.emit('submit', { seq, baseVersion: version, op: ['k'] });
    await isBack;
    samples.push(performance.now() - startedAt);
    await delay(Math.max(0, EVERY_MS - (performance.now() - startedAt)));
  }
  socket.end();
}
