/** The load balancers of deploy/, as real programs in front of two servers: what reaches which node, and how. */
import { cpSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectDocument } from '@concord/client/node';
import {
  PROTOCOL_VERSION,
  randomClientId,
  randomDocumentId,
  type DocumentId,
  type DocumentResource,
  type OperationsMessage,
} from '@concord/protocol';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../support/http-client.ts';
import {
  balancerNames,
  LoadBalancer,
  programOf,
  type BalancerName,
} from '../support/load-balancer.ts';
import { temporaryDirectory, TestServer } from '../support/server.ts';

const MEGABYTE = 1024 * 1024;
/** All of them on one of two nodes by chance: once in four million runs. */
const DOCUMENTS = 23;

/** Two servers that have the same documents, each used at one of them only, and a balancer in front of them. */
class Pair {
  readonly directory = temporaryDirectory();
  nodes: readonly TestServer[] = [];
  documents: readonly DocumentResource[] = [];
  #balancer: LoadBalancer | null = null;

  async start(name: BalancerName): Promise<void> {
    const [first, second] = [`${this.directory.path}/first`, `${this.directory.path}/second`];
    const maker = await TestServer.start({ dataDirectory: first });
    const making = Array.from({ length: DOCUMENTS }, () => maker.createDocument());
    this.documents = await Promise.all(making);
    await maker.stop();
    cpSync(first, second, { recursive: true });
    const environment = {
      CONCORD_TRUSTED_PROXIES: '127.0.0.1',
      CONCORD_REQUESTS_PER_MINUTE: '120',
    };
    const start = (dataDirectory: string): Promise<TestServer> =>
      TestServer.start({ dataDirectory, environment });
    this.nodes = [await start(first), await start(second)];
    const [one = 0, two = 0] = this.nodes.map(({ port }) => port);
    this.#balancer = await LoadBalancer.start(name, [one, two]);
  }

  async stop(): Promise<void> {
    await this.#balancer?.stop();
    await Promise.all(this.nodes.map((node) => node.stop()));
    this.directory.remove();
  }

  /** Where people reach the balancer. */
  get url(): string {
    if (this.#balancer === null) throw new Error('The balancer was not started.');
    return this.#balancer.url;
  }

  document(index: number): DocumentResource {
    const document = this.documents[index];
    if (document === undefined) throw new Error('There is no such document.');
    return document;
  }

  /** A person with a network address of their own. */
  person(number: number): HttpClient {
    return new HttpClient(this.url, { localAddress: `127.0.1.${number}` });
  }

  /** The text at each node, past the balancer. */
  texts(id: DocumentId): Promise<string[]> {
    return Promise.all(this.nodes.map((node) => node.readText(id)));
  }
}

interface Wire {
  readonly transport: string;
  readonly received: Promise<OperationsMessage>;
  readonly close: () => void;
}

/** Joins by this transport alone; resolves when joined. */
async function join(url: string, id: DocumentId, transport: string): Promise<Wire> {
  const socket = io(url, {
    query: { doc: id },
    auth: { guestToken: randomClientId() },
    transports: [transport],
    upgrade: false,
    reconnection: false,
    forceNew: true,
  });
  const received = new Promise<OperationsMessage>((resolve) => socket.on('operations', resolve));
  const joined = new Promise((resolve, reject) => {
    socket.on('joined', resolve);
    socket.on('refused', reject);
    socket.on('connect_error', reject);
  });
  const at = { docId: id, clientId: randomClientId(), epoch: 1, version: 0, nextSeq: 1 };
  socket.emit('join', { ...at, protocol: PROTOCOL_VERSION });
  await joined;
  return { transport: socket.io.engine.transport.name, received, close: () => socket.close() };
}

/** Sends the head of a request whose body never comes. Resolves with the response's status and type. */
function statusOfLargeBody(url: string, bytes: number): Promise<{ status: number; type: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': bytes, 'content-type': 'application/json' };
    const outgoing = request(`${url}/api/v1/documents`, { method: 'POST', agent: false, headers });
    outgoing.on('response', (response) => {
      resolve({
        status: response.statusCode ?? 0,
        type: String(response.headers['content-type']),
      });
      outgoing.destroy();
    });
    outgoing.on('error', reject);
    outgoing.flushHeaders();
  });
}

const reason = (name: BalancerName): string =>
  programOf(name) === null ? ` (skipped: install ${name})` : '';

for (const name of balancerNames) {
  const isMissing = programOf(name) === null && process.env['CONCORD_REQUIRE_BALANCERS'] !== '1';
  describe.skipIf(isMissing)(`${name} with its configuration of deploy/${reason(name)}`, () => {
    const pair = new Pair();
    beforeAll(() => pair.start(name));
    afterAll(() => pair.stop());

    it('serves pages and the API', async () => {
      const { url } = pair;
      const page = await fetch(`${url}/new`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<div id="root">');
      expect((await fetch(`${url}/api/v1/openapi.json`)).status).toBe(200);
    });

    it('sends all requests about a document to one node, and documents to both', async () => {
      const used = new Set<number>();
      for (const { id } of pair.documents.slice(3)) {
        const { url } = pair;
        const writing = { method: 'PUT', headers: { 'if-match': '*' }, body: `of ${id}` };
        const written = await fetch(`${url}/d/${id}.md`, writing);
        expect(written.ok, await written.text()).toBe(true);
        for (const path of [`/d/${id}.md`, `/api/v1/documents/${id}/text`]) {
          expect(await (await fetch(url + path)).text()).toBe(`of ${id}`);
        }
        const texts = await pair.texts(id);
        expect(texts.toSorted()).toEqual(['', `of ${id}`]);
        used.add(texts.indexOf(`of ${id}`));
      }
      expect(used.size).toBe(2);
    });

    it('connects WebSocket, polling and the API of a document to the same node', async () => {
      const { url } = pair;
      for (const { id } of pair.documents.slice(0, 3)) {
        const wires = [await join(url, id, 'websocket'), await join(url, id, 'polling')];
        expect(wires.map(({ transport }) => transport)).toEqual(['websocket', 'polling']);
        const writer = connectDocument({ url, documentId: id });
        await writer.whenOpen();
        writer.edit(['typed']);
        await writer.whenSynchronized();
        for (const { received, close } of wires) {
          expect((await received).operations).toMatchObject([{ op: ['typed'] }]);
          close();
        }
        expect(await (await fetch(`${url}/d/${id}.md`)).text()).toBe('typed');
        expect((await pair.texts(id)).toSorted()).toEqual(['', 'typed']);
        await writer.close();
      }
    });

    it('lets a long text through, and refuses a body that no document needs', async () => {
      const { id } = pair.document(4);
      const body = 'x'.repeat(2 * MEGABYTE - 1);
      const headers = { 'if-match': '*', 'content-type': 'text/markdown' };
      const response = await fetch(`${pair.url}/d/${id}.md`, {
        method: 'PUT',
        headers,
        body,
      });
      expect(response.ok, await response.text()).toBe(true);
      const refused = await statusOfLargeBody(pair.url, 14 * MEGABYTE);
      // By the balancer: a refusal of Concord is application/problem+json.
      expect(refused).toEqual({ status: 413, type: 'text/html' });
    });

    it('tells the nodes the address of each person, whatever a person says of it', async () => {
      const [busy, other] = [pair.person(1), pair.person(2)];
      let refusedInARow = 0;
      for (let asked = 0; refusedInARow < 6; asked += 1) {
        expect(asked).toBeLessThan(2_000);
        const forged = asked % 2 === 0 ? {} : { 'x-forwarded-for': `203.0.113.${asked % 250}` };
        const { status } = await busy.send('GET', '/api/v1/documents?q=word', undefined, forged);
        refusedInARow = status === 429 ? refusedInARow + 1 : 0;
      }
      expect((await other.send('GET', '/api/v1/documents?q=word')).status).toBe(200);
    });

    it('serves the documents of a node that stopped by the other one', async () => {
      await pair.nodes[1]?.stop();
      for (const { id } of pair.documents) {
        const response = await fetch(`${pair.url}/d/${id}.md`);
        expect(response.status).toBe(200);
      }
    });
  });

  describe.skipIf(isMissing)(`${name} before nodes that fail${reason(name)}`, () => {
    /** What reached either node, health checks left out. */
    let seen: string[] = [];
    let isReady = true;
    let isRefusing = false;
    const nodes: Server[] = [];
    let balancer: LoadBalancer | null = null;
    const urlOf = (): string => balancer?.url ?? '';

    const fails = ({ method, url }: IncomingMessage): boolean => {
      seen.push(`${method} ${url}`);
      return url?.startsWith('/fails') === true;
    };
    beforeAll(async () => {
      for (const node of ['1', '2']) {
        const server = createServer((incoming, response) => {
          if (incoming.url === '/livez') return void response.end();
          if (incoming.url === '/readyz') {
            response.statusCode = node === '2' && !isReady ? 503 : 200;
            return void response.end();
          }
          if (fails(incoming)) return void incoming.socket.destroy();
          const isHandshake = incoming.url?.startsWith('/socket.io/') === true;
          const isRefused = node === '2' && (!isReady || (isRefusing && isHandshake));
          if (isRefused) response.statusCode = 503;
          response.end(node);
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        nodes.push(server);
      }
      const ports = nodes.map((node) => (node.address() as AddressInfo).port);
      balancer = await LoadBalancer.start(name, [ports[0] ?? 0, ports[1] ?? 0]);
    });
    afterAll(async () => {
      await balancer?.stop();
      for (const node of nodes) node.close();
    });

    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      it(`does not send a ${method} to a second node when the first one died of it`, async () => {
        seen = [];
        // HAProxy closes the person's connection too if it had used the node's before: the person may repeat it.
        const outcome = await fetch(`${urlOf()}/fails`, { method, body: 'once' }).then(
          ({ status }) => status,
          () => 'closed',
        );
        expect([502, 'closed']).toContain(outcome);
        expect(seen).toEqual([`${method} /fails`]);
        // Until nginx asks the node again that it left out: what follows must find both.
        await expect.poll(() => both(urlOf()), { timeout: 60_000 }).toBe(true);
      });
    }

    it('connects people to another node while one drains', async () => {
      isReady = false;
      const ids = Array.from({ length: 40 }, randomClientId);
      const answeredBy = (): Promise<string[]> =>
        Promise.all(ids.map(async (id) => (await fetch(`${urlOf()}/socket.io/?doc=${id}`)).text()));
      await expect.poll(answeredBy, { timeout: 60_000 }).toEqual(ids.map(() => '1'));
      isReady = true;
      await expect.poll(answeredBy, { timeout: 60_000 }).toContain('2');
    });

    it('goes on asking the one node that is left, though it refuses connections for a moment', async () => {
      nodes[0]?.closeAllConnections();
      nodes[0]?.close();
      // HAProxy closes the person's connection where it finds one to that node closed.
      await answersInARow(urlOf());
      isRefusing = true;
      for (let asked = 0; asked < 8; asked += 1) {
        const id = randomDocumentId();
        expect((await fetch(`${urlOf()}/socket.io/?doc=${id}`)).status).toBe(503);
        const read = await fetch(`${urlOf()}/d/${id}.md`);
        expect([read.status, await read.text()]).toEqual([200, '2']);
      }
    });

    it('says that no node answers, when none is left', async () => {
      nodes[1]?.closeAllConnections();
      nodes[1]?.close();
      await answersInARow(urlOf());
      const read = await fetch(`${urlOf()}/d/${randomDocumentId()}.md`);
      expect(read.status).toBe(503);
      // HAProxy has a page of its own.
      if (name === 'haproxy') return;
      expect(read.headers.get('retry-after')).toBe('1');
      expect(await read.json()).toMatchObject({ status: 503, code: 'unreachable' });
      for (const method of ['PUT', 'POST']) {
        const write = await fetch(`${urlOf()}/d/${randomDocumentId()}.md`, { method, body: 'x' });
        expect(write.status).toBe(502);
        expect(write.headers.get('content-type')).toBe('application/problem+json');
        expect(await write.json()).toMatchObject({ code: 'outcomeUnknown' });
      }
    });
  });
}

/** Whether both nodes get requests that concern no document. */
async function both(url: string): Promise<boolean> {
  const answers = [];
  for (let asked = 0; asked < 8; asked += 1) answers.push(await (await fetch(url)).text());
  return answers.includes('1') && answers.includes('2');
}

/** Until no connection of the balancer to a node that closed is left. */
async function answersInARow(url: string): Promise<void> {
  for (let inARow = 0; inARow < 8;) {
    const isAnswered = await fetch(url).then(
      () => true,
      () => false,
    );
    inARow = isAnswered ? inARow + 1 : 0;
  }
}
