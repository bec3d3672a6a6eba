/**
 * A bare connection of one guest to one document: Engine.IO 4 and Socket.IO 5 framing over a WebSocket. Its address is
 * in the header that a trusted proxy sets.
 */
import { randomBytes } from 'node:crypto';
import { PROTOCOL_VERSION, randomClientId } from '@concord/protocol';
import { WebSocket } from 'ws';

export interface Guest {
  readonly token: string;
  readonly address: string;
}

export const newGuest = (address: string): Guest => ({
  token: `g${randomBytes(20).toString('hex')}`,
  address,
});

export const headersOf = ({ token, address }: Guest): Record<string, string> => ({
  guesttoken: token,
  'x-forwarded-for': address,
});

export interface Heard {
  readonly type: string;
  readonly body: unknown;
}

export class GuestSocket {
  readonly documentId: string;
  readonly clientId: string;
  readonly #socket: WebSocket;
  readonly #heard: (heard: Heard) => void;
  #epoch = 0;

  private constructor(
    documentId: string,
    clientId: string,
    socket: WebSocket,
    heard: (heard: Heard) => void,
  ) {
    this.documentId = documentId;
    this.clientId = clientId;
    this.#socket = socket;
    this.#heard = heard;
  }

  /** Resolves when Socket.IO is connected; rejects when the handshake is refused. */
  static open(
    url: string,
    documentId: string,
    guest: Guest,
    heard: (heard: Heard) => void,
    clientId: string = randomClientId(),
  ): Promise<GuestSocket> {
    const address = `${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&doc=${documentId}`;
    const headers = { 'x-forwarded-for': guest.address };
    const socket = new WebSocket(address, { perMessageDeflate: false, headers });
    const opened = new GuestSocket(documentId, clientId, socket, heard);
    return new Promise((resolve, reject) => {
      socket.on('message', (data) => {
        const frame = (data as Buffer).toString('utf8');
        if (frame === '2') return socket.send('3');
        if (frame.startsWith('0')) {
          return socket.send(`40${JSON.stringify({ guestToken: guest.token })}`);
        }
        if (frame.startsWith('40')) return resolve(opened);
        if (!frame.startsWith('42')) return;
        const [type, body] = JSON.parse(frame.slice(2)) as [string, unknown];
        opened.#heard({ type, body });
      });
      socket.on('error', reject);
      socket.on('close', () => {
        opened.#heard({ type: 'closed', body: null });
        reject(new Error('The connection was closed.'));
      });
    });
  }

  join(version: number, nextSeq = 1): void {
    this.#epoch += 1;
    const { documentId: docId, clientId } = this;
    const own = { docId, clientId, epoch: this.#epoch };
    this.emit('join', { ...own, version, nextSeq, protocol: PROTOCOL_VERSION });
  }

  emit(type: string, body: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) {
      this.#socket.send(`42${JSON.stringify([type, body])}`);
    }
  }

  /** Stops reading, without closing the connection. */
  stall(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.terminate();
  }
}

/** Creates a document that anyone with its address may edit. */
export async function openDocument(url: string, owner: Guest, text: string): Promise<string> {
  const headers = { ...headersOf(owner), 'content-type': 'application/json' };
  const body = JSON.stringify({ text, anyone: 'editor' });
  const made = await fetch(`${url}/api/v1/documents`, { method: 'POST', headers, body });
  if (!made.ok) throw new Error(`A new document was answered ${made.status}: ${await made.text()}`);
  return ((await made.json()) as { id: string }).id;
}
