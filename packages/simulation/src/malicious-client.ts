/**
 * A hostile client: raw frames, invalid operations, other people's client ids, sequence numbers from past and future.
 * It has the role of an editor, and also makes valid edits.
 */
import { PROTOCOL_VERSION, type DocumentId } from '@concord/protocol';
import type { EventLog } from './event-log.ts';
import type { Connection, Network } from './network.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimulatedServer } from './simulated-server.ts';

/** As JSON text, since JSON.stringify cannot produce some of these. */
const badOperations = [
  ...[
    '[1e9,"x"]',
    '[{"d":1e9}]',
    '[1e999,"x"]',
    '[{"d":1e999}]',
    '[0.5,"x"]',
    '[-1,"x"]',
    '[0,"x"]',
  ],
  ...[
    '["\\ud800"]',
    '["x\\udc00y"]',
    '[""]',
    '[{"d":0}]',
    '[{"d":-3}]',
    '[{"d":1.5}]',
    '[{"d":"x"}]',
  ],
  ...[
    '[{"d":1,"x":2}]',
    '[{}]',
    '[null]',
    '[true]',
    '[[1]]',
    '["a","b"]',
    '[1,1,"x"]',
    '["a",1]',
    '[1]',
  ],
  ...[
    'null',
    '{}',
    '"x"',
    '7',
    'true',
    '{"length":1e9}',
    '[{"d":9007199254740993}]',
    '[9007199254740991]',
  ],
  ...['[{"d":1},{"d":1}]', '[{"__proto__":{"d":1}}]', '[{"d":1,"__proto__":null}]', '["\\u0000"]'],
] as const;

const badFrames = [
  ...['', 'nonsense', '{}', '[]', '{"type":"submit"}', '{"type":"join","body":{}}', '7', '"x"'],
  ...[
    '{"type":"__proto__","body":{}}',
    '{"type":"constructor","body":{}}',
    '{"type":"submit","body":null}',
  ],
  ...[
    '{"type":"presence","body":{"version":-1,"anchor":0,"head":0}}',
    '{"type":"leave","body":{"x":1}}',
  ],
  ...['{"type":"submit","body":{"seq":1e999,"baseVersion":0,"op":[]}}'],
] as const;

/** Beside an operation: some of them are allowed, as marks of her own. */
const badEffects = [
  ...['null', '{}', '[]', '"mark"', '[null]', '[[]]', '[{"type":"mark"}]', '[{"value":1}]'],
  ...['[{"type":"__proto__","value":1}]', '[{"type":"constructor","value":1}]'],
  ...['[{"type":"note","value":"__proto__"}]', '[{"type":"note","value":7}]'],
  '[{"type":"mark","value":{"id":"__proto__","anchor":{"position":0,"bias":"after"}}}]',
  '[{"type":"mark","value":{"id":"x1","anchor":{"position":1e9,"bias":"after"}}}]',
  '[{"type":"mark","value":{"id":"x1","anchor":{"position":-1,"bias":"before"}}}]',
  '[{"type":"mark","value":{"id":"x2","anchor":{"position":0,"bias":"left"}}}]',
  '[{"type":"mark","value":{"id":"x3","anchor":{"position":0,"bias":"after","collapsed":true}}}]',
  '[{"type":"mark","value":{"id":"x4","anchor":{"position":1,"bias":"before"}}},{"type":"note","value":"x5"}]',
] as const;

const hugeNumbers = [9007199254740991, 9007199254740990, 4294967296, 2147483647, 1e6] as const;

export const MALICIOUS_USER = 'malicious';

export interface MaliciousOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Null in a world without effects. */
  readonly effects: Random | null;
  readonly network: Network;
  readonly server: SimulatedServer;
  readonly log: EventLog;
  readonly documentId: DocumentId;
}

export class MaliciousClient {
  readonly #options: MaliciousOptions;
  #connection: Connection | null = null;
  readonly #ownIds = ['2', '3', '4'].map((digit) => digit.repeat(26));
  /** Client ids of others, seen in frames of the owner. */
  readonly #otherIds: string[] = [];
  /** Newest sequence number seen of each client; the next one is probably in flight. */
  readonly #lastSeqs = new Map<string, number>();
  /** The next operation is valid and has the right sequence number. */
  #nextIsSound = false;
  #clientId: string;
  #epoch = 1;
  #seq = 1;
  #version = 0;
  #hasGone = false;

  constructor(options: MaliciousOptions) {
    this.#options = options;
    this.#clientId = this.#ownIds[0] ?? '';
  }

  /** Sends one hostile or harmless frame. */
  attack(): void {
    if (this.#hasGone) return;
    const { random, log } = this.#options;
    if (this.#connection === null) return this.#connect();
    const frame = random.chance(0.05) ? random.pick(badFrames) : this.#frame();
    log.record('malice', '>', frame);
    this.#connection.sendToServer(frame);
    // Sometimes several at once, without waiting for a response.
    if (random.chance(0.1)) this.attack();
  }

  leave(): void {
    this.#hasGone = true;
    this.#connection?.closeByClient();
    this.#connection = null;
  }

  #connect(): void {
    const { network, server, random } = this.#options;
    if (!server.isAccepting) return;
    const connection = network.connection();
    server.accept(connection, { userId: MALICIOUS_USER, name: 'Mallory', role: 'editor' });
    connection.client = {
      message: (frame) => this.#receive(frame),
      closed: () => {
        if (this.#connection === connection) this.#connection = null;
      },
    };
    this.#connection = connection;
    if (random.chance(0.9)) connection.sendToServer(this.#join());
    if (random.chance(0.3)) connection.sendToServer(this.#join());
  }

  #frame(): string {
    const { random } = this.#options;
    const drawn = random.next();
    if (drawn < 0.15) return this.#join();
    if (drawn < 0.25) return this.#presence();
    if (drawn < 0.27) return '{"type":"leave","body":{}}';
    if (drawn < 0.3) return this.#withdrawal();
    return this.#submit();
  }

  #join(): string {
    const { random, documentId } = this.#options;
    const others = this.#otherIds;
    const isForged = random.chance(0.4) && others.length > 0;
    const ids = isForged ? others : this.#ownIds;
    this.#clientId = ids[random.integer(0, ids.length - 1)] ?? '';
    const isImitating = isForged && random.chance(0.5);
    if (isImitating) this.#seq = 1 + (this.#lastSeqs.get(this.#clientId) ?? 0);
    this.#epoch = random.chance(0.1)
      ? random.pick(hugeNumbers)
      : this.#epoch + random.integer(0, 2);
    const version = random.chance(0.1)
      ? random.pick(hugeNumbers)
      : random.integer(0, Math.max(0, this.#version + (random.chance(0.1) ? 5 : 0)));
    if (!isImitating && random.chance(0.1)) this.#seq = random.pick(hugeNumbers);
    const body = {
      docId: random.chance(0.03) ? 'a'.repeat(26) : documentId,
      clientId: this.#clientId,
      epoch: this.#epoch,
      version,
      nextSeq: !isImitating && random.chance(0.2) ? 1 : Math.max(1, this.#seq),
      protocol: random.chance(0.03) ? 99 : PROTOCOL_VERSION,
      ...(random.chance(0.1) ? { diverged: true, checksum: random.integer(0, 2 ** 32 - 1) } : {}),
    };
    return JSON.stringify({ type: 'join', body });
  }

  #submit(): string {
    const { random } = this.#options;
    if (this.#nextIsSound) {
      this.#nextIsSound = false;
      const body = { seq: ++this.#seq, baseVersion: this.#version, op: ['im'] };
      return this.#withEffects(JSON.stringify({ type: 'submit', body }));
    }
    const drawn = random.next();
    if (drawn < 0.7) this.#seq++;
    const seq =
      drawn < 0.85 ? this.#seq : drawn < 0.95 ? random.integer(1, 20) : random.pick(hugeNumbers);
    const baseVersion = random.chance(0.8)
      ? this.#version
      : random.chance(0.5)
        ? random.integer(0, this.#version + 3)
        : random.pick(hugeNumbers);
    const op = random.chance(0.7) ? random.pick(badOperations) : this.#harmless();
    return this.#withEffects(
      `{"type":"submit","body":{"seq":${seq},"baseVersion":${baseVersion},"op":${op}}}`,
    );
  }

  #withEffects(frame: string): string {
    const { effects } = this.#options;
    if (effects?.chance(0.3) !== true) return frame;
    return frame.replace(/}}$/, `,"effects":${effects.pick(badEffects)}}}`);
  }

  #withdrawal(): string {
    const { random } = this.#options;
    const seq = random.chance(0.5) ? this.#seq + 1 : random.pick(hugeNumbers);
    return JSON.stringify({ type: 'withdraw', body: { seq } });
  }

  /** A valid edit: also a no-op, many small components, or a deletion of others' text. */
  #harmless(): string {
    return this.#options.random.pick([
      '["ab"]',
      '[{"d":1}]',
      '[1,"z",{"d":1}]',
      '[]',
      '["x",1,"y",1,"z"]',
    ]);
  }

  #presence(): string {
    const { random } = this.#options;
    const place = (): number =>
      random.chance(0.5) ? random.pick(hugeNumbers) : random.integer(0, 50);
    const version = random.chance(0.7) ? this.#version : random.integer(0, this.#version + 2);
    const body = { version, anchor: place(), head: place() };
    return JSON.stringify({ type: 'presence', body });
  }

  /** Collects ids and numbers from received frames, to imitate other clients. */
  #receive(frame: string): void {
    const { type, body } = JSON.parse(frame) as {
      type: string;
      body: {
        version?: number;
        lastSeq?: number;
        firstVersion?: number;
        operations?: readonly { clientId: string; seq: number }[];
        people?: readonly { clientId: string; userId: string }[];
      };
    };
    if (type === 'joined') {
      this.#version = body.version ?? 0;
      this.#seq = body.lastSeq ?? 0;
      this.#nextIsSound = this.#options.random.chance(0.5);
    }
    if (type === 'operations') {
      for (const { clientId, seq } of body.operations ?? []) this.#lastSeqs.set(clientId, seq);
      this.#version = (body.firstVersion ?? 1) - 1 + (body.operations?.length ?? 0);
    }
    for (const { clientId, userId } of body.people ?? []) {
      if (userId === 'malicious' || this.#otherIds.includes(clientId)) continue;
      this.#otherIds.push(clientId);
    }
  }
}
