/** Swarm configuration of a browser with several tabs: each seed gets its own rates, and each rate may be zero. */
import { configurationOf, type NetworkFaults } from '../configuration.ts';
import { Random } from '../random.ts';

export interface TabsConfiguration {
  readonly seed: number;
  /** How long the person works and faults happen, in virtual milliseconds. */
  readonly durationMs: number;
  /** Open at the beginning, and at most at once. */
  readonly tabs: number;
  readonly tabsMax: number;
  /** How often the person does something. */
  readonly actions: number;
  /** Between two things that the person does; small numbers are bursts of typing. */
  readonly paceMs: number;
  readonly pauseMs: number;
  readonly pauseChance: number;
  /** The person turns to another tab before typing; else types where the cursor is, or in any tab. */
  readonly turnChance: number;
  readonly anywhereChance: number;
  readonly opensPerMinute: number;
  /** The page goes away in an orderly way (`pagehide`), or the document is closed in a page that stays. */
  readonly leavesPerMinute: number;
  readonly closesPerMinute: number;
  /** The page dies: a crash, or the browser discards it. */
  readonly crashesPerMinute: number;
  /** Nothing runs in a tab for a while: it is frozen, or a script blocks it. */
  readonly freezesPerMinute: number;
  readonly freezeMs: number;
  /** Between tabs; in order for each two of them. */
  readonly messageMs: number;
  /** How long the lock manager takes to answer. */
  readonly lockMs: number;
  /** One request to the device. */
  readonly deviceMs: number;
  readonly slowLoadChance: number;
  /** The device cannot be written for a while: less than its session waits for it (device-patience.ts). */
  readonly fullsPerMinute: number;
  readonly fullMs: number;
  readonly network: NetworkFaults;
}

export function tabsConfigurationOf(seed: number): TabsConfiguration {
  const random = new Random(`tabs/${seed}`);
  const rate = (max: number): number =>
    random.chance(0.5) ? 0 : Math.max(max / 20, max * random.next() ** 2);
  const tabs = random.pick([1, 2, 2, 3, 3, 4]);
  return {
    seed,
    durationMs: random.integer(3_000, 20_000),
    tabs,
    tabsMax: tabs + random.integer(0, 2),
    actions: random.integer(5, 60),
    paceMs: random.pick([15, 80, 300, 1_000]),
    pauseMs: random.pick([500, 3_000, 8_000]),
    pauseChance: random.pick([0.02, 0.1, 0.3]),
    turnChance: random.pick([0.05, 0.3, 0.8]),
    anywhereChance: random.pick([0, 0.1, 0.5]),
    opensPerMinute: rate(20),
    leavesPerMinute: rate(20),
    closesPerMinute: rate(15),
    crashesPerMinute: rate(15),
    freezesPerMinute: rate(20),
    freezeMs: random.pick([200, 2_000, 6_000, 20_000]),
    messageMs: random.pick([1, 10, 100, 1_000]),
    lockMs: random.pick([1, 10, 200]),
    deviceMs: random.pick([1, 8, 60, 300]),
    slowLoadChance: random.pick([0, 0, 0.3]),
    fullsPerMinute: rate(15),
    fullMs: random.pick([100, 500, 1_500]),
    network: {
      ...configurationOf(seed).network,
      latencyMs: random.pick([1, 20, 80, 400]),
      cutsPerMinute: rate(8),
      offlinePerMinute: rate(4),
      offlineMs: random.pick([1_000, 8_000]),
      ...{ lateNoticeChance: 0, duplicateChance: 0, dropChance: 0, reorderChance: 0 },
      briefChance: 0,
    },
  };
}
