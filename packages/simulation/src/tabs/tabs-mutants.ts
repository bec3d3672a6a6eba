/** Mechanisms of the election among tabs, each taken out of its core. */
import { inFolder } from '../mutant.ts';
import type { Replacement } from '../load-cores.ts';
import type { TabsConfiguration } from './tabs-configuration.ts';

export interface TabsMutant {
  readonly name: string;
  /** What is taken out, and where it is asked for. */
  readonly without: string;
  readonly replacements: readonly Replacement[];
  /** Turns up the faults that the mechanism is there for; the unmutated core stays green under them. */
  readonly focus: (configuration: TabsConfiguration) => TabsConfiguration;
}

const tabs = inFolder('packages/client/src/tabs/core');

/** Tabs are typed in by turns, some of them stand still, and the lead is taken over by force. */
const takenOver = (c: TabsConfiguration): TabsConfiguration => ({
  ...c,
  ...{ durationMs: 20_000, tabs: 3, tabsMax: 3, actions: 60, paceMs: 300, pauseChance: 0.1 },
  ...{ turnChance: 0.5, anywhereChance: 0.5, freezesPerMinute: 20, freezeMs: 20_000 },
});
/** Devices are full, so that leads are refused. */
const refused = (c: TabsConfiguration): TabsConfiguration => ({
  ...takenOver(c),
  ...{ freezesPerMinute: 0, fullsPerMinute: 15, fullMs: 1_500, deviceMs: 8 },
});
/** Tabs are typed in and turned away from at once. */
const turning = (c: TabsConfiguration): TabsConfiguration => ({
  ...takenOver(c),
  ...{ freezesPerMinute: 0, paceMs: 80, deviceMs: 60, fullsPerMinute: 0 },
});
const closing = (c: TabsConfiguration): TabsConfiguration => ({
  ...turning(c),
  ...{ closesPerMinute: 30, opensPerMinute: 40, messageMs: 100 },
});

const mutant = (
  name: string,
  without: string,
  focus: TabsMutant['focus'],
  ...replacements: Replacement[]
): TabsMutant => ({ name, without, focus, replacements });

export const tabsMutants: readonly TabsMutant[] = [
  mutant(
    'unwrittenForgotten',
    'what the device does not have of a lead that was taken over is typed anew',
    takenOver,
    tabs('if (!isNoOperation(edits)) mirror.edit(edits);', ''),
  ),
  mutant(
    'decidedTypedAnew',
    'what was in flight on the device and is decided is not typed anew',
    takenOver,
    tabs('now.nextSeq > seq && now.inFlight?.seq !== seq', 'now.nextSeq < seq'),
  ),
  mutant(
    'typedWhileSettling',
    'what is typed while the former session is being closed is kept',
    takenOver,
    tabs('mirror.edit(typed.typed, typed.typedEdits);', ''),
  ),
  mutant(
    'typedBeforeLeading',
    'what was typed in a mirror goes to the session that it leads with',
    turning,
    tabs('typed: isWaiting ? typed : null', 'typed: null'),
  ),
  mutant(
    'robbedWhileLoading',
    'a tab that lost the lock while it loaded the replica does not lead',
    (c) => ({ ...takenOver(c), slowLoadChance: 1, fullsPerMinute: 0 }),
    tabs("this.#mode !== 'taking' || this.#isRobbed", "this.#mode !== 'taking'"),
  ),
  mutant(
    'lockLostIgnored',
    'a tab that lost the lock steps down',
    takenOver,
    tabs("else if (this.#mode === 'leading') this.#stepDown('takeover');", ''),
  ),
  mutant(
    'handOffIgnored',
    'the tab that keeps the lead takes over what is handed off to it',
    refused,
    tabs('if (this.#isFor(message)) this.#typing.adopt(message);', ''),
  ),
  mutant(
    'handOffKept',
    'what was handed off is not typed a second time',
    refused,
    tabs('this.mirror = new Mirror(visible);', ''),
  ),
  mutant(
    'handOffToTwo',
    'of a leader and the tab whose lead it took over only one takes what is handed off',
    (c) => ({ ...takenOver(c), fullsPerMinute: 15, fullMs: 1_500, deviceMs: 8 }),
    tabs(
      'to === undefined ? this.#ledLast : this.#telling.isOwn(to)',
      'this.#ledLast || to === -1',
    ),
  ),
  mutant(
    'missedChange',
    'a mirror that missed a change asks for everything',
    turning,
    tabs('if (count !== this.#count + 1) return null;', ''),
  ),
  mutant(
    'unansweredForgotten',
    'a mirror whose leader does not answer takes the lead',
    (c) => ({
      ...turning(c),
      ...{ crashesPerMinute: 6, opensPerMinute: 0, leavesPerMinute: 0, closesPerMinute: 0 },
      ...{ actions: 8, anywhereChance: 0.8, turnChance: 0 },
    }),
    tabs("return this.#want();\n      case 'handOver'", "return;\n      case 'handOver'"),
  ),
  mutant(
    'settledAndForgotten',
    'a tab that takes the lead again asks for the lock when it has settled',
    turning,
    tabs(
      "if (this.#mode === 'taking') return this.#request();",
      "if (this.#mode === 'taking') return;",
    ),
  ),
  mutant(
    'closedWithTyped',
    'what was typed in a tab that is closed is put into the queue, or handed off',
    closing,
    tabs('if (this.#view.isWaiting) {', 'if (this.#view.isWaiting && this.#nowMs < 0) {'),
  ),
];

/** Every mutant is red within this many seeds. */
export const TABS_MUTANT_SEEDS = 300;
