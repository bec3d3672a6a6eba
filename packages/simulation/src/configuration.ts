/**
 * Swarm configuration: each seed gets its own rates, and each may be zero, so that bugs that need one fault often and
 * another never are found too. Source: Groce et al., "Swarm Testing" (ISSTA 2012).
 */
import { defaultLimits, type Limits } from '@concord/protocol';
import { ANYWHERE } from './person.ts';
import { Random } from './random.ts';

export interface Configuration {
  readonly seed: number;
  /** `scaled`: small constants of wire and owner, so that their thresholds are crossed often. */
  readonly cores: 'production' | 'scaled';
  /** Duration of editing and faults, in virtual milliseconds. */
  readonly durationMs: number;
  /** Divides all rates per minute, and multiplies pauses and times away. */
  readonly slowness: number;
  readonly editors: number;
  readonly viewers: number;
  readonly editsPerEditor: number;
  /** Think time within a burst, and between bursts. */
  readonly burstMs: number;
  readonly pauseMs: number;
  readonly pauseChance: number;
  /** Operations in the log at the start; some replicas start at older versions of it. */
  readonly history: number;
  readonly limits: Limits;
  readonly network: NetworkFaults;
  readonly device: DeviceFaults;
  readonly server: ServerFaults;
  readonly store: StoreFaults;
  /** Attacks of the malicious client per minute; 0 for none. */
  readonly attacksPerMinute: number;
  /** Changes of a person's role; the notification of the owner may be lost. */
  readonly accessChangesPerMinute: number;
  readonly accessNoticeLossChance: number;
  /** Lifetime of a proof of identity, in milliseconds; 0 for unlimited. */
  readonly proofMs: number;
  readonly apiEditsPerMinute: number;
  /** The first editor creates the document, maybe while offline. */
  readonly isMadeOffline: boolean;
  readonly renamesPerMinute: number;
  /** People edit within this many code points from the start of the text. */
  readonly reach: number;
  /** Lead takeovers: another tab takes the replica from one that does not answer. */
  readonly robberiesPerMinute: number;
  /** Memory pressure: the document is released if it has no sessions. */
  readonly releasesPerMinute: number;
  /** A join exceeds the rate limit, and is told to retry later. */
  readonly joinRefusalChance: number;
  /** Restores: the server's files are replaced by an older copy. */
  readonly restoresPerMinute: number;
  readonly marks: MarkRates;
  /** Stalls of the device: another tab holds a transaction of its database. */
  readonly standstills: { readonly perMinute: number; readonly ms: number };
}

/** Marks and notes beside the text (mark-types.ts). */
export interface MarkRates {
  /** Of an edit to carry some, and of some that come without text; 0 for a world without any. */
  readonly chance: number;
  /** The server knows no type of effects, and refuses them. */
  readonly isServerOlder: boolean;
  /** Of a page to be of an app that knows none, until it is opened again. */
  readonly olderAppChance: number;
}

export interface NetworkFaults {
  readonly latencyMs: number;
  /** One stream stalls for up to `stallMs`. */
  readonly stallChance: number;
  readonly stallMs: number;
  /** A client's connection breaks. */
  readonly cutsPerMinute: number;
  /** A broken connection is noticed only by the missing heartbeat of the transport. */
  readonly lateNoticeChance: number;
  /** A client has no network for a while. */
  readonly offlinePerMinute: number;
  readonly offlineMs: number;
  // Impossible on TCP, but the protocol must survive it (docs/faults.md#frames-are-lost-doubled-or-late).
  readonly duplicateChance: number;
  readonly dropChance: number;
  readonly reorderChance: number;
  /** A new connection is lost at once, as behind a broken proxy. */
  readonly briefChance: number;
}

export interface DeviceFaults {
  readonly reloadsPerMinute: number;
  /** A reload loses what the device had not flushed. */
  readonly powerLossChance: number;
  readonly relaxedMs: number;
  readonly strictMs: number;
  /** Time until a relaxed write survives a power loss. */
  readonly flushMs: number;
  readonly stallChance: number;
  readonly failChance: number;
}

export interface ServerFaults {
  readonly killsPerMinute: number;
  readonly stopsPerMinute: number;
  readonly downMs: number;
  readonly pausesPerMinute: number;
}

export interface StoreFaults {
  readonly appendMs: number;
  readonly slowChance: number;
  /** An append is reported as failed although it may be written. */
  readonly unavailableChance: number;
  /** Share of these that are written later, after the report. */
  readonly lateChance: number;
  readonly readFailChance: number;
  readonly checkpointFailChance: number;
}

/** The smallest message limit that fits a join. */
export const MESSAGE_BYTES_MIN = 360;

/** The configuration of a seed. */
export function configurationOf(seed: number): Configuration {
  const random = new Random(`configuration/${seed}`);
  /** Stream of settings added later: a draw from the main stream would change every seed. */
  const added = new Random(`configuration/${seed}/added`);
  const marks = new Random(`configuration/${seed}/marks`);
  /** Half of all rates are zero; small ones are more likely than large ones. */
  const rate = (max: number): number =>
    random.chance(0.5) ? 0 : Math.max(max / 50, max * random.next() ** 2);
  const isCalm = random.chance(0.3);
  const durationMs = isCalm ? random.integer(5_000, 20_000) : random.integer(10_000, 90_000);
  const isLong = random.chance(0.02);
  // Days instead of minutes, with all events as much rarer.
  const slowness = random.chance(0.004) ? 3_000 : 1;
  return {
    seed,
    cores: random.chance(0.6) ? 'scaled' : 'production',
    durationMs: durationMs * slowness,
    slowness,
    editors: random.pick([2, 2, 2, 3, 3, 4, 5, 6]),
    viewers: random.chance(0.15) ? 1 : 0,
    editsPerEditor: isLong ? random.integer(60, 250) : random.integer(3, 24),
    burstMs: random.pick([10, 60, 200, 600]),
    pauseMs: random.pick([1_000, 4_000, 15_000]),
    pauseChance: random.pick([0.02, 0.1, 0.3]),
    history: random.chance(0.25) ? random.integer(1, 60) : 0,
    limits: { ...limitsOf(random), ...messageLimitOf(added) },
    network: {
      latencyMs: random.pick([1, 20, 80, 400]),
      stallChance: rate(0.1),
      stallMs: random.pick([500, 5_000, 20_000]),
      cutsPerMinute: rate(12),
      lateNoticeChance: rate(0.6),
      offlinePerMinute: rate(3),
      offlineMs: random.chance(0.05) ? 6 * 3_600_000 : random.pick([2_000, 15_000, 60_000]),
      duplicateChance: rate(0.15),
      dropChance: rate(0.08),
      reorderChance: rate(0.15),
      briefChance: added.chance(0.1) ? added.pick([0.5, 1]) : 0,
    },
    device: {
      reloadsPerMinute: rate(12),
      powerLossChance: rate(1),
      relaxedMs: random.pick([1, 5, 30]),
      strictMs: random.pick([2, 20, 150, 1_500]),
      flushMs: random.pick([50, 3_000, 30_000]),
      stallChance: rate(0.05),
      // A device whose writes fail holds sending back for as long (session.ts).
      failChance: rate(0.3),
    },
    server: {
      killsPerMinute: rate(5),
      stopsPerMinute: rate(3),
      downMs: random.pick([500, 4_000, 20_000]),
      pausesPerMinute: rate(3),
    },
    store: {
      appendMs: random.pick([1, 10, 100]),
      slowChance: rate(0.1),
      unavailableChance: rate(0.1),
      lateChance: rate(0.7),
      readFailChance: rate(0.15),
      checkpointFailChance: rate(0.5),
    },
    attacksPerMinute: random.chance(0.25) ? random.pick([30, 120, 400]) : 0,
    accessChangesPerMinute: random.chance(0.3) ? random.pick([2, 6, 20]) : 0,
    accessNoticeLossChance: random.pick([0, 0.5, 1]),
    proofMs: random.chance(0.25) ? random.pick([3_000, 10_000, 40_000]) * slowness : 0,
    apiEditsPerMinute: random.chance(0.25) ? random.pick([5, 30]) : 0,
    isMadeOffline: random.chance(0.15),
    renamesPerMinute: random.chance(0.2) ? random.pick([2, 10]) : 0,
    robberiesPerMinute: random.chance(0.25) ? random.pick([2, 10]) : 0,
    restoresPerMinute: added.chance(0.12) ? added.pick([1, 4]) : 0,
    reach: random.chance(0.15) ? random.pick([0, 2, 8]) : ANYWHERE,
    releasesPerMinute: random.chance(0.3) ? random.pick([10, 60]) : 0,
    joinRefusalChance: random.chance(0.2) ? random.pick([0.1, 0.5]) : 0,
    marks: {
      chance: marks.pick([0, 0, 0, 0.1, 0.5]),
      isServerOlder: marks.chance(0.05),
      olderAppChance: marks.chance(0.3) ? 0.5 : 0,
    },
    standstills: {
      perMinute: added.chance(0.2) ? added.pick([1, 4]) : 0,
      ms: added.pick([5_000, 20_000, 90_000]),
    },
  };
}

function messageLimitOf(random: Random): Pick<Limits, 'messageBytes'> {
  const messageBytes = random.chance(0.3)
    ? random.pick([MESSAGE_BYTES_MIN, 500, 1_000])
    : defaultLimits.messageBytes;
  return { messageBytes };
}

function limitsOf(random: Random): Limits {
  if (random.chance(0.5)) return defaultLimits;
  return {
    ...defaultLimits,
    operationBytes: random.pick([64, 150, 600]),
    operationComponents: random.pick([2, 3, 6, 50]),
    documentCodePoints: random.chance(0.3) ? random.pick([40, 150]) : 100_000,
    operationsPerSecond: random.chance(0.3) ? random.pick([2, 8]) : 50,
    operationsBurst: random.chance(0.3) ? random.pick([2, 10]) : 200,
  };
}
