import {
  DocumentText,
  EffectTypes,
  moveAnchor,
  parseAnchor,
  type Anchor,
  type EffectType,
} from '@concord/ot';
import { defaultLimits, EFFECTS_PER_CHANGE } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import type { LoggedOperation } from '../../store/ports/store.ts';
import { DocumentOwner } from './document-owner.ts';
import { bodyIn, documentId, everybodyEdits, Scene, typesIn } from './test-scene.ts';

/** Of a document with one place that is marked. */
const flag: EffectType<Anchor, Anchor | null> = {
  name: 'flag',
  parse: parseAnchor,
  move: moveAnchor,
  empty: null,
  apply: (_state, anchor) => anchor,
  moveState: (state, operation) => (state === null ? null : moveAnchor(state, operation)),
};
const flagAt = (position: number) => [{ type: 'flag', value: { position, bias: 'after' } }];

class FlagScene extends Scene {
  override readonly owner = new DocumentOwner({
    documentId,
    historyId: 'history',
    title: 'Title',
    titleVersion: 0,
    limits: defaultLimits,
    access: everybodyEdits,
    version: 0,
    text: DocumentText.from('text'),
    tail: [],
    effectTypes: new EffectTypes([flag]),
  });

  change(name: string, seq: number, op: LoggedOperation['op'], effects: unknown, baseVersion = 0) {
    const session = this.session(name);
    const message = { seq, baseVersion, op, effects };
    const submitted = this.step({ type: 'submit', session, message });
    return typesIn(submitted).includes('flushSoon') ? this.step({ type: 'flush' }, 0) : submitted;
  }
}

describe('effects', () => {
  it('are logged and broadcast with their operation, moved over what was committed since', () => {
    const scene = new FlagScene();
    scene.join('ann');
    scene.join('bob');
    scene.submit('ann', 1, ['more ']);
    scene.step({ type: 'appended' });
    const appended = scene.change('bob', 1, [4, 's'], flagAt(5));
    const entry = { seq: 1, op: [9, 's'], effects: flagAt(10) };
    expect(appended).toMatchObject([{ type: 'append', batch: { operations: [entry] } }]);
    const committed = scene.step({ type: 'appended' });
    expect(bodyIn(committed, 'operations')).toMatchObject({ operations: [entry] });
    expect(scene.owner.effectState).toEqual({ flag: { position: 10, bias: 'after' } });
  });

  it('may come without text, and are in the acknowledgement of a large operation', () => {
    const scene = new FlagScene();
    scene.join('ann');
    expect(typesIn(scene.change('ann', 1, [], flagAt(4)))).toEqual(['append']);
    scene.step({ type: 'appended' });
    expect(scene.owner.text.toString()).toBe('text');
    scene.change('ann', 2, ['x'.repeat(5_000)], flagAt(0), 1);
    const [operation] = (
      bodyIn(scene.step({ type: 'appended' }), 'operations') as { operations: object[] }
    ).operations;
    expect(operation).toMatchObject({ seq: 2, effects: flagAt(0) });
    expect(operation).not.toHaveProperty('op');
  });

  it.each<[string, unknown]>([
    ['no list', 'flag'],
    ['an unknown type', [{ type: 'strange', value: 1 }]],
    ['a place that the text does not have', flagAt(7)],
    ['too many', Array.from({ length: EFFECTS_PER_CHANGE + 1 }, () => flagAt(0)[0])],
  ])('that are wrong use up the number, and cost nothing else: %s', (_name, effects) => {
    const scene = new FlagScene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const rejected = scene.change('ann', 2, ['B'], effects, 1);
    expect(bodyIn(rejected, 'rejected')).toMatchObject({
      code: 'effectsRefused',
      retryable: false,
    });
    expect(typesIn(scene.submit('ann', 3, ['B'], 1))).toEqual(['append']);
  });

  it('are refused by a server that knows no type', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const message = { seq: 2, baseVersion: 1, op: [], effects: flagAt(0) };
    const rejected = scene.step({ type: 'submit', session: scene.session('ann'), message });
    expect(bodyIn(rejected, 'rejected')).toMatchObject({ code: 'effectsRefused' });
  });

  it('leave a plain entry and a plain checkpoint as they were before there were effects', () => {
    const scene = new FlagScene();
    scene.join('ann');
    const [append] = scene.submit('ann', 1, ['A']);
    expect(JSON.stringify(append)).not.toContain('effects');
    scene.step({ type: 'appended' });
    expect(scene.owner.effectState).toBeUndefined();
  });

  it('send a client that lacks their state to a snapshot', () => {
    const scene = new FlagScene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const joined = scene.join('bob', { version: 1, lacksEffects: true });
    expect(bodyIn(joined, 'resync')).toMatchObject({ version: 1 });
  });
});
