/**
 * A bare client of Concord's protocol: parses every frame, keeps version and length, applies no text.
 * Engine.IO 4 and Socket.IO 5 framing over one WebSocket, written out (packet types 0, 2, 3, 40, 42).
 */
import { lengthChange, type TextOperation } from '@concord/ot';
import { randomClientId, type JoinedMessage, type OperationsMessage } from '@concord/protocol';
import { WebSocket } from 'ws';
import { concordAccounts } from './concord-accounts.ts';
import { createConcordDocument } from './concord-clients.ts';
import { protocolVersion } from './concord-libraries.ts';
import { LoadError, type ClientSource, type LoadClient, type Seen } from './load-client.ts';

/**
 * @param url of the server
 * @param checkout whose version of the protocol it speaks; this one's when left out
 */
export function concordWire(url: string, checkout?: string): ClientSource {
  const accounts = concordAccounts(url);
  return {
    createDocument: (text) => createConcordDocument(url, accounts, text),
    connect: async (documentId, seen) => {
      const account = await accounts.next();
      const { headers } = account;
      const protocol = await protocolVersion(checkout);
      const response = await fetch(`${url}/api/v1/documents/${documentId}/snapshot`, { headers });
      const version = Number(response.headers.get('concord-version'));
      const { length } = await response.text();
      return new Promise((resolve, reject) => {
        const opened = (error: Error | null): void =>
          error === null ? resolve(client) : reject(error);
        const at = { documentId, protocol, version, length };
        const client = new WireClient(url, at, account, seen, opened);
      });
    },
  };
}

/** What a bare client knows before it joins. */
interface WireStart {
  readonly documentId: string;
  readonly protocol: number;
  readonly version: number;
  readonly length: number;
}

class WireClient implements LoadClient {
  readonly #socket: WebSocket;
  readonly #clientId = randomClientId();
  readonly #documentId: string;
  readonly #protocol: number;
  readonly #token: string;
  readonly #seen: Seen;
  readonly #opened: (error: Error | null) => void;
  #version: number;
  length: number;
  #seq = 0;
  #acknowledged: (() => void) | null = null;

  constructor(
    url: string,
    { documentId, protocol, version, length }: WireStart,
    account: { readonly token: string; readonly headers: Record<string, string> },
    seen: Seen,
    opened: (error: Error | null) => void,
  ) {
    this.#documentId = documentId;
    this.#protocol = protocol;
    this.#token = account.token;
    this.#version = version;
    this.length = length;
    this.#seen = seen;
    this.#opened = opened;
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&doc=${documentId}`;
    this.#socket = new WebSocket(address, { perMessageDeflate: false, headers: account.headers });
    this.#socket.on('message', (data) => this.#receive((data as Buffer).toString('utf8')));
    this.#socket.on('error', opened);
  }

  get fingerprint(): string {
    return `${this.#version} ${this.length}`;
  }

  edit(op: TextOperation, acknowledged: () => void): void {
    this.#acknowledged = acknowledged;
    this.#seq += 1;
    this.#emit('submit', { seq: this.#seq, baseVersion: this.#version, op });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.close();
    });
  }

  #emit(type: string, body: unknown): void {
    this.#socket.send(`42${JSON.stringify([type, body])}`);
  }

  #receive(frame: string): void {
    if (frame.startsWith('42')) {
      const [type, body] = JSON.parse(frame.slice(2)) as [string, unknown];
      return this.#message(type, body);
    }
    if (frame === '2') return this.#socket.send('3');
    if (frame.startsWith('0')) {
      return this.#socket.send(`40${JSON.stringify({ token: this.#token })}`);
    }
    if (frame.startsWith('40')) {
      const join = { docId: this.#documentId, clientId: this.#clientId, epoch: 1, nextSeq: 1 };
      this.#emit('join', { ...join, version: this.#version, protocol: this.#protocol });
    }
  }

  #message(type: string, body: unknown): void {
    switch (type) {
      case 'operations':
        return this.#operations(body as OperationsMessage);
      case 'joined': {
        const { tail } = body as JoinedMessage;
        if (tail.length > 0) {
          this.#operations({ firstVersion: this.#version + 1, operations: tail });
        }
        return this.#opened(null);
      }
      case 'rejected':
      case 'refused':
      case 'resync':
      case 'moved':
        throw new LoadError(`Concord answered ${type}: ${JSON.stringify(body)}`);
    }
  }

  #operations({ firstVersion, operations }: OperationsMessage): void {
    if (firstVersion !== this.#version + 1) {
      throw new LoadError(`Concord sent version ${firstVersion} after ${this.#version}`);
    }
    let isAcknowledged = false;
    for (const { clientId, seq, op } of operations) {
      this.#version += 1;
      if (op !== undefined) this.length += lengthChange(op);
      if (clientId === this.#clientId && seq === this.#seq) isAcknowledged = true;
      else if (op !== undefined) this.#seen(op);
    }
    if (isAcknowledged) this.#acknowledged?.();
  }
}
