/**
 * Readers that take nothing from their sockets while their document is written heavily, one at the node that owns it and
 * one at a node that forwards to it: they are cut off, neither node gathers what they do not read, other people notice
 * nothing, and the readers catch up when they read again.
 */
import { randomBytes } from 'node:crypto';
import { connectDocument } from '@concord/client/node';
import { OUTBOX_BYTES_MAX, type DocumentId } from '@concord/protocol';
import { expect, it, vi } from 'vitest';
import { recordInterruptions } from '../support/interruptions.ts';
import { temporaryDirectory, type TestServer } from '../support/server.ts';
import { TestCluster } from './cluster.ts';
import { Link } from './link.ts';
import { LogReader } from './log-reader.ts';
import { settle } from './nemesis.ts';
import type { TestNode } from './node.ts';
import { shown, spreadOf } from './statistics.ts';
import { Strain } from './strain.ts';
import { Typist } from './typist.ts';
import { stateOf } from './unsettled.ts';

const PATIENCE = { timeout: 180_000, interval: 100 };
const CLIENT = '127.0.0.1';
/** Base64 of it is as long as one operation may nearly be. */
const BLOCK_BYTES = 45_000;
/** Many times what the kernel holds for a connection over two hops, some megabytes each, and the outbox beside it. */
const WRITTEN_MAX = 100e6;
/** What one reader may have unread, twice, and what is written between two looks at it. */
const WAITING_MAX = 4 * OUTBOX_BYTES_MAX;
/** A server that does nothing takes some 160 MB. */
const RESIDENT_MAX = 600e6;

it(
  'readers that stop reading are cut off without gathering memory, disturb nobody, and catch up',
  { timeout: 900_000 },
  async () => {
    const directory = temporaryDirectory();
    const cluster = await TestCluster.start({
      directory: directory.path,
      nodes: 2,
      balancing: 'roundRobin',
      clients: 2,
      // No fault strikes here: a lease that a busy machine lets expire would disturb people.
      environment: { CONCORD_NODE_LEASE_MS: '60000' },
    });
    const reader = await LogReader.open(cluster.database.url());
    const links: Link[] = [];
    const closing: (() => Promise<void>)[] = [];
    try {
      const hot = await cluster.createDocument(0);
      const quiet = await cluster.createDocument(0);
      const [owner, other] = await ownerAndOther(cluster, reader, hot);
      const writer = connectDocument({ url: owner.url, documentId: hot });
      closing.push(() => writer.close());
      const typists = [hot, quiet].map((documentId, index) => {
        const options = { documentId, seed: index, everyMs: 300, name: `p${index}` };
        return new Typist({ ...options, url: cluster.nginx.url(index) });
      });
      closing.push(
        ...typists.map(
          ({ client }) =>
            () =>
              client.close(),
        ),
      );
      const interruptions: string[] = [];
      for (const { client } of typists) await recordInterruptions(client, interruptions);
      for (const typist of typists) typist.start();
      await writer.whenOpen();

      for (const { port } of [owner, other]) links.push(await Link.to(port));
      const slow = links.map(({ port }) =>
        connectDocument({ url: `http://127.0.0.1:${port}`, documentId: hot }),
      );
      closing.push(...slow.map((client) => () => client.close()));
      await Promise.all(slow.map((client) => client.whenOpen()));
      const strains = [owner, other].map((server) => new Strain(server));
      for (const link of links) link.cut(CLIENT);

      let written = 0;
      while ((await readersCut(owner)) < slow.length) {
        expect(written).toBeLessThan(WRITTEN_MAX);
        const block = `${randomBytes(BLOCK_BYTES).toString('base64')}\n`;
        writer.insert(0, block);
        await writer.whenSynchronized();
        writer.remove(writer.text.indexOf(block), block.length);
        await writer.whenSynchronized();
        written += block.length;
      }
      await vi.waitFor(
        async () => expect(await owner.metric('concord_bytes_waiting')).toBeLessThan(1e6),
        PATIENCE,
      );
      for (const strain of strains) await strain.end();
      console.log(`slow readers: cut after ${(written / 1e6).toFixed(0)} MB were written`);
      for (const [index, strain] of strains.entries()) {
        console.log(`slow readers: ${index === 0 ? 'owner' : 'other node'}: ${strain.shown}`);
        expect(strain.largest.bytesWaiting).toBeLessThan(WAITING_MAX);
        expect(strain.largest.residentBytes).toBeLessThan(RESIDENT_MAX);
      }

      for (const link of links) link.heal(CLIENT, 'arrives');
      const questioned = { cluster, reader, typists };
      await settle(typists, PATIENCE.timeout, () => stateOf(questioned));
      await vi.waitFor(() => {
        for (const client of slow) {
          expect(client.view).toMatchObject({ status: { kind: 'saved' }, unsent: 0 });
          expect(client.text).toBe(writer.text);
        }
      }, PATIENCE);
      const text = await cluster.readText(0, hot);
      expect([writer.text, typists[0]?.client.text]).toEqual([text, text]);
      const waits = typists.flatMap(({ acknowledgements }) =>
        acknowledgements.map(({ typedAt, acknowledgedAt }) => acknowledgedAt - typedAt),
      );
      console.log(`slow readers: edits of others acknowledged: ${shown(spreadOf(waits))}`);
      expect(waits.length).toBeGreaterThan(typists.length);
      expect(typists.flatMap(({ faults }) => faults)).toEqual([]);
      // Of a database that is late on a busy machine, "Saving paused" is the truth.
      expect(interruptions.filter((kind) => kind !== 'savingPaused')).toEqual([]);
      expect(cluster.unexpectedEnds).toEqual([]);
    } finally {
      for (const close of closing) await close();
      for (const link of links) await link.close();
      await reader.close();
      await cluster.end();
      directory.remove();
    }
  },
);

const serverOf = ({ server, name }: TestNode): TestServer =>
  server ?? expect.fail(`${name} does not serve`);

/** How many readers this node has cut off because they were too slow. */
async function readersCut(server: TestServer): Promise<number> {
  const cut = await server.metric('concord_work_refused_total\\{kind="readers"\\}');
  return Number.isNaN(cut) ? 0 : cut;
}

async function ownerAndOther(
  cluster: TestCluster,
  reader: LogReader,
  id: DocumentId,
): Promise<readonly [owner: TestServer, other: TestServer]> {
  await cluster.readText(0, id);
  for (const node of cluster.nodes) {
    const other = cluster.nodes.find((each) => each !== node) ?? expect.fail();
    const owned = await reader.ownedBy(node.name, [id]);
    if (owned.size > 0) return [serverOf(node), serverOf(other)];
  }
  return expect.fail('No node owns the document.');
}
