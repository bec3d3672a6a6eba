/** Mutants, and the fault configurations (focuses) that make them fail within few seeds. */
import { MESSAGE_BYTES_MIN, type Configuration } from './configuration.ts';
import type { Replacement } from './load-cores.ts';

export interface Mutant {
  readonly name: string;
  /** The rule that is removed, and where it is documented. */
  readonly without: string;
  readonly replacements: readonly Replacement[];
  /**
   * Raises the rates of the faults that the mechanism handles, where most seeds have few of them. The unmutated cores
   * must stay green on the same configurations.
   */
  readonly focus?: (configuration: Configuration) => Configuration;
}

/** Replaces a text that occurs once in a folder of the cores. */
export const inFolder =
  (folder: string) =>
  (find: string, replace: string): Replacement => ({ folder, find, replace });

export const mutant = (name: string, without: string, ...replacements: Replacement[]): Mutant => ({
  name,
  without,
  replacements,
});

export const focused = (focus: NonNullable<Mutant['focus']>, unfocused: Mutant): Mutant => ({
  ...unfocused,
  focus,
});

/** What a command says of a name that is no mutant's. */
export const noSuchMutant = (name: string, known: readonly { readonly name: string }[]): string =>
  `There is no mutant ${name} in the build; compile one that is new with npm run typecheck.\n` +
  `There are these: ${known.map((each) => each.name).join(', ')}`;

export const dyingPages = (c: Configuration): Configuration => ({
  ...c,
  device: {
    ...c.device,
    reloadsPerMinute: 20,
    strictMs: 1_500,
    powerLossChance: 0.8,
    flushMs: 30_000,
  },
});
export const failingDevices = (c: Configuration): Configuration => ({
  ...c,
  device: { ...c.device, reloadsPerMinute: 12, failChance: 0.3 },
});
export const robbed = (c: Configuration): Configuration => ({
  ...c,
  robberiesPerMinute: 20,
  network: { ...c.network, cutsPerMinute: 6 },
});
/** Lead takeovers while devices fail and lose relaxed writes. */
export const robbedAndFailing = (c: Configuration): Configuration => ({
  ...robbed(failingDevices(dyingPages(c))),
  network: { ...c.network, latencyMs: 80, cutsPerMinute: 6 },
});
/** Tabs learn late that they lost the lead, because their devices fail, and rejoin often. */
export const robbedUnawares = (c: Configuration): Configuration => ({
  ...robbed(c),
  editsPerEditor: 40,
  network: { ...c.network, latencyMs: 20, cutsPerMinute: 30 },
  device: { ...c.device, ...{ failChance: 0.6, strictMs: 150, reloadsPerMinute: 0 } },
});
/** Operations outgrow the limits, and failed appends land late, with few other writes. */
export const lateAndTooLarge = (c: Configuration): Configuration => ({
  ...failingLastAppends(c),
  cores: 'production',
  editors: 3,
  editsPerEditor: 12,
  burstMs: 60,
  reach: 1,
  accessChangesPerMinute: 0,
  limits: { ...c.limits, operationBytes: 64, operationComponents: 2, documentCodePoints: 100_000 },
  network: { ...c.network, latencyMs: 80, cutsPerMinute: 0 },
});
/** Concurrent renames, late or lost responses, and crashes of pages and processes. */
export const renaming = (c: Configuration): Configuration => ({
  ...c,
  durationMs: 12_000,
  slowness: 1,
  editors: 4,
  editsPerEditor: 3,
  renamesPerMinute: 30,
  accessChangesPerMinute: 0,
  restoresPerMinute: 0,
  network: { ...c.network, latencyMs: 80, dropChance: 0, cutsPerMinute: 6 },
  device: { ...c.device, reloadsPerMinute: 6, failChance: 0 },
});
/** Concurrent renames over a network that reorders frames. */
export const renamingOutOfOrder = (c: Configuration): Configuration => ({
  ...renaming(c),
  network: { ...renaming(c).network, latencyMs: 400, reorderChance: 0.5, duplicateChance: 0.15 },
  store: { ...c.store, appendMs: 100 },
});
/** Concurrent renames with a store that reports failures of writes that succeeded, and pages that lose state. */
export const renamingInVain = (c: Configuration): Configuration => ({
  ...renaming(c),
  store: { ...c.store, unavailableChance: 0.4 },
  device: { ...c.device, reloadsPerMinute: 20, failChance: 0.9 },
});
export const madeOffline = (c: Configuration): Configuration => ({
  ...c,
  history: 0,
  isMadeOffline: true,
  device: { ...c.device, reloadsPerMinute: 12 },
});
export const lostFrames = (c: Configuration): Configuration => ({
  ...c,
  network: { ...c.network, dropChance: 0.08 },
});
export const failingAppends = (c: Configuration): Configuration => ({
  ...c,
  store: { ...c.store, unavailableChance: 0.15, lateChance: 0.8 },
});
/** Few edits, so that the last append is often in doubt. */
export const failingLastAppends = (c: Configuration): Configuration => ({
  ...failingAppends(c),
  editsPerEditor: 3,
  store: { ...c.store, unavailableChance: 0.4, lateChance: 0.8 },
});
/** Fast typing with frequent disconnections. */
export const hastyAndCut = (c: Configuration): Configuration => ({
  ...c,
  slowness: 1,
  editors: 2,
  editsPerEditor: 200,
  burstMs: 10,
  pauseChance: 0,
  attacksPerMinute: 0,
  accessChangesPerMinute: 0,
  limits: { ...c.limits, operationsPerSecond: 2, operationsBurst: 4 },
  network: { ...c.network, latencyMs: 1, cutsPerMinute: 60 },
  server: { ...c.server, killsPerMinute: 0, stopsPerMinute: 0 },
});
/** Tails exceed their limit early, and joins overtake earlier frames. */
export const longTails = (c: Configuration): Configuration => ({
  ...c,
  cores: 'scaled',
  editors: 5,
  editsPerEditor: 12,
  burstMs: 10,
  pauseMs: 1_000,
  accessChangesPerMinute: 0,
  limits: { ...c.limits, operationsPerSecond: 50, operationsBurst: 200 },
  network: { ...c.network, latencyMs: 80, cutsPerMinute: 0, dropChance: 0, reorderChance: 0.3 },
  device: { ...c.device, strictMs: 20, stallChance: 0, failChance: 0, reloadsPerMinute: 0 },
  store: { ...c.store, appendMs: 100, slowChance: 0.3, unavailableChance: 0, readFailChance: 0 },
});
/** Long tails with a latency at which fetching a snapshot takes longer than an append. */
export const longTailsFarApart = (c: Configuration): Configuration => {
  const base = longTails(c);
  return {
    ...base,
    editors: 8,
    editsPerEditor: 30,
    network: { ...base.network, latencyMs: 250 },
    store: { ...base.store, appendMs: 50, slowChance: 0.5 },
  };
};
/** More clients than the owner remembers come and go. */
export const forgotten = (c: Configuration): Configuration => ({
  ...c,
  cores: 'scaled',
  editors: 6,
  editsPerEditor: 20,
  network: { ...c.network, cutsPerMinute: 30 },
  device: { ...c.device, reloadsPerMinute: 12 },
});
export const malice = (c: Configuration): Configuration => ({ ...c, attacksPerMinute: 400 });
/** A restarted owner must load client positions from the store. */
export const maliceAfterRestart = (c: Configuration): Configuration => ({
  ...malice(c),
  server: { ...c.server, killsPerMinute: 10, downMs: 500 },
  store: { ...c.store, appendMs: 100 },
});
export const fullDocument = (c: Configuration): Configuration => ({
  ...c,
  limits: { ...c.limits, documentCodePoints: 60 },
  server: { ...c.server, killsPerMinute: 6, downMs: 500 },
});
/** Clients get retryable rejections, then permanent ones. */
export const slowStore = (c: Configuration): Configuration => ({
  ...fullDocument(c),
  cores: 'scaled',
  editors: 6,
  store: { ...c.store, appendMs: 100, slowChance: 0.4, unavailableChance: 0 },
  server: { ...c.server, killsPerMinute: 0 },
});
/** Roles change often, and most notifications of the owner are lost. */
export const changingRoles = (c: Configuration): Configuration => ({
  ...c,
  accessChangesPerMinute: 20,
  accessNoticeLossChance: 0.7,
  store: { ...c.store, readFailChance: 0 },
});
/** A single client goes offline and online, with no other traffic in the document. */
export const lonelyRoles = (c: Configuration): Configuration => ({
  ...c,
  cores: 'production',
  durationMs: 90_000 * c.slowness,
  editors: 1,
  viewers: 0,
  attacksPerMinute: 0,
  accessChangesPerMinute: 10,
  accessNoticeLossChance: 1,
  network: { ...c.network, cutsPerMinute: 0, offlinePerMinute: 3, offlineMs: 45_000 },
  server: { ...c.server, killsPerMinute: 0, stopsPerMinute: 0 },
  store: { ...c.store, readFailChance: 0, unavailableChance: 0 },
});
/** Reordered frames, also about roles, until shortly before faults stop. */
export const overtakingRoles = (c: Configuration): Configuration => ({
  ...changingRoles(c),
  durationMs: 6_000,
  slowness: 1,
  editors: 6,
  burstMs: 60,
  attacksPerMinute: 0,
  accessChangesPerMinute: 200,
  accessNoticeLossChance: 0,
  network: { ...c.network, latencyMs: 20, cutsPerMinute: 0, dropChance: 0.1, reorderChance: 0.4 },
  device: { ...c.device, reloadsPerMinute: 0 },
});
/** Changing roles beside a malicious client. */
export const goneRoles = (c: Configuration): Configuration => ({ ...changingRoles(malice(c)) });
export const shortProofs = (c: Configuration): Configuration => ({ ...malice(c), proofMs: 3_000 });
export const apiEdits = (c: Configuration): Configuration => ({ ...c, apiEditsPerMinute: 60 });
/** REST edits with kills and store failures, so that they are retried. */
export const repeatedApiEdits = (c: Configuration): Configuration => ({
  ...apiEdits(failingAppends(c)),
  server: { ...c.server, killsPerMinute: 10, downMs: 500 },
  store: { ...failingAppends(c).store, appendMs: 100 },
});
/** Operations near the message limit are transformed over much before they are resent. */
export const outgrowing = (c: Configuration): Configuration => ({
  ...c,
  cores: 'production',
  editors: 6,
  editsPerEditor: 40,
  burstMs: 60,
  history: 60,
  accessChangesPerMinute: 0,
  limits: {
    ...c.limits,
    messageBytes: MESSAGE_BYTES_MIN,
    operationBytes: 600,
    operationComponents: 50,
    documentCodePoints: 100_000,
    operationsPerSecond: 50,
    operationsBurst: 200,
  },
  network: {
    ...c.network,
    latencyMs: 80,
    cutsPerMinute: 6,
    offlinePerMinute: 6,
    offlineMs: 15_000,
  },
});
/** Stalled devices, while pages crash and reload. */
export const standingStill = (c: Configuration): Configuration => ({
  ...c,
  durationMs: 60_000 * c.slowness,
  editsPerEditor: 40,
  pauseMs: 4_000,
  accessChangesPerMinute: 0,
  standstills: { perMinute: 4, ms: 20_000 },
  device: { ...c.device, reloadsPerMinute: 6, powerLossChance: 0.2, strictMs: 20, failChance: 0 },
});
/** Stalled devices, while connections break. */
export const standingStillAndCut = (c: Configuration): Configuration => ({
  ...standingStill(c),
  standstills: { perMinute: 12, ms: 20_000 },
  network: { ...c.network, cutsPerMinute: 30, latencyMs: 20 },
  device: { ...standingStill(c).device, reloadsPerMinute: 12, strictMs: 150, failChance: 0.1 },
});
/** Stalled devices, with networks down for longer than the device timeout. */
export const standingStillOffline = (c: Configuration): Configuration => ({
  ...standingStill(c),
  standstills: { perMinute: 6, ms: 60_000 },
  network: { ...c.network, offlinePerMinute: 8, offlineMs: 8_000, latencyMs: 80 },
  device: { ...standingStill(c).device, strictMs: 1_500, powerLossChance: 0 },
});
/** Stalls shorter than the device timeout, so that responses are late but arrive. */
export const answeringLate = (c: Configuration): Configuration => ({
  ...standingStill(c),
  standstills: { perMinute: 20, ms: 2_500 },
  device: { ...standingStill(c).device, reloadsPerMinute: 20, strictMs: 150, stallChance: 0 },
});
/** Connections are lost right after the join, with nothing to send. */
export const briefConnections = (c: Configuration): Configuration => ({
  ...c,
  durationMs: 80_000,
  slowness: 1,
  editsPerEditor: 2,
  network: {
    ...c.network,
    ...{ latencyMs: 1, stallChance: 0, cutsPerMinute: 0, lateNoticeChance: 0, offlinePerMinute: 0 },
    briefChance: 1,
  },
  device: { ...c.device, reloadsPerMinute: 0, strictMs: 2, stallChance: 0 },
  server: { ...c.server, killsPerMinute: 0, stopsPerMinute: 0, pausesPerMinute: 0 },
  robberiesPerMinute: 0,
});
/** Pages with stalled devices crash, and return while the store still writes their operations. */
export const forgettingPages = (c: Configuration): Configuration => ({
  ...standingStill(c),
  durationMs: 20_000,
  slowness: 1,
  editors: 6,
  viewers: 0,
  pauseMs: 1_000,
  pauseChance: 0.3,
  standstills: { perMinute: 12, ms: 90_000 },
  network: { ...c.network, latencyMs: 1 },
  store: { ...c.store, slowChance: 1, readFailChance: 0, unavailableChance: 0 },
  device: { ...standingStill(c).device, reloadsPerMinute: 9, strictMs: 2, powerLossChance: 1 },
});
/** Duplicate joins, the second of which arrives with the next one; each reads the log. */
export const joiningAgain = (c: Configuration): Configuration => ({
  ...c,
  cores: 'scaled',
  durationMs: 40_000,
  slowness: 1,
  restoresPerMinute: 0,
  apiEditsPerMinute: 30,
  network: {
    ...c.network,
    ...{
      latencyMs: 20,
      stallChance: 0.02,
      duplicateChance: 0.2,
      dropChance: 0.03,
      reorderChance: 0.01,
    },
  },
  store: { ...c.store, readFailChance: 0, unavailableChance: 0 },
});
/** Older backups are restored while people write. */
export const restored = (c: Configuration): Configuration => ({
  ...c,
  durationMs: 40_000,
  slowness: 1,
  editors: 4,
  editsPerEditor: 40,
  pauseMs: 4_000,
  accessChangesPerMinute: 0,
  restoresPerMinute: 6,
  server: { ...c.server, downMs: 500 },
});
/** Restores with device rows from versions without proofs of history. */
export const unproven = (c: Configuration): Configuration => ({
  ...restored(c),
  history: 60,
  restoresPerMinute: 12,
});
/** A client leaves the document but stays connected, seldom rejoins, and loses its role. */
export const leavers = (c: Configuration): Configuration => ({
  ...c,
  durationMs: 60_000 * c.slowness,
  attacksPerMinute: 12,
  accessChangesPerMinute: 40,
  accessNoticeLossChance: 0,
  editors: 2,
  viewers: 0,
  editsPerEditor: 40,
  pauseMs: 4_000,
  pauseChance: 0.3,
});
export const lostRoles = (c: Configuration): Configuration => ({
  ...changingRoles(lostFrames(c)),
  durationMs: 20_000 * c.slowness,
  editsPerEditor: 5,
});
