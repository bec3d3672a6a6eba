/** What a cluster and its people look like, told when a test gives up waiting for them: enough to see why. */
import type { DocumentId } from '@concord/protocol';
import type { TestCluster } from './cluster.ts';
import type { LogReader } from './log-reader.ts';
import type { TestNode } from './node.ts';
import type { Typist } from './typist.ts';

/** A question to something that may hang. */
const ANSWERS_WITHIN_MS = 5_000;
const METRICS =
  /^concord_(?:cluster|store_breaker|store_calls|saving_paused|sessions |documents_open|joins_waiting|connections_unjoined|work_refused|sessions_refused|forwarded|node_connections)/;
const LOG_CHARACTERS = 3_000;

export interface Questioned {
  readonly cluster: TestCluster;
  readonly reader: LogReader;
  readonly typists: readonly Typist[];
}

/** Never rejects: what does not answer is told as well. */
export async function stateOf({ cluster, reader, typists }: Questioned): Promise<string> {
  const documents = [...new Set(typists.map(({ documentId }) => documentId))];
  const parts = await Promise.all([
    ...typists.map(stateOfTypist),
    orWhyNot('owners', stateOfOwners(reader, documents)),
    ...cluster.nodes.map((node) => orWhyNot(node.name, stateOfNode(node))),
  ]);
  return [...parts, `nginx: ${cluster.nginx.log()}`].join('\n');
}

/** With what the way of this person answers now: the same balancer, for the same document. */
async function stateOfTypist(typist: Typist): Promise<string> {
  const { name, documentId, url, waitsMs } = typist;
  const { version, unsent, status } = typist.client.view;
  const line = `${name} at ${documentId}: version ${version}, ${unsent} unsent for ${Math.round(waitsMs)} ms, ${JSON.stringify(status)}`;
  if (unsent === 0 && status.kind === 'saved') return line;
  const handshake = `/socket.io/?EIO=4&transport=polling&doc=${documentId}`;
  const answers = await Promise.all(
    [`/d/${documentId}.md`, handshake].map((path) => orWhyNot(path, answerOf(url + path))),
  );
  return [line, ...answers.map((answer) => `  ${answer}`)].join('\n');
}

async function answerOf(address: string): Promise<string> {
  const response = await fetch(address, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  const text = await response.text();
  return `${new URL(address).pathname}: ${response.status} ${text.slice(0, 200).replaceAll('\n', ' ')}`;
}

async function stateOfOwners(reader: LogReader, documents: readonly DocumentId[]): Promise<string> {
  const owners = await Promise.race([
    reader.ownersOf(documents),
    new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error('the database does not answer')), ANSWERS_WITHIN_MS),
    ),
  ]);
  return owners.join('\n');
}

async function stateOfNode({ name, server }: TestNode): Promise<string> {
  if (server === null) return `${name}: does not run`;
  const get = (path: string): Promise<Response> =>
    fetch(server.url + path, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
  const ready = await get('/readyz');
  const metrics = (await (await get('/metrics')).text()).split('\n');
  const log = server.stderr.slice(-LOG_CHARACTERS);
  const heading = `${name}: /readyz ${ready.status} ${(await ready.text()).slice(0, 200)}`;
  return [heading, ...metrics.filter((line) => METRICS.test(line)), log].join('\n  ');
}

const orWhyNot = (what: string, asked: Promise<string>): Promise<string> =>
  asked.catch((error: unknown) => `${what}: ${String(error)}`);
