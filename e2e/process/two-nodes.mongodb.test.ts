/**
 * Two servers over one MongoDB database, the server of CONCORD_TEST_MONGODB_URL (`node scripts/mongodb.mjs` starts one): a
 * document has one owner, and another when the first is killed, stopped or suspended. Runs alone or behind routing:
 * which of the servers owns a document is read from its metrics.
 */
import { PROTOCOL_VERSION, randomClientId, randomId, type DocumentId } from '@concord/protocol';
import { connectDocument } from '@concord/client/node';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mongoDatabase, mongoServer } from '../support/mongodb.ts';
import { runProgram, temporaryDirectory, TestServer } from '../support/server.ts';

const PATIENCE = { timeout: 120_000, interval: 50 };
interface Node {
  readonly name: string;
  readonly server: TestServer;
}

const database = mongoDatabase();
let directories: ReturnType<typeof temporaryDirectory>[];
let nodes: Node[];
let sockets: Socket[];

async function start(name: string): Promise<Node> {
  const directory = temporaryDirectory();
  directories.push(directory);
  const environment = { CONCORD_STORE: database.url, CONCORD_NODE: name };
  const server = await TestServer.start({ dataDirectory: directory.path, environment });
  nodes.push({ name, server });
  await vi.waitFor(async () => expect(await statusOf(server, '/readyz')).toBe(200), PATIENCE);
  return { name, server };
}

const statusOf = async ({ url }: TestServer, path: string): Promise<number> =>
  (await fetch(url + path)).status;

const isMember = async ({ server }: Node, members: number): Promise<void> => {
  await vi.waitFor(
    async () => expect(await server.metric('concord_cluster_members')).toBe(members),
    PATIENCE,
  );
};

const fencesOf = ({ server }: Node): Promise<number> =>
  server.metric('concord_cluster_fences_total');
/** On a machine that is too busy: what it had is then taken over with fences, and not handed over. */
const hasLostItsLease = ({ server }: Node): boolean =>
  server.stderr.includes('the lease was not renewed in time');

/** The text, as soon as the server gives it: documents that move are asked for again. */
const textAt = ({ server }: Node, id: DocumentId): Promise<string> =>
  vi.waitFor(() => server.readText(id), PATIENCE);

/** Opens a document, and says which node got it. */
async function ownedBy(id: DocumentId): Promise<readonly [owner: Node, other: Node]> {
  const owned = async ({ server }: Node): Promise<boolean> => {
    await server.readText(id).catch(() => '');
    return (await server.metric('concord_cluster_documents_owned')) === 1;
  };
  return vi.waitFor(async () => {
    for (const node of nodes) {
      const other = nodes.find((each) => each !== node);
      if (other !== undefined && (await owned(node))) return [node, other] as const;
    }
    throw new Error('no node has the document yet');
  }, PATIENCE);
}

beforeEach(async () => {
  directories = [];
  nodes = [];
  sockets = [];
  await start('a');
  await start('b');
  // Those of the test before are gone within the time of a lease.
  for (const node of nodes) await isMember(node, 2);
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  // A test that failed may have left one suspended.
  for (const { server } of nodes) server.signal('SIGCONT');
  await Promise.all(nodes.map(({ server }) => server.kill()));
  for (const directory of directories) directory.remove();
});

/** Types a text of several operations, and resolves when all are acknowledged. */
async function typed({ server }: Node, id: DocumentId, text: string): Promise<void> {
  const writer = connectDocument({ url: server.url, documentId: id });
  await writer.whenOpen();
  for (const piece of text.match(/.{1,4}/g) ?? []) {
    writer.insert(writer.documentText.lengthCodePoints, piece);
    await writer.whenSynchronized();
  }
  await writer.close();
}

describe.skipIf(mongoServer === null)('two servers over one database', () => {
  afterAll(() => database.drop());

  it('kill -9: the other takes the document over, with a fence, and has every acknowledged operation', async () => {
    const { id } = await nodes[0]!.server.createDocument({ text: 'begun, ' });
    const [owner, other] = await ownedBy(id);
    await typed(owner, id, 'and acknowledged');
    await owner.server.kill();
    expect(await textAt(other, id)).toBe('begun, and acknowledged');
    expect(await fencesOf(other)).toBeGreaterThanOrEqual(1);
    await typed(other, id, ', and more');
    expect(await textAt(other, id)).toBe('begun, and acknowledged, and more');
  });

  it('SIGTERM: the document is handed over without a fence, and the process ends in order', async () => {
    const { id } = await nodes[0]!.server.createDocument({ text: 'begun, ' });
    const [owner, other] = await ownedBy(id);
    await typed(owner, id, 'and acknowledged');
    const [, heard] = await joined(owner, id);
    expect(await owner.server.stop()).toBe(0);
    expect(heard.at(-1)).toBe('moved');
    expect(await textAt(other, id)).toBe('begun, and acknowledged');
    expect((await fencesOf(other)) === 0 || [owner, other].some(hasLostItsLease)).toBe(true);
    await typed(other, id, ', and more');
    expect(await textAt(other, id)).toBe('begun, and acknowledged, and more');
  });

  it('SIGSTOP for longer than the lease, and SIGCONT: the stale server answers nothing, and its write is not there', async () => {
    const { id } = await nodes[0]!.server.createDocument({ text: 'begun, ' });
    const [owner, other] = await ownedBy(id);
    const [socket, heard] = await joined(owner, id);
    owner.server.signal('SIGSTOP');
    // Both wait in the suspended process, and are the first that it finds.
    socket.emit('submit', { seq: 1, baseVersion: 1, op: ['stale '] });
    const read = fetch(`${owner.server.url}/d/${id}.md`);
    expect(await textAt(other, id)).toBe('begun, ');
    await typed(other, id, 'and acknowledged');
    heard.length = 0;
    owner.server.signal('SIGCONT');
    await vi.waitFor(() => expect(heard).toContain('moved'), PATIENCE);
    expect(heard).toEqual(['moved']);
    const answer = await read;
    // Refused, or asked of the new owner.
    if (answer.status === 200) expect(await answer.text()).toBe('begun, and acknowledged');
    else expect(answer.status).toBe(503);
    expect(await textAt(other, id)).toBe('begun, and acknowledged');
    expect(await owner.server.metric('concord_cluster_leases_lost_total')).toBeGreaterThanOrEqual(
      1,
    );
    // It is a member again, under a new lease.
    await vi.waitFor(async () => expect(await statusOf(owner.server, '/readyz')).toBe(200), PATIENCE); // prettier-ignore
  });

  it('concord drain hands the documents of a node over; it stays up, and is not ready', async () => {
    const { id } = await nodes[0]!.server.createDocument({ text: 'begun' });
    const [owner, other] = await ownedBy(id);
    const data = { CONCORD_STORE: database.url, CONCORD_DATA: directories[0]!.path };
    const unknown = await runProgram(['drain', 'c'], data);
    expect(unknown.stderr).toContain('No node c is in the cluster now');
    expect(unknown.stderr).toContain('The nodes of the cluster are: a, b.');
    expect(unknown.code).toBe(1);
    const drained = await runProgram(['drain', owner.name], data);
    expect(drained.code).toBe(0);
    expect(drained.stdout).toContain(`Node ${owner.name} has left the cluster.`);
    expect(await textAt(other, id)).toBe('begun');
    expect((await fencesOf(other)) === 0 || [owner, other].some(hasLostItsLease)).toBe(true);
    expect(await statusOf(owner.server, '/readyz')).toBe(503);
    expect(await statusOf(owner.server, '/livez')).toBe(200);
    expect(await owner.server.stop()).toBe(0);
  });
});

/** A session by hand, with the types of what it hears. */
async function joined({ server }: Node, id: DocumentId): Promise<readonly [Socket, string[]]> {
  const socket = io(server.url, {
    query: { doc: id },
    ...{ transports: ['websocket'], reconnection: false, forceNew: true },
    auth: { guestToken: randomId() },
  });
  sockets.push(socket);
  const heard: string[] = [];
  socket.onAny((type: string) => void heard.push(type));
  const join = { docId: id, clientId: randomClientId(), epoch: 1, version: 1, nextSeq: 1 };
  socket.emit('join', { ...join, protocol: PROTOCOL_VERSION });
  await vi.waitFor(() => expect(heard).toContain('joined'), PATIENCE);
  return [socket, heard];
}
