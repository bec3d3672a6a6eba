/**
 * Two checkouts side by side with fixed work: one edit at a time on both servers, the next one when both have
 * acknowledged it. Every edit is a batch of its own then, however slow the machine is, and both servers meet the same
 * moments of it. In a closed loop of each for itself, a loaded machine decides how many edits share a batch, and with
 * that most of the processor time of an edit.
 */
import type { TextOperation } from '@concord/ot';
import { concordClients } from './concord-clients.ts';
import { concordWire } from './concord-wire.ts';
import type { ClientKind, LoadClient } from './load-client.ts';
import { RunningServer, type ServerOptions } from './sides.ts';
import { randomText, Words, Writer } from './writing.ts';

/** Edits between two readings of the processor time. */
const CHUNK_EDITS = 200;
const WARM_UP_EDITS = 300;

export interface LockstepJob {
  readonly documents: number;
  readonly clientsPerDocument: number;
  readonly textLength: number;
  readonly seconds: number;
}

/** One server and the clients that edit on it, in turn. */
class Lane {
  readonly #server: RunningServer;
  readonly #writers: readonly (() => TextOperation)[];
  readonly #clients: readonly LoadClient[];
  #edits = 0;

  private constructor(
    server: RunningServer,
    clients: readonly LoadClient[],
    writers: readonly (() => TextOperation)[],
  ) {
    this.#server = server;
    this.#clients = clients;
    this.#writers = writers;
  }

  static async open(kind: ClientKind, options: ServerOptions, job: LockstepJob): Promise<Lane> {
    const server = await RunningServer.start('concord', options);
    const sourceOf = kind === 'product' ? concordClients : concordWire;
    const source = sourceOf(server.url, options.checkout);
    const rooms: LoadClient[][] = [];
    for (let document = 0; document < job.documents; document++) {
      const id = await source.createDocument(randomText(job.textLength, document));
      const connecting = Array.from({ length: job.clientsPerDocument }, () =>
        source.connect(id, () => undefined),
      );
      rooms.push(await Promise.all(connecting));
    }
    // The first client of each document, then the second of each.
    const clients = Array.from({ length: job.clientsPerDocument }, (_, place) =>
      rooms.flatMap((room) => room.slice(place, place + 1)),
    ).flat();
    const words = new Words();
    const writers = clients.map((client, index) => {
      const writer = new Writer(index, words);
      return () => writer.next(client.length).operation;
    });
    return new Lane(server, clients, writers);
  }

  whenIdle(): Promise<void> {
    return this.#server.whenIdle();
  }

  /** Resolves when the edit is acknowledged. */
  edit(): Promise<void> {
    const turn = this.#edits++ % this.#clients.length;
    const operation = this.#writers[turn]?.() ?? [];
    return new Promise((resolve) => this.#clients[turn]?.edit(operation, resolve));
  }

  async cpuMs(): Promise<number> {
    return (await this.#server.usage()).cpuMs;
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#server.stop();
  }
}

/** Milliseconds of the server's processor time for 1,000 edits, in each chunk of edits, of either server. */
export async function inLockstep(
  kind: ClientKind,
  both: readonly [ServerOptions, ServerOptions],
  job: LockstepJob,
): Promise<readonly [number[], number[]]> {
  const [before, after] = both;
  const lanes = [await Lane.open(kind, before, job), await Lane.open(kind, after, job)] as const;
  const step = (): Promise<unknown> => Promise.all(lanes.map((lane) => lane.edit()));
  const cpuMs = (): Promise<number[]> => Promise.all(lanes.map((lane) => lane.cpuMs()));
  const spent: readonly [number[], number[]] = [[], []];
  try {
    await Promise.all(lanes.map((lane) => lane.whenIdle()));
    for (let edit = 0; edit < WARM_UP_EDITS; edit++) await step();
    const until = performance.now() + 1_000 * job.seconds;
    while (performance.now() < until) {
      const start = await cpuMs();
      for (let edit = 0; edit < CHUNK_EDITS; edit++) await step();
      const end = await cpuMs();
      for (const [index, chunks] of spent.entries()) {
        chunks.push((1_000 * ((end[index] ?? NaN) - (start[index] ?? NaN))) / CHUNK_EDITS);
      }
    }
    return spent;
  } finally {
    for (const lane of lanes) await lane.close();
  }
}
