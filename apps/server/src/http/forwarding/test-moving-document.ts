/** For tests: nodes over real sockets, some of which are gone, and what is known of where one document is. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Location } from '../../cluster/locations.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { NodeConnections } from './node-connections.ts';

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
export const leaseAt = (name: string, port: number): LiveLease => ({
  ...{ leaseId: `${name}-1`, node: name, address: `http://127.0.0.1:${port}`, publicUrl: null },
  ...{ weight: 1, isDraining: false },
});
export const elsewhere = (lease: LiveLease): Location => ({ kind: 'elsewhere', lease });

export class MovingDocument {
  readonly connections = new NodeConnections();
  /** What is known of it, one after the other; the last one stays. */
  known: Location[] = [];
  /** How often that was asked. */
  located = 0;
  readonly locations = {
    locate: async (): Promise<Location> => {
      const location = this.known[Math.min(this.located++, this.known.length - 1)];
      if (location === undefined) throw new Error('Nothing is known.');
      return location;
    },
  };
  readonly #servers: Server[] = [];

  async listening(answer?: RequestListener): Promise<Server> {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#servers.push(server);
    return server;
  }

  /** A node that nothing listens for. */
  async dead(): Promise<LiveLease> {
    const server = await this.listening();
    const lease = leaseAt('dead', portOf(server));
    await new Promise((resolve) => server.close(resolve));
    return lease;
  }

  close(): void {
    this.connections.close();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}
