/** A network link between processes on loopback: a TCP forwarder that can be cut and healed for chosen senders. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What became of the bytes that were sent into a cut link. `arrives`: they are delivered late, as by a network that lost
 * packets and repeats them. `resets`: the connections end, as after a router forgot them.
 */
export type Healing = 'arrives' | 'resets';

interface Pair {
  readonly sender: Socket;
  readonly receiver: Socket;
  /** Address of the sender. */
  readonly from: string;
}

export class Link {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #cut = new Set<string>();

  /** @param target port on loopback where the link ends */
  static async to(target: number): Promise<Link> {
    const link = new Link(target);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  private constructor(target: number) {
    this.#target = target;
    // What a sender says last must not end what the receiver still says.
    this.#server = createServer({ allowHalfOpen: true }, (sender) => this.#open(sender));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From here on nothing passes in either direction, and no end of a connection is told. @param from its senders, by address */
  cut(from: string): void {
    this.#cut.add(from);
    for (const pair of this.#pairsOf(from)) {
      pair.sender.pause();
      pair.receiver.pause();
    }
  }

  heal(from: string, healing: Healing): void {
    this.#cut.delete(from);
    for (const pair of this.#pairsOf(from)) {
      if (healing === 'resets') {
        pair.sender.resetAndDestroy();
        pair.receiver.resetAndDestroy();
      } else {
        pair.sender.resume();
        pair.receiver.resume();
      }
    }
  }

  async close(): Promise<void> {
    for (const { sender, receiver } of this.#pairs) {
      sender.destroy();
      receiver.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pairsOf(from: string): readonly Pair[] {
    return [...this.#pairs].filter((pair) => pair.from === from);
  }

  #open(sender: Socket): void {
    const receiver = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    const pair = { sender, receiver, from: sender.remoteAddress ?? '' };
    this.#pairs.add(pair);
    this.#pass(pair, sender, receiver);
    this.#pass(pair, receiver, sender);
    if (!this.#cut.has(pair.from)) return;
    sender.pause();
    receiver.pause();
  }

  #pass(pair: Pair, source: Socket, sink: Socket): void {
    source.on('data', (data) => {
      if (sink.write(data)) return;
      source.pause();
      sink.once('drain', () => {
        if (!this.#cut.has(pair.from)) source.resume();
      });
    });
    source.on('end', () => sink.end());
    source.on('error', () => sink.destroy());
    source.on('close', () => {
      if (!sink.writableEnded) sink.destroy();
      if (sink.destroyed) this.#pairs.delete(pair);
    });
  }
}
