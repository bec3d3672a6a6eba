/** A tab's connection, as in `socket-io-transport.ts`: one at a time; a new attempt abandons the former. */
import type { ClientMessage } from '@concord/protocol';
import type { EventLog } from './event-log.ts';
import type { Connection, Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import type { Guest } from './parse-frame.ts';
import type { SimulatedServer } from './simulated-server.ts';

export interface LinkOptions {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly server: SimulatedServer;
  readonly log: EventLog;
  readonly guest: Guest;
}

export interface LinkListener {
  connected(): void;
  /** The connection broke or could not be made. Not called after `disconnect`. */
  disconnected(): void;
  message(frame: string): void;
}

const CONNECT_TIMEOUT_MS = 10_000;

export class ClientLink {
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  #connection: Connection | null = null;
  /** Incremented with every attempt to connect; results of former attempts are ignored. */
  #attempt = 0;
  #isOffline = false;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The device has no network. */
  get isOffline(): boolean {
    return this.#isOffline;
  }
  set isOffline(isOffline: boolean) {
    this.#isOffline = isOffline;
    if (isOffline) this.cut();
  }

  /** The server's end is closed or gone, and this end has not noticed yet. */
  get isDead(): boolean {
    return this.#connection?.server === null;
  }

  /** Cuts the wire; each end notices later, on its own. */
  cut(): void {
    this.#connection?.cut();
  }

  send(message: ClientMessage): void {
    const frame = JSON.stringify(message);
    this.#options.log.record(this.#options.guest.name, '>', frame);
    this.#connection?.sendToServer(frame, message.type === 'join');
  }

  connect(): void {
    const { network, server, scheduler, log, guest } = this.#options;
    this.disconnect();
    const attempt = this.#attempt;
    const fail = (): void => {
      if (attempt === this.#attempt) this.#lost();
    };
    if (this.#isOffline) return void scheduler.after(5, fail);
    scheduler.after(network.latency(), () => {
      if (!server.isAccepting) return scheduler.after(network.latency(), fail);
      const connection = network.connection();
      server.accept(connection, guest);
      scheduler.after(network.latency(), () => {
        connection.client = {
          message: (frame) => {
            if (this.#connection !== connection) return;
            log.frame(guest.name, '<', frame);
            this.#listener.message(frame);
          },
          closed: () => {
            if (this.#connection === connection) this.#lost();
          },
        };
        // The attempt was abandoned or the network is gone; the server's end notices later.
        if (attempt !== this.#attempt || this.#isOffline) {
          connection.closeByClient();
          return fail();
        }
        this.#connection = connection;
        log.record(guest.name, 'connected', String(connection.number));
        network.cutSoon(connection);
        this.#listener.connected();
      });
    });
    scheduler.after(CONNECT_TIMEOUT_MS, () => {
      if (this.#connection === null) fail();
    });
  }

  disconnect(): void {
    this.#attempt++;
    this.#connection?.closeByClient();
    this.#connection = null;
  }

  #lost(): void {
    this.disconnect();
    this.#options.log.record(this.#options.guest.name, 'disconnected');
    this.#listener.disconnected();
  }
}
