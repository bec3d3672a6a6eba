/** Malformed input of one client is refused with a code and disturbs no other client (I2, I8, scoped errors). */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDocument } from '@concord/client/node';
import {
  PROTOCOL_VERSION,
  randomClientId,
  randomId,
  type ClientId,
  type DocumentId,
} from '@concord/protocol';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordInterruptions } from '../support/interruptions.ts';
import { temporaryDirectory, TestServer, verify } from '../support/server.ts';

/**
 * Upper bound of the server's CPU time for one malformed input. CPU time does not depend on other programs; garbage
 * collection may fall into a measurement, so the least of several attempts counts.
 */
const WORK_MAX_MS = 50;
const ATTEMPTS = 10;

const TEXT = 'The quick brown fox jumps over the lazy dog. 🦊\n';

type Answer = { readonly type: string; readonly body: Readonly<Record<string, unknown>> };

/** A client that speaks the protocol by hand, to send malformed input. */
class RawClient {
  readonly clientId: ClientId;
  readonly #socket: Socket;
  readonly #answers: Answer[] = [];
  readonly #documentId: DocumentId;
  #nextSeq = 1;
  #userId = '';
  version = 0;
  acknowledged = 0;
  isConnected = false;
  closeReason = '';

  constructor(
    url: string,
    documentId: DocumentId,
    guestToken = randomId(),
    clientId = randomClientId(),
  ) {
    this.clientId = clientId;
    this.#documentId = documentId;
    this.#socket = io(url, {
      query: { doc: documentId },
      auth: { guestToken },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    });
    this.#socket.onAny((type: string, body: Answer['body']) => {
      this.#answers.push({ type, body });
      if (type === 'operations') {
        const { firstVersion, operations } = body as unknown as {
          firstVersion: number;
          operations: { clientId: string; author: string; seq: number }[];
        };
        for (const { author, seq } of operations) {
          if (author === this.#userId) this.acknowledged = seq;
        }
        this.version = firstVersion + operations.length - 1;
      }
    });
    this.#socket.on('disconnect', (reason, details) => {
      this.isConnected = false;
      const code = (details as { context?: { code?: number } } | undefined)?.context?.code;
      this.closeReason = `${reason} ${code ?? ''}`.trim();
    });
  }

  async join(): Promise<Answer> {
    if (!this.#socket.connected) {
      await new Promise<void>((resolve) => this.#socket.once('connect', resolve));
      this.isConnected = true;
    }
    this.#socket.emit('join', {
      docId: this.#documentId,
      clientId: this.clientId,
      epoch: Date.now(),
      version: 0,
      nextSeq: 1,
      protocol: PROTOCOL_VERSION,
    });
    const answer = await this.answer('joined', 'refused');
    this.version = Number(answer.body['version'] ?? 0);
    this.#userId = (answer.body['userId'] ?? '') as string;
    return answer;
  }

  /** The next message of these types. */
  async answer(...types: readonly string[]): Promise<Answer> {
    for (let waited = 0; waited < 2_000; waited++) {
      const index = this.#answers.findIndex(({ type }) => types.includes(type));
      const [answer] = index < 0 ? [] : this.#answers.splice(index, 1);
      if (answer !== undefined) return answer;
      await sleep(5);
    }
    throw new Error(`No answer (${types.join(', ')}); ${this.closeReason || 'still connected'}`);
  }

  /** Sends the body unvalidated. */
  emit(type: string, body: unknown): void {
    this.#socket.emit(type, body);
  }

  /** Sends raw JSON that no serializer writes, as one Socket.IO event. */
  emitText(type: string, json: string): void {
    const { engine } = this.#socket.io;
    (engine as unknown as { write(data: string): void }).write(`2["${type}",${json}]`);
  }

  nextSeq(): number {
    return this.#nextSeq++;
  }

  async insert(text: string): Promise<void> {
    const seq = this.nextSeq();
    this.emit('submit', { seq, baseVersion: this.version, op: [text] });
    for (let waited = 0; this.acknowledged < seq; waited++) {
      if (waited > 1_000) throw new Error(`No acknowledgement; ${this.closeReason}`);
      await sleep(2);
    }
  }

  close(): void {
    this.#socket.disconnect();
  }
}

let server: TestServer;
let documentId: DocumentId;
const directory = temporaryDirectory();
beforeAll(async () => {
  server = await TestServer.start({ dataDirectory: directory.path });
});
beforeEach(async () => {
  documentId = (await server.createDocument({ text: TEXT })).id;
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expect((await verify(directory.path)).stdout).toMatch(/ documents verified, 0 faulty/);
  directory.remove();
});

/**
 * Runs a malformed action between two valid edits of the same client, while two honest clients type. Asserts that
 * the valid edits are committed, the honest clients converge without interruption, and CPU time stays bounded.
 */
async function expectUndisturbed(act: (bad: RawClient) => Promise<void>): Promise<void> {
  const honest = [0, 1].map(() => connectDocument({ url: server.url, documentId }));
  const interruptions: string[] = [];
  for (const client of honest) await recordInterruptions(client, interruptions);
  let isTyping = true;
  const typing = honest.map(async (client, index) => {
    while (isTyping) {
      client.insert(0, `${index}`);
      await client.whenSynchronized();
      await sleep(2);
    }
  });
  const attempt = async (name: string): Promise<number> => {
    const bad = new RawClient(server.url, documentId);
    await bad.join();
    await bad.insert(`<good ${name} before>`);
    const before = await server.metric('process_cpu_seconds_total');
    await act(bad);
    await sleep(50);
    const worked = (await server.metric('process_cpu_seconds_total')) - before;
    if (bad.isConnected) await bad.insert(`<good ${name} after>`);
    bad.close();
    return worked * 1_000;
  };
  await attempt('beside');
  isTyping = false;
  await Promise.all(typing);
  // CPU time is measured without typing, which costs CPU time too.
  let least = Infinity;
  for (let each = 1; each <= ATTEMPTS && least >= WORK_MAX_MS; each++) {
    least = Math.min(least, await attempt(`${each}`));
  }
  const [one, two] = honest;
  const head = Math.max(one?.view.version ?? 0, two?.view.version ?? 0);
  for (const client of honest) while (client.view.version < head) await sleep(5);
  const text = await server.readText(documentId);
  expect(one?.text).toBe(text);
  expect(two?.text).toBe(text);
  expect(text).toContain('<good beside before>');
  expect(text.isWellFormed()).toBe(true);
  expect(interruptions).toEqual([]);
  expect(least).toBeLessThan(WORK_MAX_MS);
  for (const client of honest) await client.close();
}

/** Expects a permanent rejection with this code: it consumes the sequence number, and the session goes on. */
const rejected = (name: string, code: string, send: (bad: RawClient, seq: number) => void): void =>
  it(`a submit with ${name} is rejected with ${code}`, () =>
    expectUndisturbed(async (bad) => {
      const seq = bad.nextSeq();
      send(bad, seq);
      const { body } = await bad.answer('rejected');
      expect(body).toMatchObject({ seq, code, retryable: false });
      expect(bad.isConnected).toBe(true);
    }));

describe('malformed operations', () => {
  const json: readonly (readonly [string, string, string])[] = [
    ['an insert past the end', '[1e9,"x"]', 'operationOutOfRange'],
    ['a delete past the end', '[{"d":1e9}]', 'operationOutOfRange'],
    [
      'a skip and a delete past the end',
      `[5,{"d":${TEXT.length + 1_000_000}}]`,
      'operationOutOfRange',
    ],
    ['infinity', '[1e999,"x"]', 'malformedOperation'],
    ['an infinite delete', '[{"d":1e999}]', 'malformedOperation'],
    ['a fraction', '[0.5,"x"]', 'malformedOperation'],
    ['a deleted fraction', '[{"d":1.5}]', 'malformedOperation'],
    ['a boolean', '[true,"x"]', 'malformedOperation'],
    ['a deleted boolean', '[{"d":true}]', 'malformedOperation'],
    ['null', '[null]', 'malformedOperation'],
    ['a negative count', '[-1,"x"]', 'malformedOperation'],
    ['a negative delete', '[{"d":-1}]', 'malformedOperation'],
    ['zero', '[0,"x"]', 'malformedOperation'],
    ['a delete by text', '[{"d":"The"}]', 'malformedOperation'],
    ['an extra key', '[{"d":1,"x":2}]', 'malformedOperation'],
    ['__proto__', '[{"__proto__":{"d":1}}]', 'malformedOperation'],
    ['__proto__ beside d', '[{"d":1,"__proto__":{"polluted":true}}]', 'malformedOperation'],
    ['a lone high surrogate', '["\\ud83d"]', 'malformedOperation'],
    ['a lone low surrogate', '["\\udc00x"]', 'malformedOperation'],
    ['swapped surrogates', '["\\udc00\\ud83d"]', 'malformedOperation'],
    ['an empty insertion', '[""]', 'malformedOperation'],
    ['an object', '{"d":1}', 'malformedOperation'],
    ['a text', '"x"', 'malformedOperation'],
    ['nested arrays', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'malformedOperation'],
    ['too many components', `[${'1,"a",'.repeat(9_999)}1,"a"]`, 'tooManyComponents'],
    ['too many bytes', `["${'x'.repeat(70_000)}"]`, 'operationTooLarge'],
  ];
  for (const [name, op, code] of json) {
    rejected(`${name} ${op.length > 60 ? '' : op}`.trim(), code, (bad, seq) =>
      bad.emitText('submit', `{"seq":${seq},"baseVersion":${bad.version},"op":${op}}`),
    );
  }
});

describe('impossible versions and sequence numbers', () => {
  rejected('a base in the future', 'invalidBaseVersion', (bad, seq) =>
    bad.emit('submit', { seq, baseVersion: bad.version + 1_000_000, op: ['x'] }),
  );
  rejected('a base before the own last operation', 'invalidBaseVersion', (bad, seq) =>
    bad.emit('submit', { seq, baseVersion: 0, op: ['x'] }),
  );

  it('a used sequence number is rejected with staleSequence, and nothing is applied twice', () =>
    expectUndisturbed(async (bad) => {
      bad.emit('submit', { seq: 1, baseVersion: bad.version, op: ['again'] });
      const { body } = await bad.answer('rejected');
      expect(body).toMatchObject({ seq: 1, code: 'staleSequence' });
      expect(await server.readText(documentId)).not.toContain('again');
    }));

  it('a sequence number from the future is rejected with futureSequence, and is not consumed', () =>
    expectUndisturbed(async (bad) => {
      bad.emit('submit', { seq: 77, baseVersion: bad.version, op: ['soon'] });
      const { body } = await bad.answer('rejected');
      expect(body).toMatchObject({ seq: 77, code: 'futureSequence' });
      expect(await server.readText(documentId)).not.toContain('soon');
    }));
});

/** Expects that the session is refused with malformedMessage; its earlier edits stay. */
const refused = (name: string, send: (bad: RawClient) => void): void =>
  it(`a message with ${name} is refused with malformedMessage`, () =>
    expectUndisturbed(async (bad) => {
      send(bad);
      const { body } = await bad.answer('refused');
      expect(body).toMatchObject({ code: 'malformedMessage', retryable: false });
      bad.isConnected = false;
    }));

describe('malformed messages', () => {
  const submit = (bad: RawClient) => ({ seq: 2, baseVersion: bad.version, op: ['x'] });
  refused('a forged author', (bad) => bad.emit('submit', { ...submit(bad), author: 'somebody' }));
  refused('extra keys', (bad) => bad.emit('submit', { ...submit(bad), x: 1 }));
  refused('an infinite sequence', (bad) =>
    bad.emitText('submit', '{"seq":1e999,"baseVersion":1,"op":["x"]}'),
  );
  refused('a fractional base', (bad) => bad.emit('submit', { ...submit(bad), baseVersion: 0.5 }));
  refused('a negative sequence', (bad) => bad.emit('submit', { ...submit(bad), seq: -1 }));
  refused('__proto__ beside the fields', (bad) =>
    bad.emitText('submit', '{"seq":2,"baseVersion":1,"op":["x"],"__proto__":{"seq":1}}'),
  );
  refused('no body', (bad) => bad.emit('submit', undefined));
  refused('an unknown name', (bad) => bad.emit('become', { role: 'owner' }));
  refused('a caret at infinity', (bad) =>
    bad.emitText('presence', '{"version":1e999,"anchor":1,"head":1}'),
  );
});

describe('oversized frames', () => {
  for (const [name, body] of [
    ['100,000 components', `[${'1,"a",'.repeat(49_999)}1,"a"]`],
    ['10 MB', `["${'x'.repeat(10 * 1024 * 1024)}"]`],
  ] as const) {
    it(`a frame of ${name} closes the connection with 1009 (message too big)`, () =>
      expectUndisturbed(async (bad) => {
        bad.emitText('submit', `{"seq":2,"baseVersion":${bad.version},"op":${body}}`);
        for (let waited = 0; bad.closeReason === '' && waited < 1_000; waited++) await sleep(5);
        expect(bad.closeReason).toContain('1009');
      }));
  }
});

it("another person's client id is a separate client, with its own sequence numbers and acknowledgements", async () => {
  const victim = connectDocument({ url: server.url, documentId });
  while (victim.view.status.kind !== 'saved') await sleep(5);
  const [{ clientId } = { clientId: '' }] = victim.view.people;
  const thief = new RawClient(server.url, documentId, randomId(), clientId as ClientId);
  expect((await thief.join()).type).toBe('joined');
  for (let edit = 0; edit < 50; edit++) {
    victim.insert(0, `[${edit}]`);
    await thief.insert('?');
    await victim.whenSynchronized();
  }
  const text = await server.readText(documentId);
  for (let edit = 0; edit < 50; edit++) expect(text.split(`[${edit}]`)).toHaveLength(2);
  expect(text.split('?')).toHaveLength(51);
  expect(victim.view.status.kind).toBe('saved');
  while (victim.text !== text) await sleep(5);
  await victim.close();
  thief.close();
});

it("an operation's author is the person of the connection, set by the server", async () => {
  const bad = new RawClient(server.url, documentId);
  const joined = await bad.join();
  await bad.insert('signed ');
  const frame = await bad.answer('operations');
  const [operation] = frame.body['operations'] as { author: string }[];
  expect(operation?.author).toBe(joined.body['userId']);
  bad.close();
});

it('Object.prototype is unpolluted after all malformed input', () => {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
