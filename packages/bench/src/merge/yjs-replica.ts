/** A replica of Yjs with Hocuspocus' provider, with the options of its documentation. */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { randomId } from '@concord/protocol';
import type { TextOperation } from '@concord/ot';
import { WebSocket } from 'ws';
import { Doc, type Text } from 'yjs';
import type { ReplicaSource } from './merge-replica.ts';

const TEXT = 'text';

/**
 * @param url of the server, or of the link to it
 * @param isReloaded whether the page was reloaded before it came back: a new provider over the same document
 */
export function yjsReplicas(url: string, isReloaded: boolean): ReplicaSource {
  // The server unloads a document without connections: its creator stays connected until the first replica opens it.
  const makers = new Map<string, YjsConnection>();
  return {
    createDocument: async (text) => {
      const name = randomId();
      const document = new Doc();
      const maker = new YjsConnection(url, name, document, () => undefined);
      await maker.whenSettled();
      document.getText(TEXT).insert(0, text);
      await maker.whenSettled();
      makers.set(name, maker);
      return name;
    },
    open: async (name, happened) => {
      const document = new Doc();
      const text = document.getText(TEXT);
      text.observe(happened);
      let connection = new YjsConnection(url, name, document, happened);
      await connection.whenSettled();
      makers.get(name)?.close();
      makers.delete(name);
      return {
        get text() {
          return text.toJSON();
        },
        get length() {
          return text.length;
        },
        get isSettled() {
          return connection.isSettled;
        },
        edit: (operation) => applyTo(text, operation),
        whenSettled: () => connection.whenSettled(),
        connect: () => {
          if (!isReloaded) return void connection.socket.connect();
          connection.close();
          connection = new YjsConnection(url, name, document, happened);
        },
        close: async () => {
          connection.close();
          await Promise.resolve();
        },
      };
    },
  };
}

/** One edit is one update, as in an editor. Positions are UTF-16 units; the texts are in the basic plane. */
function applyTo(text: Text, operation: TextOperation): void {
  text.doc?.transact(() => {
    let position = 0;
    for (const component of operation) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') {
        text.insert(position, component);
        position += component.length;
      } else text.delete(position, component.d);
    }
  });
}

class YjsConnection {
  readonly socket: HocuspocusProviderWebsocket;
  readonly provider: HocuspocusProvider;
  #waiting: (() => void)[] = [];

  constructor(url: string, name: string, document: Doc, happened: () => void) {
    this.socket = new HocuspocusProviderWebsocket({
      url: url.replace('http', 'ws'),
      WebSocketPolyfill: WebSocket,
    });
    this.provider = new HocuspocusProvider({ websocketProvider: this.socket, name, document });
    const changed = (): void => {
      happened();
      if (this.isSettled) for (const resolve of this.#waiting.splice(0)) resolve();
    };
    this.provider.on('synced', changed);
    this.provider.on('unsyncedChanges', changed);
    this.provider.attach();
  }

  get isSettled(): boolean {
    return this.provider.isSynced && !this.provider.hasUnsyncedChanges;
  }

  whenSettled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isSettled) resolve();
      else this.#waiting.push(resolve);
    });
  }

  close(): void {
    this.provider.destroy();
    this.socket.destroy();
  }
}
