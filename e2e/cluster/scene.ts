/** A cluster with people at its documents, and the questions that are asked when they have finished. */
import { expect } from 'vitest';
import type { DocumentId } from '@concord/protocol';
import { temporaryDirectory } from '../support/server.ts';
import { TestCluster } from './cluster.ts';
import { LogReader } from './log-reader.ts';
import { settle } from './nemesis.ts';
import type { Balancing } from './nginx.ts';
import { Typist } from './typist.ts';
import { stateOf } from './unsettled.ts';
import { flawless, groupedByDocument, judge } from './verdict.ts';

/** Far longer than the longest backoff of a client: a busy machine takes long for each attempt. */
const SETTLES_WITHIN_MS = 240_000;

export const CLUSTER_NODES = Number(process.env['CONCORD_NEMESIS_NODES'] ?? 3);

export interface SceneOptions {
  readonly people: number;
  readonly documents: number;
  readonly nodes: number;
  readonly balancing: Balancing;
  readonly seed: number;
}

export interface Scene {
  readonly cluster: TestCluster;
  readonly documents: readonly DocumentId[];
  /** They type already. */
  readonly typists: readonly Typist[];
  readonly reader: LogReader;
  /** Resolves when all have stopped typing, are saved, and see the same; see {@link settle}. */
  readonly settle: () => Promise<void>;
  /** Closes the clients and stops the nodes; then judges every text and every log. Fails on the first flaw. */
  readonly judgeAll: () => Promise<void>;
  /** Ends all processes and removes their files. */
  readonly end: () => Promise<void>;
}

export async function scene(options: SceneOptions): Promise<Scene> {
  const { people, seed, nodes, balancing } = options;
  const directory = temporaryDirectory();
  const cluster = await TestCluster.start({
    directory: directory.path,
    nodes,
    balancing,
    clients: people,
  });
  const typists: Typist[] = [];
  let reader: LogReader | undefined;
  const end = async (): Promise<void> => {
    for (const { client } of typists) await client.close();
    await reader?.close();
    await cluster.end();
    directory.remove();
  };
  try {
    const opened = await LogReader.open(cluster.database.url());
    reader = opened;
    const documents: DocumentId[] = [];
    for (let index = 0; index < options.documents; index += 1) {
      documents.push(await cluster.createDocument(index % people));
    }
    for (let index = 0; index < people; index += 1) {
      const documentId = documents[index % documents.length] ?? expect.fail();
      const common = { documentId, seed: seed + index, everyMs: 300 };
      typists.push(new Typist({ name: `p${index}`, url: cluster.nginx.url(index), ...common }));
    }
    for (const typist of typists) typist.start();
    const judge = (): Promise<void> => judgeAll(cluster, opened, typists);
    const state = (): Promise<string> => stateOf({ cluster, reader: opened, typists });
    return {
      ...{ cluster, documents, typists, reader, judgeAll: judge, end },
      settle: () => settle(typists, SETTLES_WITHIN_MS, state),
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function judgeAll(
  cluster: TestCluster,
  reader: LogReader,
  typists: readonly Typist[],
): Promise<void> {
  expect(typists.flatMap(({ faults }) => faults)).toEqual([]);
  const groups = groupedByDocument(typists);
  for (const [documentId, group] of groups) {
    expect(judge(await cluster.readText(0, documentId), group)).toEqual(flawless);
  }
  const verdicts = await reader.verify();
  expect([...verdicts.values()].flatMap(({ faults }) => faults)).toEqual([]);
  for (const [documentId, [first]] of groups) {
    const { version, checksum } = verdicts.get(documentId) ?? expect.fail();
    const seen = {
      version: first?.client.view.version,
      checksum: first?.client.documentText.checksum,
    };
    expect({ version, checksum }).toEqual(seen);
  }
  for (const { client } of typists) await client.close();
  expect(await cluster.stopNodes()).toEqual(cluster.nodes.map(() => 0));
  expect(cluster.unexpectedEnds).toEqual([]);
}
