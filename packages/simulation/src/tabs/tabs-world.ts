/**
 * A world of one person with several tabs of one browser on one document, decided by one seed. Faults happen until they
 * stop; then one tab leads, the others mirror it, and everything that was typed is saved, within a bounded time.
 */
import type { DocumentId } from '@concord/protocol';
import { defaultLimits } from '@concord/protocol';
import { OperationBuilder, type DocumentText, type TextOperation } from '@concord/ot';
import { Characters } from '../characters.ts';
import type { Cores } from '../cores.ts';
import { checkDelivery } from '../delivery-check.ts';
import type { EventLog, TraceSink } from '../event-log.ts';
import { must } from '../invariant-error.ts';
import { Network } from '../network.ts';
import { Random } from '../random.ts';
import { replicaOf } from '../replica-row.ts';
import { runToRest, type RunnableWorld } from '../run-to-rest.ts';
import type { Scheduler } from '../scheduler.ts';
import { SimulatedAccess } from '../simulated-access.ts';
import { SimulatedServer } from '../simulated-server.ts';
import { SimulatedStore } from '../simulated-store.ts';
import { SimulatedTitles } from '../simulated-titles.ts';
import type { SeedResult } from '../world.ts';
import { TabsChannel, type Browser } from './browser.ts';
import { insertedBy } from './inserted-by.ts';
import { SharedDevice } from './shared-device.ts';
import { SimulatedLock } from './simulated-lock.ts';
import { SimulatedTab } from './simulated-tab.ts';
import type { TabsConfiguration } from './tabs-configuration.ts';
import { TabsLedger } from './tabs-ledger.ts';

/** When faults stop: a lock that is taken by force (3 s), a backoff (30 s), a lost acknowledgement (10 s), each a few times. */
const QUIESCENCE_MS = 180_000;
const ROOM_MS = 4_000;
/** What the device has under an id that no tab leads with is sent when the document is opened again. */
const VISITED_AGAIN_MS = 60_000;
const LOOK_EVERY_MS = 250;
const DOCUMENT_ID = 'd'.repeat(26) as DocumentId;
const HEALTHY_STORE = {
  appendMs: 10,
  ...{ slowChance: 0, unavailableChance: 0, lateChance: 0 },
  ...{ readFailChance: 0, checkpointFailChance: 0 },
};

/** Runs a world of tabs to its end. Every fault of a core or a check ends it with a failure. */
export function runTabsWorld(
  configuration: TabsConfiguration,
  cores: Cores,
  trace: TraceSink | null = null,
): SeedResult {
  return runToRest(
    configuration,
    trace,
    (scheduler, log) => new TabsWorld(configuration, cores, scheduler, log),
  );
}

class TabsWorld implements RunnableWorld {
  readonly #browser: Browser;
  readonly #store: SimulatedStore;
  readonly #random: Random;
  readonly #characters = new Characters();
  #opened = 0;
  #roomUntil = 0;
  #actions = 0;
  #isCalm = false;
  /** Where keys go. */
  #lookedAt: SimulatedTab | null = null;

  constructor(configuration: TabsConfiguration, cores: Cores, scheduler: Scheduler, log: EventLog) {
    const random = new Random(`tabs-world/${configuration.seed}`);
    this.#random = random.fork('person');
    const network = new Network(scheduler, random.fork('network'), configuration.network, log);
    const access = new SimulatedAccess(scheduler);
    access.set('user0', 'editor');
    const ledger = new TabsLedger();
    this.#store = new SimulatedStore(
      scheduler,
      random.fork('store'),
      HEALTHY_STORE,
      log,
      {
        logged: (version, { op }) => ledger.logged(version, op),
        checkpointed: () => undefined,
      },
      access,
    );
    const titles = new SimulatedTitles(cores, scheduler, random.fork('titles'), HEALTHY_STORE, log);
    const server = new SimulatedServer({
      ...{ cores, scheduler, random: random.fork('server'), store: this.#store, titles, log },
      documentId: DOCUMENT_ID,
      limits: defaultLimits,
      ...{ proofMs: 0, joinRefusalChance: 0, effectTypes: null },
      told: (message) => checkDelivery(message, this.#store),
      taken: () => undefined,
    });
    const { deviceMs, lockMs, messageMs } = configuration;
    this.#browser = {
      ...{ cores, configuration, scheduler, network, server, ledger, log },
      random: random.fork('browser'),
      device: new SharedDevice(scheduler, random.fork('device'), deviceMs, () => this.#forgive()),
      lock: new SimulatedLock(scheduler, random.fork('lock'), lockMs),
      channel: new TabsChannel(scheduler, random.fork('channel'), messageMs, () => this.#forgive()),
      documentId: DOCUMENT_ID,
      tabs: [],
      isOffline: false,
      links: new Set(),
      forgive: () => this.#forgive(),
    };
  }

  get versions(): number {
    return this.#browser.ledger.version;
  }

  begin(): void {
    const { configuration, scheduler } = this.#browser;
    for (let count = 0; count < configuration.tabs; count++) {
      scheduler.after(this.#random.skewed(0, 3_000), () => this.#open(this.#random.chance(0.5)));
    }
    this.#actLater();
    const often = (perMinute: number, run: () => void): void => {
      if (perMinute === 0) return;
      const again = (): void => {
        const waitMs = (-Math.log(1 - this.#random.next()) * 60_000) / perMinute;
        scheduler.after(waitMs, () => {
          if (this.#isCalm) return;
          run();
          again();
        });
      };
      again();
    };
    const { network } = configuration;
    often(configuration.opensPerMinute, () => this.#open(this.#random.chance(0.7)));
    often(configuration.leavesPerMinute, () => this.#withTab((tab) => tab.leave()));
    often(configuration.crashesPerMinute, () => this.#withTab((tab) => tab.crash()));
    often(configuration.closesPerMinute, () =>
      this.#withTab((tab) => tab.task(() => tab.step({ type: 'close' }))),
    );
    often(configuration.freezesPerMinute, () => this.#withTab((tab) => this.#freeze(tab)));
    often(configuration.fullsPerMinute, () => this.#fill());
    often(network.cutsPerMinute, () => {
      for (const link of this.#browser.links) link.cut();
    });
    often(network.offlinePerMinute, () => this.#goOffline());
  }

  /** Faults stop. Returns how long it took until everything was saved, and every tab showed it. */
  comeToRest(): number {
    const { scheduler, log, network, configuration, tabs, device } = this.#browser;
    log.record('world', 'faults stop');
    this.#isCalm = true;
    network.heal();
    device.isFull = false;
    this.#setOffline(false);
    for (const tab of [...tabs]) tab.thaw();
    for (let passed = 0; ; passed += LOOK_EVERY_MS) {
      // Also when the last one was being closed.
      if (tabs.length === 0) this.#open(true);
      if (this.#lookedAt === null || this.#lookedAt.isDead) this.#lookAt(tabs.at(-1) ?? null);
      const reason = this.#waitsFor();
      if (reason === null) return passed;
      const isVisitedAgain = passed > 0 && passed % VISITED_AGAIN_MS === 0;
      if (isVisitedAgain && this.#isLeftBehind) for (const tab of [...tabs]) tab.leave();
      must(passed < QUIESCENCE_MS, 'I9', () => `after ${passed} ms of calm, ${reason}`);
      scheduler.runUntil(configuration.durationMs + passed + LOOK_EVERY_MS);
    }
  }

  #waitsFor(): string | null {
    const { tabs, ledger, device, channel, cores } = this.#browser;
    const leaders = tabs.filter((tab) => tab.leadership.mode === 'leading');
    if (leaders.length !== 1) return `${leaders.length} tabs lead`;
    for (const { leadership, name } of tabs) {
      const { mode, isSettling, view } = leadership;
      if (mode === 'taking' || isSettling) return `${name} is ${isSettling ? 'settling' : mode}`;
      if (view.isWaiting) return `${name} waits with what was typed`;
      if (view.status.kind !== 'saved') return `${name} shows "${view.status.kind}"`;
      const text = view.documentText.toString();
      if (text !== ledger.text) return `${name} shows ${text} for ${ledger.text}`;
    }
    const [owed] = ledger.owed;
    if (owed !== undefined) return `${owed} is not in the log`;
    for (const row of device.rows.values()) {
      const { inFlight, pendingEdits } = replicaOf(row.toString(), cores);
      if (inFlight !== null || pendingEdits > 0) return 'the device has unsent edits';
    }
    if (!channel.isIdle || !device.isIdle) return 'something is under way';
    return null;
  }

  /** Characters that the device has, and that its replicas have to send. */
  get #keptOnDevice(): ReadonlySet<string> {
    const { device, cores } = this.#browser;
    return new Set(
      device.held.flatMap((row) => {
        const { inFlight, pending } = replicaOf(row.toString(), cores);
        return [...insertedBy(inFlight?.op ?? []), ...insertedBy(pending)];
      }),
    );
  }

  get #isLeftBehind(): boolean {
    const kept = this.#keptOnDevice;
    return this.#browser.ledger.owed.some((character) => kept.has(character));
  }

  #forgive(): void {
    const { tabs, channel, ledger } = this.#browser;
    if (ledger.owed.length === 0) return;
    const kept = this.#keptOnDevice;
    ledger.forgive(
      (character) =>
        kept.has(character) || channel.holds(character) || tabs.some((tab) => tab.holds(character)),
    );
  }

  #open(isLookedAt: boolean): void {
    const { tabs, configuration } = this.#browser;
    if (tabs.length >= configuration.tabsMax) return;
    const name = `tab${++this.#opened}`;
    const tab = new SimulatedTab(this.#browser, name, this.#random.fork(name));
    tabs.push(tab);
    if (isLookedAt) {
      this.#lookedAt?.look(false);
      this.#lookedAt = tab;
    }
    tab.open(isLookedAt);
  }

  #lookAt(tab: SimulatedTab | null): void {
    if (this.#lookedAt === tab) return;
    this.#lookedAt?.look(false);
    this.#lookedAt = tab;
    tab?.look(true);
  }

  #withTab(run: (tab: SimulatedTab) => void): void {
    const [first, ...rest] = this.#browser.tabs;
    if (first !== undefined) run(this.#random.pick([first, ...rest]));
  }

  #freeze(tab: SimulatedTab): void {
    tab.freeze();
    const { freezeMs } = this.#browser.configuration;
    this.#browser.scheduler.after(this.#random.integer(freezeMs / 4, freezeMs), () => tab.thaw());
  }

  #fill(): void {
    const { device, log, scheduler, configuration } = this.#browser;
    if (device.isFull || scheduler.now < this.#roomUntil) return;
    // Sessions wait for two things one after the other, and try again after a second.
    this.#roomUntil = scheduler.now + configuration.fullMs + ROOM_MS;
    log.record('device', 'is full');
    device.isFull = true;
    scheduler.after(this.#random.integer(configuration.fullMs / 4, configuration.fullMs), () => {
      log.record('device', 'has room');
      device.isFull = false;
    });
  }

  #goOffline(): void {
    const { scheduler, configuration } = this.#browser;
    this.#setOffline(true);
    const { offlineMs } = configuration.network;
    scheduler.after(this.#random.integer(offlineMs / 4, offlineMs), () => this.#setOffline(false));
  }

  #setOffline(isOffline: boolean): void {
    const { links, tabs } = this.#browser;
    this.#browser.isOffline = isOffline;
    for (const link of links) link.isOffline = isOffline;
    for (const tab of tabs) {
      const type = isOffline ? 'networkGone' : 'networkBack';
      tab.task(() => tab.session?.step({ type }));
    }
  }

  #actLater(): void {
    const { scheduler, configuration } = this.#browser;
    const { paceMs, pauseMs, pauseChance } = configuration;
    const isPause = this.#random.chance(pauseChance);
    scheduler.after(this.#random.integer(1, isPause ? pauseMs : paceMs), () => {
      if (this.#isCalm || ++this.#actions > configuration.actions) return;
      this.#act();
      this.#actLater();
    });
  }

  #act(): void {
    const { configuration, tabs } = this.#browser;
    if (tabs.length === 0) return this.#open(true);
    if (this.#random.chance(configuration.turnChance)) this.#withTab((tab) => this.#lookAt(tab));
    if (this.#lookedAt?.isDead === true) this.#lookedAt = null;
    const isAnywhere = this.#lookedAt === null || this.#random.chance(configuration.anywhereChance);
    const type = (tab: SimulatedTab): void =>
      tab.task(() => tab.type(this.#nextEdit(tab.leadership.view.documentText)));
    if (isAnywhere) this.#withTab(type);
    else if (this.#lookedAt !== null) type(this.#lookedAt);
  }

  #nextEdit({ lengthCodePoints: length }: DocumentText): TextOperation {
    const random = this.#random;
    const position = random.integer(0, length);
    const operation = new OperationBuilder().retain(position);
    const isDeletion = random.chance(0.25) && position < length;
    if (!isDeletion || random.chance(0.2)) {
      operation.insert(this.#characters.text(random.integer(1, 3), random));
    }
    if (isDeletion) operation.delete(Math.min(random.integer(1, 3), length - position));
    return operation.build();
  }
}
