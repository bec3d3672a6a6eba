/**
 * Connections of two ordered streams each, as with TCP, with stalls, cuts that lose frames in flight, and ends that
 * notice late. Beyond TCP, messages may be duplicated, dropped and reordered, but none crosses a join: what a client sent
 * before it joined anew must not be taken for what it sent after, and nothing but the order of the connection tells them
 * apart.
 */
import type { NetworkFaults } from './configuration.ts';
import type { EventLog } from './event-log.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** One end of a connection, as its process sees it. */
export interface Endpoint {
  message(frame: string): void;
  /** The connection is gone. Not called for an end that closed it. */
  closed(): void;
}

/** Longest time until a dead connection is noticed (Socket.IO: ping interval and timeout). */
const NOTICE_LATE_MS = 45_000;
const NOTICE_SOON_MS = 200;
const BRIEF_MS = 300;

/** A join is a barrier in its stream, and an end neither duplicated nor reordered. */
type FrameKind = 'message' | 'join' | 'end';

/** One direction: frames arrive in order, and none arrives that was sent after a cut. */
class Stream {
  /** Of ordered frames. */
  lastArrival = 0;
  /** Of all frames. */
  latestArrival = 0;
  /** When the newest join arrives: nothing that is sent after it arrives before. */
  joinArrival = 0;
  /** Frames before the newest join that arrived come no more. */
  joinedFrom = 0;
  sent = 0;
  arrived = 0;
  /** Frames from this one on are lost. */
  lostFrom = Infinity;
}

export class Connection {
  readonly number: number;
  readonly #network: Network;
  readonly #toServer = new Stream();
  readonly #toClient = new Stream();
  /** Null once that end closed it, or noticed that it is gone. */
  client: Endpoint | null = null;
  server: Endpoint | null = null;

  constructor(number: number, network: Network) {
    this.number = number;
    this.#network = network;
  }

  sendToServer(frame: string, isJoin = false): void {
    if (this.client === null) return;
    const arrive = (isDue: boolean): void => {
      if (isDue) this.server?.message(frame);
    };
    this.#network.transmit(this.#toServer, arrive, isJoin ? 'join' : 'message');
  }

  sendToClient(frame: string): void {
    if (this.server === null) return;
    this.#network.transmit(this.#toClient, (isDue) => {
      if (isDue) this.client?.message(frame);
    });
  }

  /** Frames sent before still arrive; then the other end is told. */
  closeByClient(): void {
    if (this.client === null) return;
    this.client = null;
    this.#network.transmit(this.#toServer, (isDue) => this.#noticeAtServer(isDue), 'end');
  }

  closeByServer(): void {
    if (this.server === null) return;
    this.server = null;
    this.#network.transmit(this.#toClient, (isDue) => this.#noticeAtClient(isDue), 'end');
  }

  /** Cuts the wire: some frames in flight are lost, and each end notices later, on its own. */
  cut(): void {
    const { random, scheduler } = this.#network;
    for (const stream of [this.#toServer, this.#toClient]) {
      const firstLost = random.integer(stream.arrived, Math.max(stream.arrived, stream.sent));
      stream.lostFrom = Math.min(stream.lostFrom, firstLost);
    }
    scheduler.after(this.#network.noticeMs(), () => this.#noticeAtClient(true));
    scheduler.after(this.#network.noticeMs(), () => this.#noticeAtServer(true));
  }

  #noticeAtClient(isDue: boolean): void {
    if (!isDue)
      return void this.#network.scheduler.after(NOTICE_LATE_MS, () => this.#noticeAtClient(true));
    const { client } = this;
    this.client = null;
    client?.closed();
  }

  #noticeAtServer(isDue: boolean): void {
    if (!isDue)
      return void this.#network.scheduler.after(NOTICE_LATE_MS, () => this.#noticeAtServer(true));
    const { server } = this;
    this.server = null;
    server?.closed();
  }
}

export class Network {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly #faults: NetworkFaults;
  readonly #log: EventLog;
  #healed = false;
  #numbers = 0;

  constructor(scheduler: Scheduler, random: Random, faults: NetworkFaults, log: EventLog) {
    this.scheduler = scheduler;
    this.random = random;
    this.#faults = faults;
    this.#log = log;
  }

  /** No faults from here on. */
  heal(): void {
    this.#healed = true;
  }

  connection(): Connection {
    return new Connection(++this.#numbers, this);
  }

  latency(): number {
    const { latencyMs } = this.#faults;
    return 1 + this.random.skewed(latencyMs / 2, latencyMs * 3);
  }

  /** Cuts the new connection soon, with probability `briefChance`. */
  cutSoon(connection: Connection): void {
    if (this.#healed || this.#faults.briefChance === 0) return;
    if (!this.random.chance(this.#faults.briefChance)) return;
    this.scheduler.after(this.random.integer(BRIEF_MS / 6, BRIEF_MS), () => connection.cut());
  }

  noticeMs(): number {
    const isLate = !this.#healed && this.random.chance(this.#faults.lateNoticeChance);
    return this.random.integer(0, isLate ? NOTICE_LATE_MS : NOTICE_SOON_MS);
  }

  /** @param arrive told whether the frame arrived */
  transmit(stream: Stream, arrive: (isDue: boolean) => void, kind: FrameKind = 'message'): void {
    const { random, scheduler } = this;
    const faults = this.#faults;
    const index = stream.sent++;
    let delay = this.latency();
    let isOrdered = true;
    if (!this.#healed) {
      if (random.chance(faults.stallChance)) delay += random.integer(0, faults.stallMs);
      if (kind !== 'end' && random.chance(faults.dropChance)) {
        this.#log.record('network', 'dropped');
        return;
      }
      if (kind !== 'end' && random.chance(faults.duplicateChance)) {
        scheduler.after(delay + random.skewed(0, 8_000), () => {
          if (index < stream.lostFrom && index >= stream.joinedFrom) arrive(true);
        });
      }
      isOrdered = kind === 'end' || !random.chance(faults.reorderChance);
      if (!isOrdered) delay += random.skewed(0, 3_000);
    }
    const earliest = Math.max(
      isOrdered ? stream.lastArrival : stream.joinArrival,
      kind === 'join' ? stream.latestArrival : 0,
    );
    const time = Math.max(scheduler.now + delay, earliest);
    if (isOrdered) stream.lastArrival = time;
    stream.latestArrival = Math.max(stream.latestArrival, time);
    if (kind === 'join') {
      stream.joinArrival = time;
      stream.lastArrival = Math.max(stream.lastArrival, time);
    }
    scheduler.after(time - scheduler.now, () => {
      stream.arrived = Math.max(stream.arrived, index + 1);
      if (kind === 'join') stream.joinedFrom = Math.max(stream.joinedFrom, index);
      arrive(index < stream.lostFrom);
    });
  }
}
