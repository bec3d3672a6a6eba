/** Mechanisms of effects and anchors, each taken out (docs/protocol.md#effects). */
import type { Configuration } from './configuration.ts';
import {
  dyingPages,
  focused,
  inFolder,
  longTails,
  mutant,
  restored,
  standingStill,
  type Mutant,
} from './mutant.ts';

const client = inFolder('packages/client/src/core');
const owner = inFolder('apps/server/src/documents/core');
const ot = inFolder('packages/ot/src');

/** Everybody marks, with an app and a server that know it. */
const marking = (c: Configuration): Configuration => ({
  ...c,
  marks: { chance: 0.5, isServerOlder: false, olderAppChance: 0 },
});
/** Operations are cut, and outgrow the limits while they are moved. */
const smallMessages = (c: Configuration): Configuration => ({
  ...c,
  cores: 'production',
  durationMs: 10_000,
  slowness: 1,
  editors: 3,
  editsPerEditor: 12,
  burstMs: 60,
  reach: 8,
  accessChangesPerMinute: 0,
  limits: {
    ...c.limits,
    messageBytes: 500,
    operationBytes: 90,
    operationComponents: 4,
    documentCodePoints: 100_000,
  },
  network: { ...c.network, latencyMs: 80, offlinePerMinute: 6, offlineMs: 2_000 },
});
/** Pages of an app that knows no effects are opened again by one that does. */
const updatedApps = (c: Configuration): Configuration => ({
  ...c,
  marks: { chance: 0.5, isServerOlder: false, olderAppChance: 0.7 },
  device: { ...c.device, reloadsPerMinute: 20, powerLossChance: 0 },
});
/** People come back to what others did meanwhile, all in one place: many changes are moved over as one. */
const backFromAway = (c: Configuration): Configuration => ({
  ...c,
  cores: 'production',
  durationMs: 20_000,
  slowness: 1,
  editors: 4,
  editsPerEditor: 30,
  burstMs: 60,
  pauseMs: 1_000,
  reach: 8,
  history: 20,
  accessChangesPerMinute: 0,
  attacksPerMinute: 0,
  network: {
    ...c.network,
    latencyMs: 80,
    cutsPerMinute: 12,
    offlinePerMinute: 8,
    offlineMs: 4_000,
  },
  device: { ...c.device, strictMs: 2, failChance: 0, stallChance: 0, reloadsPerMinute: 0 },
  store: { ...c.store, appendMs: 100, unavailableChance: 0 },
});
const marked = (unfocused: Mutant): Mutant => focused(marking, unfocused);
const markedWhile = (focus: NonNullable<Mutant['focus']>, unfocused: Mutant): Mutant =>
  focused((c) => marking(focus(c)), unfocused);

export const effectMutants: readonly Mutant[] = [
  marked(
    mutant(
      'pendingEffectsNotMoved',
      'pending effects move with the visible text',
      client(`const moved = types.move(pending, visible);`, `const moved = pending;`),
    ),
  ),
  marked(
    mutant(
      'effectsNotMovedOverCommitted',
      'effects of a change that is not committed move over what is',
      ot(`effects: types.move(effects, transformCommitted(committed, op)) };`, `effects };`),
    ),
  ),
  marked(
    mutant(
      'effectsMovedFromTheBase',
      'effects are in the text that their own operation makes, and move over the others as they read there',
      ot(
        `types.move(effects, transformCommitted(committed, op))`,
        `types.move(effects, committed)`,
      ),
    ),
  ),
  marked(
    mutant(
      'ownerLeavesEffects',
      'the owner moves the effects of a change with it',
      owner(`          effects = moved.effects;\n`, ``),
    ),
  ),
  marked(
    mutant(
      'composedUnmoved',
      'composing moves the effects of the first change through the operation of the second',
      ot(`const moved = this.move(first, operation);`, `const moved = first;`),
    ),
  ),
  markedWhile(
    smallMessages,
    mutant(
      'putBackUnmoved',
      'what was in flight is put back in front of what is pending, moved through it',
      client(
        `effects.types.compose(inFlight, pending, effects.pending)`,
        `[...inFlight, ...effects.pending]`,
      ),
    ),
  ),
  markedWhile(
    smallMessages,
    mutant(
      'effectsWithTheFirstPart',
      'effects go with the last part of an operation that is cut',
      client(`if (pending.length === 0 || !isLast)`, `if (pending.length === 0)`),
    ),
  ),
  marked(
    mutant(
      'effectsAloneNotSent',
      'a change may have effects and no text',
      client(
        `return !isNoOperation(pending) || effects.pending.length > 0;`,
        `return !isNoOperation(pending);`,
      ),
    ),
  ),
  markedWhile(
    smallMessages,
    mutant(
      'effectsUnmeasured',
      'a change is measured with its effects before it is sent',
      client(`envelopeBytes(submission) + bytes + sentBytes(effects) <=`, `envelopeBytes(submission) + bytes <=`),
      client(`const room = messageBytes - operationBytes(operation) - FIELD_BYTES;`, `const room = Infinity;`),
    ), // prettier-ignore
  ),
  marked(
    mutant(
      'stateNotMoved',
      'the state moves with the text',
      ot(
        `if (before !== type.empty) next[name] = type.moveState(before, operation);`,
        `if (before === type.empty) continue;`,
      ),
    ),
  ),
  markedWhile(
    backFromAway,
    mutant(
      'stateOverTheRun',
      'the state goes over the changes of the log one by one, never composed',
      client(
        `this.#receive(composed, version + count - 1, run, null, null);`,
        `this.#receive(composed, version + count - 1, [{ op: composed, effects: run.flatMap((each) => each.effects ?? []) }], null, null);`,
      ),
    ),
  ),
  markedWhile(
    backFromAway,
    mutant(
      'ownEffectsBelieved',
      'the effects of an own change are those of the log, not those in flight',
      client(
        `moveOn(buffer.effects, [{ op, effects }], noOperation)`,
        `moveOn(buffer.effects, [{ op, effects: buffer.inFlight.effects }], noOperation)`,
      ),
    ),
  ),
  marked(
    mutant(
      'acknowledgedWithoutEffects',
      'an acknowledgement without its operation has the effects',
      owner(
        `const withoutOperation = ({ op: _op, ...rest }: LoggedOperation)`,
        `const withoutOperation = ({ op: _op, effects: _effects, ...rest }: LoggedOperation)`,
      ),
    ),
  ),
  marked(
    mutant(
      'checkpointWithoutState',
      'a checkpoint has the state beside the text',
      owner(
        `this.#effects.push({ type: 'checkpoint', version: this.#log.head, text, effectState });`,
        `this.#effects.push({ type: 'checkpoint', version: this.#log.head, text, effectState: undefined });`,
      ),
    ),
  ),
  marked(
    mutant(
      'openedWithoutState',
      'an owner begins with the state of the checkpoint',
      owner(`this.#state = effectState ?? effectTypes.initial;`, `this.#state = effectTypes.initial;`),
    ), // prettier-ignore
  ),
  markedWhile(
    longTails,
    mutant(
      'snapshotWithoutState',
      'a snapshot replaces the state with the text',
      client(
        `return state === effects.state ? effects : { ...effects, state };`,
        `return effects;`,
      ),
    ),
  ),
  focused(
    updatedApps,
    mutant(
      'unknownStateBelieved',
      'a state that is not one of all known types is asked for',
      client(
        `types.restore(replica.version === 0 ? types.initial : (replica.effectState ?? null))`,
        `types.restore(replica.effectState ?? types.initial)`,
      ),
    ),
  ),
  focused(
    (c) => ({ ...marking(c), history: 20 }),
    mutant(
      'lackUnheard',
      'a client that lacks the state is sent to a snapshot',
      owner(`diverged === true || lacksEffects === true;`, `diverged === true;`),
    ),
  ),
  markedWhile(
    dyingPages,
    mutant(
      'effectsNotKept',
      'the device keeps pending effects',
      client(`return { pendingEffects: pending, effectState: state };`, `return { effectState: state };`),
    ), // prettier-ignore
  ),
  focused(
    (c) => ({ ...c, marks: { chance: 0.5, isServerOlder: true, olderAppChance: 0 } }),
    mutant(
      'refusedEffectsCostText',
      'an effect that is refused costs no text',
      client(`else if (rejected.code === 'effectsRefused') this.#dropEffects(rejected);\n    `, ``),
    ),
  ),
  focused(
    (c) => ({ ...c, marks: { chance: 0.5, isServerOlder: true, olderAppChance: 0 } }),
    mutant(
      'effectsUnchecked',
      'the owner takes in effects of known types alone',
      owner(`if (!parsed.ok) return reject('effectsRefused', parsed.detail);`, ``),
      owner(`effects = parsed.effects;`, `effects = message.effects as readonly Effect[];`),
    ),
  ),
  markedWhile(
    restored,
    mutant(
      'copyWithoutEffects',
      'what a copy has not sent of effects goes along, moved over what others wrote',
      client(`types.move(inBranch, transformCommitted(theirs, mine))`, `unsent`),
    ),
  ),
  markedWhile(
    standingStill,
    mutant(
      'overtakenEffectsDropped',
      'a text does not tell whether effects of an overtaken row were sent',
      client(
        `if (inFlight?.effects !== undefined || effects.pending.length > 0) return false;`,
        ``,
      ),
    ),
  ),
  focused(
    (c) => ({
      ...marking(c),
      robberiesPerMinute: 12,
      marks: { ...marking(c).marks, olderAppChance: 0.5 },
    }),
    mutant(
      'strangeEffectsSent',
      'an app does not send effects that it cannot move',
      client(`types.known(replica.pendingEffects ?? noEffects)`, `replica.pendingEffects ?? noEffects`),
      client(`const known = types.known(effects);`, `const known = effects;`),
    ), // prettier-ignore
  ),
  marked(
    mutant(
      'biasIgnored',
      'an insertion at an anchor goes to the side that its bias says (docs/protocol.md#anchors)',
      ot(
        `if (position === read && (deleted > 0 || bias === 'before')) return written;`,
        `if (position === read) return written;`,
      ),
    ),
  ),
  marked(
    mutant(
      'formDecides',
      'insertions and deletions at one place are one replacement (docs/protocol.md#anchors)',
      ot(
        `if (position < read + deleted) return bias === 'before' ? written : written + inserted;`,
        `if (position <= read + deleted && deleted > 0) return bias === 'before' ? written : written + inserted;`,
      ),
    ),
  ),
  marked(
    mutant(
      'neverCollapsed',
      'an anchor says when the character that it held on to is gone (docs/protocol.md#anchors)',
      ot(
        `const isCollapsed = collapsed === true || deletes(operation, held);`,
        `const isCollapsed = collapsed === true;`,
      ),
    ),
  ),
];
