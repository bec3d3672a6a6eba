/** Seeded generator of hostile packets at every layer of the transport, from nearly valid to noise. */
import type { DocumentId } from '@concord/protocol';

/** Returns an integer in [0, limit); see seededRandom. */
export type Random = (limit: number) => number;

const choose = <T>(random: Random, of: readonly [T, ...T[]]): T => of[random(of.length)] ?? of[0];

/** Values that break naive schemas, comparisons and lookups. */
function oddValue(random: Random, depth = 0): unknown {
  const flat: readonly [() => unknown, ...(() => unknown)[]] = [
    () => null,
    () => true,
    () => random(10) - 5,
    () => choose(random, [1e308, -1e308, 0.5, 2 ** 53, -0, 4_294_967_296]),
    () => '',
    () => 'x'.repeat(random(300)),
    () => choose(random, ['\ud83d', '\udc00x', '\u0000', '\u2028', 'constructor', '__proto__']),
    () => ({ _placeholder: true, num: choose(random, [0, -1, 9, 1e9]) }),
    () => ({ base64: true, data: 'AA==' }),
  ];
  if (depth > 3 || random(3) > 0) return choose(random, flat)();
  const items = Array.from({ length: random(4) }, () => oddValue(random, depth + 1));
  if (random(2) === 0) return items;
  const keys = ['d', 'seq', 'op', 'toString', 'then', 'constructor', 'length', 'docId'] as const;
  return Object.fromEntries(items.map((item) => [choose(random, keys), item]));
}

/** JSON that parsers accept although no serializer writes it. */
const oddJson = [
  '{"__proto__":{"polluted":true}}',
  '{"seq":1,"baseVersion":0,"op":["x"],"__proto__":{"seq":2}}',
  '1e999',
  '-0',
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  '"\\ud83d"',
  '{"a":1,"a":2}',
] as const;

type Body = Record<string, unknown>;

/** Bodies for each message name, about as a client sends them. */
const bodies: Readonly<
  Record<string, (random: Random, documentId: DocumentId, clientId: string) => Body>
> = {
  join: (random, docId, clientId) => ({
    ...{ docId, clientId, epoch: 2 + random(1_000), version: 0 },
    ...{ nextSeq: 1, protocol: 2 },
  }),
  submit: (random) => ({
    seq: random(3) > 0 ? 1 : random(5),
    baseVersion: random(30),
    op: choose<unknown>(random, [
      [random(40), 'fuzz '],
      [{ d: 1 + random(9) }],
      [random(3), oddValue(random)],
      oddValue(random),
      [1e9, 'x'],
    ]),
  }),
  presence: (random) => ({ version: random(30), anchor: random(40), head: random(40) }),
  renew: (random) => ({ token: 'x'.repeat(random(200)) }),
  withdraw: (random) => ({ seq: random(5) }),
  leave: () => ({}),
};
const names = ['submit', 'submit', 'presence', 'join', 'renew', 'leave', 'withdraw'] as const;

/** A Socket.IO event of the protocol, with a nearly valid body. */
export function nearlyEvent(random: Random, documentId: DocumentId, clientId: string): string {
  const name = choose(random, names);
  const body =
    bodies[random(8) === 0 ? choose(random, names) : name]?.(random, documentId, clientId) ?? {};
  const fields = Object.keys(body);
  const field = fields[random(fields.length)];
  // Half are valid, so that later packets of the visit reach the document layer.
  switch (random(8)) {
    case 0:
      body[choose(random, ['x', 'author', 'constructor'] as const)] = oddValue(random);
      break;
    case 1:
    case 2:
      if (field !== undefined) body[field] = oddValue(random);
      break;
    case 3:
      if (field !== undefined) Reflect.deleteProperty(body, field);
  }
  const json = random(16) === 0 ? choose(random, oddJson) : JSON.stringify(body);
  return `2["${name}",${json}]`;
}

/** A Socket.IO packet of any type, attachments, namespace, id and data. */
function socketIoPacket(random: Random, documentId: DocumentId, clientId: string): string {
  if (random(2) === 0) return nearlyEvent(random, documentId, clientId);
  // Mostly one part is invalid: a parser stops at the first, so several would test only that one.
  const odd = random(8);
  const type =
    odd === 0 ? choose(random, ['0', '1', '3', '4', '5', '6', '7', '9', '', 'x'] as const) : '2';
  const attachments =
    odd === 1 ? choose(random, ['1-', '0-', '11-', '99999999999-', '-', '1.5-'] as const) : '';
  const namespace =
    odd === 2 ? choose(random, ['/,', '/other,', '/__proto__,', '/', '/a?b=c,'] as const) : '';
  const id = odd === 3 ? choose(random, ['0', '421', '9'.repeat(400), '-1', ' '] as const) : '';
  const name = choose<unknown>(random, [
    ...names,
    ...[1, -1e308, 0, null, true, [], {}, '', 'error', 'disconnect', 'then', 'constructor'],
  ]);
  const data = choose<() => string>(random, [
    () => JSON.stringify([name, oddValue(random)]),
    () => JSON.stringify([name]),
    () => JSON.stringify([name, ...Object.values(names), oddValue(random)]),
    () => (odd > 3 ? '' : JSON.stringify(oddValue(random))),
    () => `["submit",${choose(random, oddJson)}]`,
    () => (odd > 3 ? `[${'1,'.repeat(random(30_000))}1]` : '["join"'),
  ])();
  return type + attachments + namespace + id + data;
}

/** An Engine.IO packet, as text. */
export function enginePacket(random: Random, documentId: DocumentId, clientId: string): string {
  switch (random(12)) {
    case 0:
      return choose(random, [
        '',
        '0',
        '1',
        '2',
        '2probe',
        '3',
        '3probe',
        '5',
        '6',
        '7',
        '9',
      ] as const);
    case 1:
      return choose(random, ['b', 'bAAAA', 'b!!!!', `b${'A'.repeat(random(4_000))}`] as const);
    case 2:
      return String.fromCharCode(...Array.from({ length: random(60) }, () => random(0xd7ff)));
    case 3:
      return `4${choose(random, ['0', '0{}', '0null', '0{"guestToken":1}', '0{"token":{}}', '1'] as const)}`;
    default:
      return `4${socketIoPacket(random, documentId, clientId)}`;
  }
}

/** A WebSocket frame (RFC 6455), valid or not. */
export function webSocketFrame(random: Random, payload: Buffer): Buffer {
  const isOdd = random(60) === 0;
  const first = isOdd ? random(256) : 0x80 | (random(20) === 0 ? 2 : 1);
  const isMasked = !isOdd || random(2) === 0;
  // A false length may make a parser wait for data or allocate memory.
  const lie = isOdd ? choose(random, [0, 0, 1, -1, 2 ** 31, Number.MAX_SAFE_INTEGER] as const) : 0;
  const length = Math.max(0, payload.length + lie);
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  const mask = isMasked ? 0x80 : 0;
  if (head.length === 2) head[1] = mask | length;
  else if (head.length === 4) {
    head[1] = mask | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  // A masking key of zeros leaves the payload unchanged.
  return Buffer.concat(isMasked ? [head, Buffer.alloc(4), payload] : [head, payload]);
}
