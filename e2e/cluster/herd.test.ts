/**
 * A node is killed that had many connections, and the documents of all of them: they come again at once, at the others.
 * Those admit them without gathering memory, people at another document type on, and everybody is there in the end.
 *
 * CONCORD_HERD_CONNECTIONS for more than a quick test has (5,000 take 12,000 descriptors of nginx).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import { WAITING_BYTES_MAX, type DocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import { recordInterruptions } from '../support/interruptions.ts';
import { temporaryDirectory } from '../support/server.ts';
import { TestCluster } from './cluster.ts';
import { Herd } from './herd.ts';
import { LogReader } from './log-reader.ts';
import { settle } from './nemesis.ts';
import type { TestNode } from './node.ts';
import { shown, spreadOf } from './statistics.ts';
import { Strain } from './strain.ts';
import { Typist } from './typist.ts';
import { stateOf } from './unsettled.ts';

const CONNECTIONS = Number(process.env['CONCORD_HERD_CONNECTIONS'] ?? 300);
const PER_DOCUMENT = 100;
/** As a school has behind one router. */
const PER_ADDRESS = 50;
const ADMITTED_WITHIN_MS = 600_000;
/** Of a server that serves, and of each connection: twice what an idle one takes, and what a join takes for a moment. */
const RESIDENT_MAX = 500e6 + CONNECTIONS * 60e3;

it(
  `${CONNECTIONS} connections come again at once when their node is killed: the others admit all of them in bounded memory`,
  { timeout: 1_800_000 },
  async () => {
    const directory = temporaryDirectory();
    const addresses = Math.ceil(CONNECTIONS / PER_ADDRESS);
    const cluster = await TestCluster.start({
      directory: directory.path,
      nodes: 3,
      balancing: 'first',
      clients: addresses,
    });
    const [killed, ...left] = cluster.nodes as [TestNode, ...TestNode[]];
    const reader = await LogReader.open(cluster.database.url());
    const closing: (() => Promise<void>)[] = [];
    try {
      const wanted = Math.ceil(CONNECTIONS / PER_DOCUMENT);
      const documents = await documentsOf(killed, wanted, cluster, reader);
      const [quiet = expect.fail()] = await documentsOf(left[0], 1, cluster, reader);
      const urlOfLeft = left[0]?.server?.url ?? expect.fail();
      const typist = new Typist({ name: 'p', url: urlOfLeft, documentId: quiet, seed: 1, everyMs: 200 }); // prettier-ignore
      closing.push(() => typist.client.close());
      const interruptions: string[] = [];
      await recordInterruptions(typist.client, interruptions);
      typist.start();

      const openingAt = performance.now();
      const places = Array.from({ length: CONNECTIONS }, (_, index) => ({
        url: cluster.nginx.url(Math.floor(index / PER_ADDRESS)),
        documentId: documents[index % documents.length] ?? expect.fail(),
      }));
      const herd = await Herd.open(places);
      closing.push(() => herd.end());
      console.log(`herd: ${CONNECTIONS} connections opened in ${secondsSince(openingAt)} s`);
      const strains = left.map(({ server }) => new Strain(server ?? expect.fail()));

      const killedAt = performance.now();
      await killed.kill();
      // Written after the kill: a client that has it is connected to the node that took the document over.
      const versions = new Map(
        await Promise.all(
          documents.map((id, index) => writeLine(cluster.nginx.url(index % addresses), id)),
        ),
      );
      while (!herd.hasAll(versions)) {
        const tooLate = performance.now() - killedAt > ADMITTED_WITHIN_MS;
        if (tooLate) {
          const state = await stateOf({ cluster, reader, typists: [typist] });
          expect.fail(`Not all are back: ${JSON.stringify(herd.statuses)}\n${state}`);
        }
        await sleep(100);
      }
      console.log(`herd: all are back and up to date after ${secondsSince(killedAt)} s`);
      console.log(`herd: each was away: ${shown(spreadOf(herd.away))}`);
      for (const strain of strains) await strain.end();
      for (const [index, strain] of strains.entries()) {
        console.log(`herd: ${left[index]?.name}: ${strain.shown}`);
        expect(strain.largest.residentBytes).toBeLessThan(RESIDENT_MAX);
        expect(strain.largest.bytesWaiting).toBeLessThan(2 * WAITING_BYTES_MAX);
      }

      const questioned = { cluster, reader, typists: [typist] };
      await settle([typist], ADMITTED_WITHIN_MS, () => stateOf(questioned));
      const waits = typist.acknowledgements
        .filter(({ typedAt }) => typedAt > killedAt)
        .map(({ typedAt, acknowledgedAt }) => acknowledgedAt - typedAt);
      console.log(`herd: edits in another document acknowledged: ${shown(spreadOf(waits))}`);
      expect(waits.length).toBeGreaterThan(0);
      expect(typist.faults).toEqual([]);
      expect(interruptions.filter((kind) => kind !== 'savingPaused')).toEqual([]);
      expect(cluster.unexpectedEnds).toEqual([]);
    } finally {
      for (const close of closing) await close();
      await reader.close();
      await cluster.end();
      directory.remove();
    }
  },
);

const secondsSince = (at: number): string => ((performance.now() - at) / 1_000).toFixed(1);

/** Documents that this node owns: made one after the other until there are so many. */
async function documentsOf(
  node: TestNode | undefined,
  count: number,
  cluster: TestCluster,
  reader: LogReader,
): Promise<readonly DocumentId[]> {
  const owned: DocumentId[] = [];
  while (owned.length < count) {
    const id = await cluster.createDocument(0, { text: 'first\n' });
    await cluster.readText(0, id);
    if (node !== undefined && (await reader.ownedBy(node.name, [id])).size > 0) owned.push(id);
  }
  return owned;
}

/** @returns the document, and its version with the line */
async function writeLine(
  url: string,
  documentId: DocumentId,
): Promise<readonly [DocumentId, number]> {
  const writer = connectDocument({ url, documentId });
  await writer.whenOpen();
  writer.insert(0, 'after the kill\n');
  await writer.whenSynchronized();
  const { version } = writer.view;
  await writer.close();
  return [documentId, version];
}
