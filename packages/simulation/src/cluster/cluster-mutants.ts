/** Mechanisms of the cluster, each taken out of its core, or done wrong by the world. */
import type { Replacement } from '../load-cores.ts';
import { inFolder } from '../mutant.ts';
import type { ClusterConfiguration } from './cluster-configuration.ts';

export interface ClusterMutant {
  readonly name: string;
  /** What is taken out, and where it is asked for. */
  readonly without: string;
  readonly replacements: readonly Replacement[];
  /** Turns up the faults that the mechanism is there for; the unmutated cores stay green under them. */
  readonly focus: (configuration: ClusterConfiguration) => ClusterConfiguration;
  /** What the world does wrong, besides. */
  readonly wrong: Partial<ClusterConfiguration['wrong']>;
}

const cluster = inFolder('apps/server/src/cluster/core');
const append = inFolder('apps/server/src/store/core');

/** A busy document that nothing happens to, as a start. */
const busy = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...c,
  ...{ durationMs: 30_000, nodes: 3, documents: 1, clients: 4, actionsPerClient: 150 },
  ...{ paceMs: 60, readChance: 0.4, withdrawChance: 0, latencyMs: 5, lossChance: 0 },
  ...{ drift: 0.01, areClocksWrong: false, killsPerMinute: 0, pausesPerMinute: 0 },
  ...{ drainsPerMinute: 0, cutsPerMinute: 0, idlesPerMinute: 0 },
  database: {
    ...{ latencyMs: 10, replicationMs: 10, lossChance: 0, lateChance: 0, lateAppendChance: 0 },
    retriedChance: 0,
    ...{ electionsPerMinute: 0, electionMs: 500, staleMs: 500, laggingReadChance: 0 },
    clockSkewMs: 0,
  },
});
/** Requests land late, nodes die, and clients give up what they have no answer to. */
const landingLate = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ withdrawChance: 0.8, readChance: 0.1, killsPerMinute: 15, downMs: 1_500 },
  ...{ cutsPerMinute: 10, cutMs: 3_000 },
  database: { ...busy(c).database, lateAppendChance: 0.1, lossChance: 0.05 },
});
/** Nodes are cut from the database again and again, whose members' clocks differ by as much as the margin covers. */
const cutOff = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ nodes: 2, clients: 8, actionsPerClient: 400, paceMs: 20, readChance: 0.6, latencyMs: 1 },
  ...{ cutsPerMinute: 20, cutMs: 8_000 },
  database: {
    ...busy(c).database,
    ...{ electionsPerMinute: 60, electionMs: 50, staleMs: 50, clockSkewMs: 400 },
  },
});
/** A former primary goes on answering for longer than a lease. */
const twoPrimaries = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ clients: 5, actionsPerClient: 400, paceMs: 20, readChance: 0.6 },
  database: { ...busy(c).database, electionsPerMinute: 12, electionMs: 100, staleMs: 15_000 },
});
/** Documents leave memory all the time, and requests about that land late. */
const restless = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ idlesPerMinute: 200, drainsPerMinute: 12, downMs: 200, withdrawChance: 0.5 },
  database: { ...busy(c).database, lateChance: 0.15, laggingReadChance: 0.2 },
});
/** Most answers of the database are lost. */
const unanswered = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ withdrawChance: 0.8, readChance: 0.1, actionsPerClient: 40 },
  database: { ...busy(c).database, lossChance: 0.3, lateChance: 0.4 },
});
/** Most appends land late, or not at all. */
const inDoubt = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  ...{ clients: 1, withdrawChance: 0.8, readChance: 0, actionsPerClient: 40 },
  database: { ...busy(c).database, lateAppendChance: 0.9 },
});
const retried = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...busy(c),
  database: { ...busy(c).database, retriedChance: 0.2, electionsPerMinute: 10 },
});
/** Several nodes take themselves for the owner. */
const wrongClocks = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...cutOff(c),
  areClocksWrong: true,
  ...{ pausesPerMinute: 15, pauseMs: 6_000, idlesPerMinute: 30, readChance: 0.1 },
});
/** … and stand still while they take a document over. */
const standingStill = (c: ClusterConfiguration): ClusterConfiguration => ({
  ...wrongClocks(c),
  ...{ cutsPerMinute: 0, pausesPerMinute: 60, pauseMs: 8_000, idlesPerMinute: 200 },
  database: { ...busy(c).database, latencyMs: 80, replicationMs: 400 },
});

const mutant = (
  name: string,
  without: string,
  focus: ClusterMutant['focus'],
  ...replacements: Replacement[]
): ClusterMutant => ({ name, without, focus, replacements, wrong: {} });

const done = (
  name: string,
  without: string,
  focus: ClusterMutant['focus'],
  wrong: ClusterMutant['wrong'],
): ClusterMutant => ({ name, without, focus, replacements: [], wrong });

export const clusterMutants: readonly ClusterMutant[] = [
  mutant(
    'noFence',
    'a takeover writes a fence before anything is answered',
    landingLate,
    cluster('if (this.#cleanHead === null) return this.#fence(head);', ''),
  ),
  mutant(
    'noEpoch',
    'each takeover raises the epoch',
    restless,
    cluster('this.#epoch = epoch + 1;', 'this.#epoch = epoch;'),
  ),
  mutant(
    'noEarlyExpiry',
    'a node counts its lease from before the renewal was sent, less a margin',
    cutOff,
    cluster('sentAtMs + this.#times.leaseMs - this.#times.marginMs', 'nowMs + this.#times.leaseMs'),
  ),
  mutant(
    'noMargin',
    'a node stops earlier than its lease ends, since clocks of the database differ',
    cutOff,
    cluster(
      'sentAtMs + this.#times.leaseMs - this.#times.marginMs',
      'sentAtMs + this.#times.leaseMs + 0 * nowMs',
    ),
  ),
  done('pipelined', 'an append waits until the one before is decided', busy, {
    arePipelined: true,
  }),
  done('writtenByOne', 'an append is acknowledged when a majority has it', retried, {
    isWrittenByOne: true,
  }),
  done('renewedByOne', 'a lease is renewed when a majority has the renewal', twoPrimaries, {
    isRenewedByOne: true,
  }),
  done('readBackLocally', 'what is read back is what a majority has', retried, {
    isReadBackLocally: true,
  }),
  mutant(
    'ownTakenAsForeign',
    'the id of a row that is in the way is compared',
    retried,
    append("rowId === this.#rowId ? 'appended' : 'fenced'", "'fenced'"),
  ),
  mutant(
    'foreignTakenAsOwn',
    'an owner whose version another one wrote is fenced',
    wrongClocks,
    append("rowId === this.#rowId ? 'appended' : 'fenced'", "'appended'"),
  ),
  mutant(
    'noReadBack',
    'an append with an unknown outcome is read back before it is acknowledged',
    unanswered,
    append(
      "case 'unknown':\n        return this.#mode",
      "case 'unknown':\n        if (input.type === 'unknown') return this.#decide('appended');\n        return this.#mode",
    ),
  ),
  mutant(
    'doubtReleasedAsClean',
    'a document with an append in doubt is not released as clean',
    inDoubt,
    cluster('this.#release(isClean ? head : null)', 'this.#release(head)'),
  ),
  mutant(
    'headNotReached',
    'the head of a clean release must be reached before the document is opened',
    restless,
    cluster('if (head >= this.#cleanHead) return this.#hold(head);', 'return this.#hold(head);'),
  ),
  mutant(
    'leaseNotEnded',
    "a former owner's lease is ended before its document is taken over",
    cutOff,
    cluster('!isOwn && !this.#view.isEnded(owner)', '!isOwn && this.#view.member(owner) !== null'),
  ),
  mutant(
    'supersededOpens',
    'a takeover that finds a higher epoch in the log gives up',
    standingStill,
    cluster('if (epoch > this.#epoch) return this.#giveBack();', ''),
  ),
  mutant(
    'misplacedKept',
    'documents move when the ring changes',
    busy,
    cluster('this.#isRingNew = true;\n        return this.#startTimer(SETTLE_MS);', 'return;'),
  ),
];

/** Every mutant is red within this many seeds. */
export const CLUSTER_MUTANT_SEEDS = 300;

/** The configuration, with what the mutant lets the world do wrong. */
export const withWrongs = (
  { wrong }: ClusterMutant,
  configuration: ClusterConfiguration,
): ClusterConfiguration => ({ ...configuration, wrong: { ...configuration.wrong, ...wrong } });
