import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveAnchor, movePosition, parseAnchor, type Anchor, type Bias } from './anchor.ts';
import { DocumentText } from './document-text.ts';
import {
  transformCommitted,
  transformUncommitted,
  type Component,
  type TextOperation,
} from './operation.ts';
import { operationOn, stepsOf, textOf } from './test-texts.ts';

const text = textOf(12);
const steps = stepsOf(6);
const bias = fc.constantFrom<Bias>('before', 'after');

/** A text whose code points are all different, so that each is found again. */
const unique = (length: number): string[] =>
  Array.from({ length }, (_, i) => String.fromCodePoint(0x20000 + i));

/** The character that an anchor holds on to; undefined at the border of the text. */
const held = (characters: readonly string[], { position, bias: side }: Anchor) =>
  characters[side === 'before' ? position - 1 : position];

describe('a position', () => {
  it('keeps its order and stays in the text', () => {
    fc.assert(
      fc.property(text, steps, bias, (base, plan, side) => {
        const start = DocumentText.from(base);
        const operation = operationOn(start.lengthCodePoints, plan);
        const end = start.apply(operation);
        let previous = 0;
        for (let position = 0; position <= start.lengthCodePoints; position++) {
          const moved = movePosition(position, operation, side);
          expect(moved).toBeGreaterThanOrEqual(previous);
          expect(moved).toBeLessThanOrEqual(end.lengthCodePoints);
          previous = moved;
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not depend on whether an insertion or a deletion at one place comes first', () => {
    const swapped = (operation: TextOperation): TextOperation => {
      const components: Component[] = [];
      for (const component of operation) {
        const former = components.at(-1);
        const isSwap = typeof former === 'object' && typeof component === 'string';
        if (isSwap) components.splice(-1, 0, component);
        else components.push(component);
      }
      return components;
    };
    fc.assert(
      fc.property(fc.nat(20), steps, bias, fc.nat(20), (length, plan, side, place) => {
        const operation = operationOn(length, plan);
        const position = Math.min(place, length);
        expect(movePosition(position, operation, side)).toBe(
          movePosition(position, swapped(operation), side),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<[string, number, TextOperation, number, number]>([
    ['at an insertion', 2, [2, '😀'], 2, 3],
    ['behind an insertion', 3, [2, '😀'], 4, 4],
    ['at the start of a deletion', 2, [2, { d: 3 }], 2, 2],
    ['inside a deletion', 4, [2, { d: 3 }], 2, 2],
    ['at the end of a deletion', 5, [2, { d: 3 }], 2, 2],
    ['behind a deletion', 6, [2, { d: 3 }], 3, 3],
    ['at the start of what is replaced', 2, [2, { d: 3 }, 'xy'], 2, 2],
    ['inside what is replaced', 3, [2, 'xy', { d: 3 }], 2, 4],
    ['at the end of what is replaced', 5, [2, { d: 3 }, 'xy'], 4, 4],
    ['between deletions', 3, [{ d: 2 }, 2, { d: 2 }], 1, 1],
    ['at the very end', 9, [9, 'x'], 9, 10],
    ['at the very start', 0, ['x', 9, 'y'], 0, 1],
    ['in an untouched text', 7, [], 7, 7],
  ])('%s', (_name, position, operation, before, after) => {
    expect(movePosition(position, operation, 'before')).toBe(before);
    expect(movePosition(position, operation, 'after')).toBe(after);
  });
});

describe('an anchor', () => {
  it('touches the character it holds on to as long as that is there, and is collapsed from then on', () => {
    fc.assert(
      fc.property(
        fc.nat(14),
        fc.array(steps, { maxLength: 4 }),
        bias,
        fc.nat(14),
        (length, plans, side, place) => {
          const characters = unique(length);
          let document = DocumentText.from(characters.join(''));
          let anchor: Anchor = { position: Math.min(place, length), bias: side };
          const character = held(characters, anchor);
          for (const plan of plans) {
            const operation = operationOn(document.lengthCodePoints, plan);
            document = document.apply(operation);
            anchor = moveAnchor(anchor, operation);
          }
          const now = Array.from(document.toString());
          expect(anchor.position).toBeLessThanOrEqual(now.length);
          if (character === undefined) {
            expect(anchor).toEqual({ position: side === 'before' ? 0 : now.length, bias: side });
          } else if (now.includes(character)) {
            expect(anchor.collapsed).toBeUndefined();
            expect(held(now, anchor)).toBe(character);
          } else expect(anchor.collapsed).toBe(true);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('is at one place whichever of two concurrent operations came first, unless it is collapsed', () => {
    fc.assert(
      fc.property(
        fc.nat(12),
        steps,
        steps,
        bias,
        fc.nat(12),
        (length, plan, other, side, place) => {
          const committed = operationOn(length, plan);
          const uncommitted = operationOn(length, other);
          const anchor: Anchor = { position: Math.min(place, length), bias: side };
          const inLog = moveAnchor(
            moveAnchor(anchor, committed),
            transformUncommitted(uncommitted, committed),
          );
          const here = moveAnchor(
            moveAnchor(anchor, uncommitted),
            transformCommitted(committed, uncommitted),
          );
          expect(here.collapsed).toBe(inLog.collapsed);
          if (here.collapsed === undefined) expect(here).toEqual(inLog);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('that an operation does not move is the same object', () => {
    const anchor: Anchor = { position: 3, bias: 'before' };
    expect(moveAnchor(anchor, [3, 'x'])).toBe(anchor);
    expect(moveAnchor(anchor, [4, { d: 2 }])).toBe(anchor);
    expect(moveAnchor(anchor, [2, 'x', { d: 1 }])).not.toBe(anchor);
  });

  it('is taken from the wire only when it is one in the text', () => {
    const anchor = { position: 3, bias: 'after' };
    expect(parseAnchor(anchor, 3)).toEqual(anchor);
    expect(parseAnchor({ ...anchor, collapsed: true }, 3)).toEqual({ ...anchor, collapsed: true });
    for (const wrong of [
      ...[null, 3, 'x', [], {}, { position: 3 }, { ...anchor, position: 4 }],
      ...[
        { ...anchor, position: -1 },
        { ...anchor, position: 0.5 },
        { ...anchor, bias: 'left' },
      ],
      ...[
        { ...anchor, collapsed: false },
        { ...anchor, other: 1 },
        { ...anchor, position: '3' },
      ],
    ]) {
      expect(parseAnchor(wrong, 3)).toBeNull();
    }
  });
});
