/** Eight clients at full speed while the server is killed with -9 twenty times (I1, I2, I4). */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { expect, it } from 'vitest';
import { seededRandom, temporaryDirectory, TestServer, verify } from '../support/server.ts';

const CLIENTS = 8;
const KILLS = 20;
/** Each insertion is a unique character, so that a lost or duplicated one is found in the text. */
const FIRST_MARK = 0xf0000;

it(
  `${CLIENTS} clients, ${KILLS} kill -9: no acknowledged edit is lost, none is applied twice`,
  {
    timeout: 900_000,
  },
  async () => {
    const seed = Number(process.env['CONCORD_SEED'] ?? Date.now() % 100_000);
    console.log(`kill loop: CONCORD_SEED=${seed}`);
    const random = seededRandom(seed);
    const directory = temporaryDirectory();
    let server = await TestServer.start({ dataDirectory: directory.path });
    const { port, url } = server;
    const { id } = await server.createDocument();

    let nextMark = FIRST_MARK;
    const inserted = new Set<string>();
    const acknowledged = new Set<string>();
    /** Marks whose deletion was submitted. */
    const deleting = new Set<string>();
    const deleted = new Set<string>();
    let isWriting = true;

    const clients = Array.from({ length: CLIENTS }, () => connectDocument({ url, documentId: id }));
    const write = async (client: (typeof clients)[number], dice: (limit: number) => number) => {
      await client.whenOpen();
      const own: string[] = [];
      while (isWriting) {
        const fresh: string[] = [];
        const gone: string[] = [];
        for (let edits = 1 + dice(3); edits > 0; edits--) {
          const candidate = dice(4) === 0 ? own[dice(own.length)] : undefined;
          const at = candidate === undefined ? -1 : client.text.indexOf(candidate);
          if (candidate !== undefined && at >= 0 && !deleting.has(candidate)) {
            deleting.add(candidate);
            client.remove(client.documentText.codePointFromUtf16(at), 1);
            gone.push(candidate);
          } else {
            const mark = String.fromCodePoint(nextMark++);
            inserted.add(mark);
            client.insert(dice(client.documentText.lengthCodePoints + 1), mark);
            fresh.push(mark);
          }
        }
        // One time in five, type on before the acknowledgement.
        if (dice(5) === 0) await sleep(dice(3));
        else {
          await client.whenSynchronized();
          for (const mark of fresh) acknowledged.add(mark);
          for (const mark of gone) deleted.add(mark);
          own.push(...fresh);
        }
      }
    };
    const writing = clients.map((client, index) => write(client, seededRandom(seed + 1 + index)));

    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(100 + random(900));
      await server.kill();
      const [ackedBefore, goneBefore] = [[...acknowledged], [...deleted]];
      await sleep(random(200));
      server = await TestServer.start({ dataDirectory: directory.path, port });
      // Skips the reconnection backoff.
      for (const client of clients) client.networkBack();
      const counts = countMarks(await server.readText(id));
      const missing = ackedBefore.filter((mark) => !counts.has(mark) && !deleting.has(mark));
      const back = goneBefore.filter((mark) => counts.has(mark));
      const doubled = [...counts].filter(([, count]) => count > 1);
      expect({ missing, back, doubled }).toEqual({ missing: [], back: [], doubled: [] });
    }
    isWriting = false;
    await Promise.all(writing);
    await Promise.all(clients.map((client) => client.whenSynchronized()));
    const head = Math.max(...clients.map((client) => client.view.version));
    for (const client of clients) while (client.view.version < head) await sleep(10);

    const text = await server.readText(id);
    for (const client of clients) expect(client.text === text).toBe(true);
    const counts = countMarks(text);
    const missing = [...inserted].filter((mark) => !deleting.has(mark) && counts.get(mark) !== 1);
    const back = [...deleting].filter((mark) => counts.has(mark));
    const foreign = [...counts.keys()].filter((mark) => !inserted.has(mark));
    expect({ missing, back, foreign }).toEqual({ missing: [], back: [], foreign: [] });
    console.log(
      `kill loop: ${inserted.size} insertions, ${deleting.size} deletions, version ${head}`,
    );

    for (const client of clients) await client.close();
    expect(await server.stop()).toBe(0);
    expect((await verify(directory.path)).stdout).toContain('1 documents verified, 0 faulty');
    directory.remove();
  },
);

function countMarks(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const mark of text) counts.set(mark, (counts.get(mark) ?? 0) + 1);
  return counts;
}
