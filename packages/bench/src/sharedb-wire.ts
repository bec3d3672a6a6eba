/** A bare client of ShareDB's protocol: parses every frame, keeps version and length, applies no text. */
import {
  countCodePoints,
  lengthChange,
  noOperation,
  transformUncommitted,
  type TextOperation,
} from '@concord/ot';
import { randomId } from '@concord/protocol';
import { WebSocket } from 'ws';
import { LoadError, type ClientSource, type LoadClient, type Seen } from './load-client.ts';
import { createSharedbDocument } from './sharedb-clients.ts';
import { COLLECTION } from './sharedb-names.ts';

export function sharedbWire(url: string): ClientSource {
  return {
    createDocument: (text) => createSharedbDocument(url, text),
    connect: (documentId, seen) =>
      new Promise((resolve, reject) => {
        const client = new WireClient(url, documentId, seen, (error) =>
          error === null ? resolve(client) : reject(error),
        );
      }),
  };
}

interface Message {
  readonly a: string;
  readonly error?: unknown;
  readonly data?: { readonly v: number; readonly data: string };
  readonly v?: number;
  readonly src?: string;
  readonly seq?: number;
  readonly op?: TextOperation;
}

class WireClient implements LoadClient {
  readonly #socket: WebSocket;
  readonly #source = randomId();
  readonly #documentId: string;
  readonly #seen: Seen;
  readonly #opened: (error: Error | null) => void;
  #version = 0;
  length = 0;
  #seq = 0;
  #inFlight = noOperation;
  #acknowledged: (() => void) | null = null;

  constructor(url: string, documentId: string, seen: Seen, opened: (error: Error | null) => void) {
    this.#documentId = documentId;
    this.#seen = seen;
    this.#opened = opened;
    this.#socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    this.#socket.on('open', () => {
      // Chooses the client id, as in a reconnection.
      this.#send({ a: 'hs', id: this.#source, protocol: 1, protocolMinor: 2 });
    });
    this.#socket.on('message', (data) => {
      this.#message(JSON.parse((data as Buffer).toString('utf8')) as Message);
    });
    this.#socket.on('error', opened);
  }

  get fingerprint(): string {
    return `${this.#version} ${this.length}`;
  }

  edit(op: TextOperation, acknowledged: () => void): void {
    this.#acknowledged = acknowledged;
    this.#inFlight = op;
    this.#seq += 1;
    const { c, d } = this.#name;
    this.#send({ a: 'op', c, d, v: this.#version, src: this.#source, seq: this.#seq, op, x: {} });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.close();
    });
  }

  get #name(): { readonly c: string; readonly d: string } {
    return { c: COLLECTION, d: this.#documentId };
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  #message(message: Message): void {
    if (message.error !== undefined) {
      throw new LoadError(`ShareDB answered ${JSON.stringify(message.error)}`);
    }
    switch (message.a) {
      case 'hs':
        return this.#send({ a: 's', ...this.#name });
      case 's':
        this.#version = message.data?.v ?? 0;
        this.length = countCodePoints(message.data?.data ?? '');
        return this.#opened(null);
      case 'op':
        return this.#operation(message);
    }
  }

  #operation({ v = -1, src, seq, op }: Message): void {
    if (v < this.#version) return;
    if (v > this.#version) throw new LoadError(`ShareDB sent version ${v} after ${this.#version}`);
    this.#version += 1;
    if (src === this.#source && seq === this.#seq) {
      this.length += lengthChange(this.#inFlight);
      this.#inFlight = noOperation;
      return this.#acknowledged?.();
    }
    if (op === undefined) return;
    this.length += lengthChange(op);
    // An acknowledgement does not contain the transformed operation, so the client transforms its own.
    this.#inFlight = transformUncommitted(this.#inFlight, op);
    this.#seen(op);
  }
}
