/**
 * A world: people, devices, a network, a server and its store, determined by one seed. After the faults stop, all
 * replicas must converge within a bounded time (I9).
 */
import type { EffectState } from '@concord/ot';
import type { DocumentId, ServerMessage } from '@concord/protocol';
import { Characters } from './characters.ts';
import type { Configuration } from './configuration.ts';
import type { Cores } from './cores.ts';
import { ApiWriter, API_USER } from './api-writer.ts';
import { checkDelivery } from './delivery-check.ts';
import { Disk } from './disk.ts';
import { EventLog, type TraceSink } from './event-log.ts';
import { scheduleFaults } from './faults.ts';
import { preloadHistory } from './history.ts';
import { must } from './invariant-error.ts';
import { Ledger } from './ledger.ts';
import { MarkLedger } from './mark-ledger.ts';
import { markTypes } from './mark-types.ts';
import { MaliciousClient, MALICIOUS_USER } from './malicious-client.ts';
import { Network } from './network.ts';
import { Person } from './person.ts';
import { checkAgreement, waitsFor } from './quiescence.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimulatedAccess } from './simulated-access.ts';
import { SimulatedClient } from './simulated-client.ts';
import { SimulatedServer } from './simulated-server.ts';
import { SimulatedStore } from './simulated-store.ts';
import { SimulatedTitles } from './simulated-titles.ts';

/**
 * Bound of virtual time without a new version, from the last fault to convergence: the sum of waits that may follow each
 * other. A late notice (45 s), a backoff (30 s), a stalled join and a lost acknowledgement (10 s each), the slowest
 * heartbeat (60 s), an append that lands late and makes the owner start again.
 */
export const QUIESCENCE_MS = 300_000;
/** Bound of the whole: what was typed offline may need a message a second for minutes, but ends. */
const REST_WITHIN_MS = 3_600_000;
const LOOK_EVERY_MS = 500;
/** Interval at which pages without access try again. */
const OPENED_AGAIN_EVERY_MS = 5_000;
/** Delay until a further edit, by which the owner notices a late append that no client waits for. */
const NUDGE_AFTER_MS = 90_000;
const DOCUMENT_ID = 'd'.repeat(26) as DocumentId;

export interface World {
  readonly configuration: Configuration;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: EventLog;
  readonly network: Network;
  readonly store: SimulatedStore;
  readonly titles: SimulatedTitles;
  readonly server: SimulatedServer;
  readonly ledger: Ledger;
  /** Null in a world without effects. */
  readonly marks: MarkLedger | null;
  readonly characters: Characters;
  /** Each person's leading tab. */
  readonly clients: SimulatedClient[];
  readonly disks: readonly Disk[];
  readonly people: readonly Person[];
  readonly malicious: MaliciousClient | null;
  readonly apiWriter: ApiWriter;
  readonly statusOf: Cores['statusOf'];
}

export interface SeedResult {
  readonly seed: number;
  /** Null when every check held. */
  readonly failure: string | null;
  readonly hash: string;
  readonly events: number;
  readonly versions: number;
  /** Time from the last fault to rest; null if the world did not come to rest. */
  readonly quietAfterMs: number | null;
}

/** Runs a world to its end. An exception of a core or a failed check ends it with a failure. */
export function runWorld(
  configuration: Configuration,
  cores: Cores,
  trace: TraceSink | null = null,
): SeedResult {
  const scheduler = new Scheduler();
  const log = new EventLog(scheduler, trace);
  const ledger = new Ledger();
  let failure: string | null = null;
  let quietAfterMs: number | null = null;
  try {
    const world = buildWorld(configuration, cores, scheduler, log, ledger);
    scheduleFaults(world);
    scheduler.runUntil(configuration.durationMs);
    quietAfterMs = comeToRest(world);
    checkAgreement(world, cores);
  } catch (error) {
    failure =
      error instanceof Error
        ? trace === null
          ? error.message
          : String(error.stack)
        : String(error);
    log.record('checker', 'failed', failure);
  }
  return {
    seed: configuration.seed,
    failure,
    hash: log.hash,
    events: log.count,
    versions: ledger.version,
    quietAfterMs,
  };
}

function buildWorld(
  configuration: Configuration,
  cores: Cores,
  scheduler: Scheduler,
  log: EventLog,
  ledger: Ledger,
): World {
  const random = new Random(`world/${configuration.seed}`);
  const network = new Network(scheduler, random.fork('network'), configuration.network, log);
  const access = new SimulatedAccess(scheduler);
  access.set(API_USER, 'editor');
  access.set(MALICIOUS_USER, 'editor');
  const { chance, isServerOlder } = configuration.marks;
  const marks = chance === 0 ? null : new MarkLedger(ledger);
  const types = marks === null ? null : markTypes(cores.effectTools);
  const store: SimulatedStore = new SimulatedStore(
    scheduler,
    random.fork('store'),
    configuration.store,
    log,
    {
      logged: (version, operation) => {
        ledger.logged(version, operation);
        marks?.logged(version, operation);
      },
      checkpointed: ({ version, text, effectState }) => {
        must(text === ledger.textAt(version), 'I6', () => `checkpoint at ${version} is ${text}`);
        if (marks === null) return;
        const state = effectState === undefined ? undefined : (JSON.parse(effectState) as object);
        marks.checkStateAt('the checkpoint', version, state as EffectState | undefined);
      },
    },
    access,
  );
  store.isCreated = !(configuration.isMadeOffline && configuration.history === 0);
  const titleRandom = random.fork('titles');
  const titles = new SimulatedTitles(cores, scheduler, titleRandom, configuration.store, log);
  const server = new SimulatedServer({
    cores,
    scheduler,
    random: random.fork('server'),
    store,
    titles,
    log,
    documentId: DOCUMENT_ID,
    limits: configuration.limits,
    effectTypes: isServerOlder ? null : types,
    proofMs: configuration.proofMs,
    joinRefusalChance: configuration.joinRefusalChance,
    told: (message: ServerMessage) => checkDelivery(message, store),
    taken: (client, { seq, baseVersion }) => ledger.checkBase(client, seq, baseVersion),
  });
  const characters = new Characters();
  const clients: SimulatedClient[] = [];
  const disks: Disk[] = [];
  const people: Person[] = [];
  for (let index = 0; index < configuration.editors + configuration.viewers; index++) {
    const own = random.fork(`client/${index}`);
    const disk = new Disk(scheduler, own.fork('disk'), configuration.device);
    const person = new Person(own.fork('person'), characters, configuration.reach);
    const name = `client${index}`;
    const role = index < configuration.editors ? 'editor' : 'viewer';
    // Sometimes two clients belong to one person.
    const userId = index === 1 && own.chance(0.3) ? 'user0' : `user${index}`;
    access.set(userId, role);
    disks.push(disk);
    people.push(person);
    clients.push(
      new SimulatedClient({
        cores,
        configuration,
        scheduler,
        random: own,
        network,
        server,
        disk,
        person,
        ledger,
        log,
        documentId: DOCUMENT_ID,
        titles,
        isFirst: index === 0 && !store.isCreated,
        marking:
          marks === null || types === null
            ? null
            : { ledger: marks, types, random: own.fork('marks') },
        guest: { userId, name, role },
      }),
    );
  }
  const malicious =
    configuration.attacksPerMinute === 0
      ? null
      : new MaliciousClient({
          scheduler,
          random: random.fork('malicious'),
          effects: marks === null ? null : random.fork('malicious/effects'),
          network,
          server,
          log,
          documentId: DOCUMENT_ID,
        });
  const apiWriter = new ApiWriter({
    cores,
    random: random.fork('api'),
    server,
    store,
    ledger,
    log,
    person: new Person(random.fork('api/person'), characters),
    documentId: DOCUMENT_ID,
  });
  const world: World = {
    configuration,
    random,
    scheduler,
    log,
    network,
    store,
    titles,
    server,
    ledger,
    marks,
    characters,
    clients,
    disks,
    people,
    malicious,
    apiWriter,
    statusOf: cores.statusOf,
  };
  preloadHistory(world, cores, DOCUMENT_ID);
  return world;
}

/** Stops faults and runs until no client waits for anything. @returns the time that it took */
function comeToRest(world: World): number {
  const {
    configuration,
    scheduler,
    log,
    network,
    store,
    titles,
    server,
    disks,
    clients,
    malicious,
  } = world;
  log.record('world', 'faults stop');
  network.heal();
  store.heal();
  titles.heal();
  server.heal();
  for (const disk of disks) disk.heal();
  malicious?.leave();
  server.start();
  for (const { guest } of clients) store.access.set(guest.userId, guest.role);
  if (!world.random.chance(configuration.accessNoticeLossChance)) server.accessChanged();
  for (const [index, client] of clients.entries()) {
    if (client.session === null) client.open(world.disks[index]?.crash(false) ?? null);
    client.setOnline(true);
  }
  let isNudged = false;
  let { head } = store;
  let progressedAt = 0;
  for (let passed = 0; ; passed += LOOK_EVERY_MS) {
    const reason = waitsFor(world);
    if (reason === null) return passed;
    if (store.head > head) {
      head = store.head;
      progressedAt = passed;
    }
    if (passed % OPENED_AGAIN_EVERY_MS === 0) {
      for (const client of clients) {
        client.openKept();
        client.openAgain();
        client.mergeCopy();
      }
    }
    if (passed >= NUDGE_AFTER_MS && !isNudged && isUnnoticed(world)) {
      isNudged = true;
      // A full document would refuse an insertion.
      const isEmpty = clients[0]?.session?.buffer.visible.lengthCodePoints === 0;
      const typed = world.characters.text(1, world.random.fork('nudge'));
      clients[0]?.edit(isEmpty ? [typed] : [{ d: 1 }]);
    }
    const isInTime = passed - progressedAt < QUIESCENCE_MS && passed < REST_WITHIN_MS;
    must(isInTime, 'I9', () => `after ${passed} ms of calm, ${reason}`);
    scheduler.runUntil(configuration.durationMs + passed + LOOK_EVERY_MS);
  }
}

/** Whether the log has a late append that the owner does not know of, and whose client is gone. */
function isUnnoticed({ server, store, clients }: World): boolean {
  const { document } = server;
  if (document === null || document.owner.version === store.head) return false;
  return clients.every(
    ({ session }) => session?.state === 'live' && session.buffer.inFlight === null,
  );
}
