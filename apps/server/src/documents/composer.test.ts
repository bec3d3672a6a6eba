import { composeAll, DocumentText, type TextOperation } from '@concord/ot';
import { expect, it } from 'vitest';
import { Composer, COMPOSED_COMPONENTS_MAX } from './composer.ts';

/** A deterministic sequence of typing, deleting and jumping. */
function operations(count: number): TextOperation[] {
  let length = 0;
  return Array.from({ length: count }, (_, index) => {
    const at = (index * 7_919) % (length + 1);
    const isDeletion = index % 5 === 4 && length - at >= 2;
    length += isDeletion ? -2 : 3;
    const component = isDeletion ? { d: 2 } : 'abc';
    return at === 0 ? [component] : [at, component];
  });
}

it('composes in chunks of any size to the same operation', () => {
  const all = operations(500);
  for (const size of [1, 3, 64, 500]) {
    const composer = new Composer();
    for (let from = 0; from < all.length; from += size) {
      expect(composer.add(all.slice(from, from + size))).toBe(true);
    }
    const whole = composer.take();
    const expected = DocumentText.empty.apply(composeAll(all)).toString();
    expect(DocumentText.empty.apply(whole).toString()).toBe(expected);
  }
});

it('has no result without operations', () => {
  expect(new Composer().take()).toEqual([]);
});

it('reports that the composition becomes too large', () => {
  const composer = new Composer();
  let isFine = true;
  // Each inserts at another place of each ten characters, so that no two insertions merge.
  for (let piece = 0; isFine && piece < 10; piece++) {
    const operation: (number | string)[] = [2 * piece + 1, 'x'];
    for (let block = 1; block < 12_000; block++) operation.push(10 + piece, 'x');
    isFine = composer.add([operation]);
  }
  expect(isFine).toBe(false);
  expect(composer.take().length).toBeGreaterThan(COMPOSED_COMPONENTS_MAX / 2);
});
