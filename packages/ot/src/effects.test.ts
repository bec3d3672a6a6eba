import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveAnchor, parseAnchor, type Anchor } from './anchor.ts';
import { DocumentText } from './document-text.ts';
import {
  effectBytes,
  effectsWithin,
  EffectTypes,
  moveAnchors,
  noEffects,
  noEffectTypes,
  transformChange,
  type Effect,
  type EffectType,
} from './effects.ts';
import { compose, transformUncommitted } from './operation.ts';
import { operationOn, stepsOf, textOf } from './test-texts.ts';

interface Mark {
  readonly id: string;
  readonly anchor: Anchor;
}
const marks: EffectType<Mark, Readonly<Record<string, { readonly anchor: Anchor }>>> = {
  name: 'mark',
  parse(candidate, length) {
    const { id, anchor } = (candidate ?? {}) as Partial<Mark>;
    const parsed = parseAnchor(anchor, length);
    return typeof id === 'string' && parsed !== null ? { id, anchor: parsed } : null;
  },
  move(mark, operation) {
    const anchor = moveAnchor(mark.anchor, operation);
    return anchor === mark.anchor ? mark : { ...mark, anchor };
  },
  empty: {},
  apply: (state, { id, anchor }) => ({ ...state, [id]: { anchor } }),
  moveState: moveAnchors,
};
/** The last one that was set. */
const color: EffectType<string, string> = {
  name: 'color',
  parse: (candidate) => (typeof candidate === 'string' ? candidate : null),
  move: (value) => value,
  compose: (_first, second) => second,
  empty: '',
  apply: (_state, value) => value,
  moveState: (state) => state,
};
const types = new EffectTypes([marks, color]);
const limits = { effects: 3, effectBytes: 200 };
const markAt = (position: number, id = 'm'): Effect => ({
  type: 'mark',
  value: { id, anchor: { position, bias: 'after' } },
});
const colored = (value: string): Effect => ({ type: 'color', value });

describe('effects of one change', () => {
  it('move over a committed operation as it reads behind their own one', () => {
    const character = '\u{20000}';
    fc.assert(
      fc.property(textOf(6), textOf(6), stepsOf(4), stepsOf(4), (before, after, plan, other) => {
        const base = DocumentText.from(before + after);
        const own = operationOn(base.lengthCodePoints, plan);
        const committed = operationOn(base.lengthCodePoints, other);
        const length = base.apply(own).lengthCodePoints;
        const position = Math.floor(length / 2);
        // Typed by the same change: no committed operation can delete it.
        const op = compose(own, position === 0 ? [character] : [position, character]);
        const change = transformChange(types, { op, effects: [markAt(position)] }, committed);
        expect(change.op).toEqual(transformUncommitted(op, committed));
        const text = Array.from(base.apply(committed).apply(change.op).toString());
        const [mark] = change.effects ?? [];
        expect((mark?.value as Mark).anchor).toEqual({
          position: text.indexOf(character),
          bias: 'after',
        });
      }),
      { numRuns: 1_000 },
    );
  });

  it('keep a change without any as it is', () => {
    expect(transformChange(types, { op: [1, 'a'] }, ['b'])).toEqual({ op: [2, 'a'] });
    expect(types.move(noEffects, ['b'])).toBe(noEffects);
  });

  it('are composed with those of the next change: moved, in their order, one in place of two where the type says so', () => {
    const first = [markAt(1, 'a'), colored('red'), markAt(2, 'b')];
    expect(types.compose(first, ['x'], [colored('blue'), markAt(0, 'c')])).toEqual([
      ...[markAt(2, 'a'), colored('blue'), markAt(3, 'b'), markAt(0, 'c')],
    ]);
    const second = [colored('blue')];
    expect(types.compose(noEffects, ['x'], second)).toBe(second);
  });

  it('of a type that is not known are kept and not moved, and lead to no state', () => {
    const strange = [{ type: 'strange', value: { position: 3 } }];
    expect(types.known([...strange, markAt(0)])).toEqual([markAt(0)]);
    const known = [markAt(0)];
    expect(types.known(known)).toBe(known);
    expect(types.move(strange, ['x'])).toEqual(strange);
    expect(types.compose(strange, ['x'], strange)).toEqual([...strange, ...strange]);
    expect(noEffectTypes.apply(noEffectTypes.initial, ['x'], strange)).toEqual({});
  });

  it.each<[string, unknown]>([
    ['no list', { 0: markAt(0) }],
    ['an empty list', []],
    ['nothing', [null]],
    ['an unknown type', [{ type: 'strange', value: 1 }]],
    ['a type of every object', [{ type: 'constructor', value: 1 }]],
    ['another key', [{ ...markAt(0), other: 1 }]],
    ['a malformed value', [{ type: 'mark', value: { id: 'm' } }]],
    ['a place behind the text', [markAt(4)]],
    ['too many', [markAt(0), markAt(0), markAt(0), markAt(0)]],
    ['too much', [colored('x'.repeat(200))]],
  ])('are refused: %s', (_name, candidate) => {
    const result = types.parse(candidate, 3, limits);
    expect(result.ok).toBe(false);
  });

  it('are taken in when each is one of its type in the text', () => {
    const effects = [markAt(3), colored('red')];
    expect(types.parse(effects, 3, limits)).toEqual({ ok: true, effects });
    expect(noEffectTypes.parse(effects, 3, limits).ok).toBe(false);
  });

  it('are measured as they are encoded', () => {
    fc.assert(
      fc.property(fc.array(textOf(5)), (texts) => {
        const effects = texts.map(colored);
        const encoded = new TextEncoder().encode(JSON.stringify(effects)).length;
        expect(effectBytes(effects)).toBe(encoded);
        const all = { effects: 100, effectBytes: encoded };
        expect(effectsWithin(effects, all)).toBe(effects.length);
        if (effects.length === 0) return;
        expect(effectsWithin(effects, { ...all, effectBytes: encoded - 1 })).toBe(texts.length - 1);
        expect(effectsWithin(effects, { ...all, effects: 1 })).toBe(1);
      }),
    );
  });
});

describe('the state that effects lead to', () => {
  it('moves with the text, and has what each change did to it', () => {
    let state = types.apply(types.initial, ['abc'], [markAt(1)]);
    state = types.apply(state, ['x'], undefined);
    state = types.apply(state, [], [colored('red')]);
    expect(state).toEqual({
      mark: { m: { anchor: { position: 2, bias: 'after' } } },
      color: 'red',
    });
  });

  it('is the same object as long as there is nothing in it', () => {
    expect(types.apply(types.initial, ['abc'], undefined)).toBe(types.initial);
    expect(noEffectTypes.apply(noEffectTypes.initial, ['abc'], [markAt(1)])).toBe(
      noEffectTypes.initial,
    );
  });

  it('that was kept is only taken when it is one of all types, and has nothing of others', () => {
    const state = types.apply(types.initial, ['abc'], [markAt(1)]);
    const kept = JSON.parse(JSON.stringify({ ...state, strange: 1 })) as typeof state;
    expect(types.restore(kept)).toEqual(state);
    const initial = JSON.parse(JSON.stringify(types.initial)) as typeof state;
    expect(types.restore(initial)).toBe(types.initial);
    expect(types.restore({ mark: {} })).toBeNull();
    expect(types.restore(null)).toBeNull();
    expect(noEffectTypes.restore(null)).toBe(noEffectTypes.initial);
  });
});
