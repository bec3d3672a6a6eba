/** Swarm configuration of a cluster: each seed gets its own rates, and each rate may be zero. */
import { Random } from '../random.ts';

export interface DatabaseFaults {
  /** One way, at most. */
  readonly latencyMs: number;
  /** Until a majority has a write, at most. */
  readonly replicationMs: number;
  /** A request or an answer is lost. */
  readonly lossChance: number;
  /** A request arrives long after its sender has given up. */
  readonly lateChance: number;
  /** The same of appends, whose shard of the database may be a slow one. */
  readonly lateAppendChance: number;
  /** The driver sends a write again although the first attempt was carried out. */
  readonly retriedChance: number;
  readonly electionsPerMinute: number;
  /** Without a primary that a majority follows, at most. */
  readonly electionMs: number;
  /** A former primary answers for this long, at most, and nodes ask it. */
  readonly staleMs: number;
  /** A majority read is answered by a member that lags. */
  readonly laggingReadChance: number;
  /** Clocks of members differ by this much, at most; together with `drift`, less than the margin of leases. */
  readonly clockSkewMs: number;
}

export interface ClusterConfiguration {
  readonly seed: number;
  /** How long clients work and faults happen, in virtual milliseconds. */
  readonly durationMs: number;
  readonly nodes: number;
  readonly documents: number;
  readonly clients: number;
  readonly actionsPerClient: number;
  readonly paceMs: number;
  readonly readChance: number;
  /** A client that got no answer gives its operation up, and wants to know whether it is in the log. */
  readonly withdrawChance: number;
  /** Between clients and nodes. */
  readonly latencyMs: number;
  readonly lossChance: number;
  /** How much faster or slower clocks of nodes run. */
  readonly drift: number;
  /** Clocks of nodes run so slowly that leases prove nothing. What is acknowledged stays, and reads may be old. */
  readonly areClocksWrong: boolean;
  readonly killsPerMinute: number;
  readonly downMs: number;
  readonly pausesPerMinute: number;
  readonly pauseMs: number;
  readonly drainsPerMinute: number;
  /** A node does not reach the database. */
  readonly cutsPerMinute: number;
  readonly cutMs: number;
  /** A document leaves memory, because it is idle. */
  readonly idlesPerMinute: number;
  readonly database: DatabaseFaults;
  /** Not of the cores: what the world does wrong for mutants of it. */
  readonly wrong: {
    /** Appends do not wait for the one before. */
    readonly arePipelined: boolean;
    /** Appends are answered when the primary has them. */
    readonly isWrittenByOne: boolean;
    /** Reading back takes what only the primary has. */
    readonly isReadBackLocally: boolean;
    /** Renewals of leases are answered when the primary has them. */
    readonly isRenewedByOne: boolean;
  };
}

export function clusterConfigurationOf(seed: number): ClusterConfiguration {
  const random = new Random(`cluster/${seed}`);
  const rate = (max: number): number =>
    random.chance(0.5) ? 0 : Math.max(max / 20, max * random.next() ** 2);
  const areClocksWrong = random.chance(0.2);
  return {
    seed,
    durationMs: random.integer(8_000, 40_000),
    nodes: random.pick([2, 3, 3, 4]),
    documents: random.pick([1, 1, 2, 3]),
    clients: random.integer(1, 5),
    actionsPerClient: random.integer(5, 40),
    paceMs: random.pick([20, 200, 1_000]),
    readChance: random.pick([0.1, 0.4, 0.8]),
    // A number is given up by what its owner knows, which is a read.
    withdrawChance: areClocksWrong ? 0 : random.pick([0, 0.1, 0.5]),
    latencyMs: random.pick([1, 20, 200]),
    lossChance: random.pick([0, 0.02, 0.15]),
    drift: random.pick([0, 0.01]),
    areClocksWrong,
    killsPerMinute: rate(12),
    downMs: random.pick([200, 1_500, 6_000]),
    pausesPerMinute: rate(15),
    pauseMs: random.pick([500, 4_000, 10_000]),
    drainsPerMinute: rate(10),
    cutsPerMinute: rate(15),
    cutMs: random.pick([500, 3_000, 10_000]),
    idlesPerMinute: rate(40),
    database: {
      latencyMs: random.pick([1, 10, 80]),
      replicationMs: random.pick([1, 10, 150]),
      lossChance: random.pick([0, 0.01, 0.1]),
      lateChance: random.pick([0, 0.01, 0.08]),
      lateAppendChance: random.pick([0, 0.01, 0.08, 0.6]),
      retriedChance: random.pick([0, 0.02, 0.15]),
      electionsPerMinute: rate(20),
      electionMs: random.pick([100, 1_000, 4_000]),
      staleMs: random.pick([0, 1_000, 6_000]),
      laggingReadChance: random.pick([0, 0, 0.1, 0.5]),
      clockSkewMs: random.pick([0, 100, 400]),
    },
    wrong: {
      arePipelined: false,
      isWrittenByOne: false,
      isReadBackLocally: false,
      isRenewedByOne: false,
    },
  };
}
