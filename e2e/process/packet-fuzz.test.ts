/**
 * Fuzzes every layer (WebSocket frames, Engine.IO, Socket.IO, document messages) while honest clients type: the process
 * survives without even a contained fault, no honest client is refused, and their texts converge.
 * CONCORD_FUZZ_PACKETS is the number of packets (default 50,000); CONCORD_FUZZ_SEED repeats a run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { expect, it } from 'vitest';
import { visit } from '../support/hostile-peer.ts';
import { recordInterruptions } from '../support/interruptions.ts';
import { seededRandom, temporaryDirectory, TestServer, verify } from '../support/server.ts';

const PACKETS = Number(process.env['CONCORD_FUZZ_PACKETS'] ?? 50_000);
const SEED = Number(process.env['CONCORD_FUZZ_SEED'] ?? Date.now() % 1_000_000);
/** Visits from one address before the next address is used. */
const VISITS_PER_ADDRESS = 40;
/** Concurrent visits from one address. */
const AT_ONCE_PER_ADDRESS = 12;
/** Concurrent visits in all: most of a visit is waiting for a response. */
const AT_ONCE = (process.platform === 'linux' ? 4 : 1) * AT_ONCE_PER_ADDRESS;

/** A loopback address; macOS has 127.0.0.1 only. */
function addressOf(visitor: number, visitNumber: number): string {
  if (process.platform !== 'linux') return '127.0.0.1';
  const group = Math.floor(visitor / AT_ONCE_PER_ADDRESS);
  const groups = AT_ONCE / AT_ONCE_PER_ADDRESS;
  const turn = Math.floor(visitNumber / (VISITS_PER_ADDRESS * groups));
  const address = (turn * groups + group) % 60_000;
  return `127.1.${Math.floor(address / 250)}.${1 + (address % 250)}`;
}

it(
  `the server survives ${PACKETS} hostile packets without disturbing honest clients (seed ${SEED})`,
  async () => {
    const directory = temporaryDirectory();
    const server = await TestServer.start({ dataDirectory: directory.path });
    const { id: attacked } = await server.createDocument({ text: 'Typed beside the noise.\n' });
    const { id: other } = await server.createDocument();
    const honest = [attacked, attacked, other].map((documentId) =>
      connectDocument({ url: server.url, documentId }),
    );
    const interruptions: string[] = [];
    for (const client of honest) {
      await client.whenOpen();
      await client.whenSynchronized();
      await recordInterruptions(client, interruptions);
    }
    let isStopping = false;
    const died = server.ended.then((code) => {
      if (!isStopping)
        throw new Error(`the server ended with ${code}: ${server.stderr.slice(-2_000)}`);
    });
    died.catch(() => {});
    let isTyping = true;
    const times: number[] = [];
    const typed = honest.map(() => 0);
    const typing = honest.map(async (client, who) => {
      while (isTyping) {
        const startedAt = performance.now();
        client.insert(0, `«${who}:${typed[who]}»`);
        typed[who] = (typed[who] ?? 0) + 1;
        await client.whenSynchronized();
        times.push(performance.now() - startedAt);
        await sleep(20);
      }
    });

    const random = seededRandom(SEED);
    let packets = 0;
    let visits = 0;
    const visitors = Array.from({ length: AT_ONCE }, async (_, visitor) => {
      while (packets < PACKETS) {
        const localAddress = addressOf(visitor, visits++);
        const { port } = server;
        const said = await visit({ port, documentId: attacked, random, localAddress });
        packets += said;
      }
    });
    await Promise.race([Promise.all(visitors), died]);

    isTyping = false;
    await Promise.race([Promise.all(typing), died]);
    for (const client of honest) await client.whenSynchronized();
    times.sort((a, b) => a - b);
    const at = (share: number): string =>
      (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
    console.log(
      `${packets} packets by ${visits} visits; ${times.length} edits beside were acknowledged after ` +
        `${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${at(1)} ms (longest)`,
    );

    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const counted = (name: string): string[] =>
      metrics.match(new RegExp(`(?<=^${name}\\{)[^\\n]*`, 'gm')) ?? [];
    // The packets must reach the document layer, or they test only the transport.
    expect(counted('concord_operations_rejected_total').length).toBeGreaterThan(0);
    console.log(
      `refused: ${counted('concord_sessions_refused_total').join(' ')}; ` +
        `rejected: ${counted('concord_operations_rejected_total').join(' ')}`,
    );
    const faults = server.stderr
      .split('\n')
      .filter((line) => line.includes('a fault was contained'));
    expect(faults).toEqual([]);
    expect(metrics).not.toMatch(/^concord_faults_total\{/m);
    expect(interruptions).toEqual([]);
    const [one, two, three] = honest;
    const text = await server.readText(attacked);
    while (one?.text !== text || two?.text !== text) {
      // What the last visitors wrote may still be on its way to those who read.
      if ((await server.readText(attacked)) !== text)
        throw new Error('the document is still being written to');
      await sleep(20);
    }
    expect(three?.text).toBe(await server.readText(other));
    for (const [who, client] of honest.entries()) {
      for (let edit = 0; edit < (typed[who] ?? 0); edit++) {
        // Hostile peers may have deleted of the attacked text; nothing is there twice.
        const found = client.text.split(`«${who}:${edit}»`).length - 1;
        expect(found).toBeLessThanOrEqual(1);
        if (client === three) expect(found).toBe(1);
      }
      await client.close();
    }
    isStopping = true;
    expect(await server.stop()).toBe(0);
    expect((await verify(directory.path)).stdout).toMatch(/2 documents verified, 0 faulty/);
    directory.remove();
  },
  60_000 + PACKETS * 20,
);
