/** What the tabs of one browser share, and how they reach each other. */
import type { TabMessage } from '@concord/client';
import type { DocumentId } from '@concord/protocol';
import type { ClientLink } from '../client-link.ts';
import type { Cores } from '../cores.ts';
import type { EventLog } from '../event-log.ts';
import type { Network } from '../network.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedServer } from '../simulated-server.ts';
import { insertedBy } from './inserted-by.ts';
import type { SharedDevice } from './shared-device.ts';
import type { SimulatedLock } from './simulated-lock.ts';
import type { SimulatedTab } from './simulated-tab.ts';
import type { TabsConfiguration } from './tabs-configuration.ts';
import type { TabsLedger } from './tabs-ledger.ts';

export interface Browser {
  readonly cores: Cores;
  readonly configuration: TabsConfiguration;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly network: Network;
  readonly server: SimulatedServer;
  readonly device: SharedDevice;
  readonly lock: SimulatedLock;
  readonly channel: TabsChannel;
  readonly ledger: TabsLedger;
  readonly log: EventLog;
  readonly documentId: DocumentId;
  /** Those that are open. */
  readonly tabs: SimulatedTab[];
  /** No connection of this browser works. */
  isOffline: boolean;
  readonly links: Set<ClientLink>;
  /** A page is gone: what no other has, nor the device, is lost with it. */
  readonly forgive: () => void;
}

/** Edits that a tab gave away, until every other tab has heard of them. */
interface HandedOff {
  readonly characters: ReadonlySet<string>;
  readonly from: SimulatedTab;
  /** How many tabs had died when they were posted. */
  readonly deaths: number;
  unheard: number;
}

interface UnderWay {
  readonly to: SimulatedTab;
  readonly handedOff: HandedOff | null;
}

/** A broadcast channel: what one tab posts reaches each other one in order; between tabs there is no order. */
export class TabsChannel {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #messageMs: number;
  readonly #lastArrival = new Map<string, number>();
  readonly #underWay = new Set<UnderWay>();
  #deaths = 0;
  /** Told when edits that were handed off may be lost: their tab is gone, or the one that they were for. */
  readonly #lost: () => void;

  constructor(scheduler: Scheduler, random: Random, messageMs: number, lost: () => void) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#messageMs = messageMs;
    this.#lost = lost;
  }

  post(from: SimulatedTab, others: readonly SimulatedTab[], message: TabMessage): void {
    const isHandOff = message.type === 'handOffEdits';
    const handedOff = isHandOff
      ? {
          characters: new Set(insertedBy(message.operation)),
          ...{ from, deaths: this.#deaths, unheard: others.length },
        }
      : null;
    for (const to of others) {
      const { now } = this.#scheduler;
      const pair = `${from.name} ${to.name}`;
      const due = now + this.#random.skewed(0, this.#messageMs);
      const time = Math.max(due, this.#lastArrival.get(pair) ?? 0);
      this.#lastArrival.set(pair, time);
      const underWay = { to, handedOff };
      this.#underWay.add(underWay);
      this.#scheduler.after(time - now, () =>
        to.task(() => {
          this.#underWay.delete(underWay);
          to.step({ type: 'message', message });
          this.#heard(handedOff);
        }),
      );
    }
  }

  /** Nothing reaches it any more. */
  died(tab: SimulatedTab): void {
    this.#deaths++;
    for (const underWay of this.#underWay) {
      if (underWay.to !== tab) continue;
      this.#underWay.delete(underWay);
      this.#heard(underWay.handedOff);
    }
  }

  /** Whether the character was handed off, and some tab is about to hear of it. */
  holds(character: string): boolean {
    for (const { handedOff } of this.#underWay) {
      if (handedOff?.characters.has(character) === true) return true;
    }
    return false;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  #heard(handedOff: HandedOff | null): void {
    if (handedOff === null) return;
    handedOff.unheard--;
    const mayBeLost = handedOff.from.isDead || handedOff.deaths < this.#deaths;
    if (handedOff.unheard === 0 && mayBeLost) this.#lost();
  }
}
