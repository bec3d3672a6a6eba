import { expect, it } from 'vitest';
import { Problem } from './problem.ts';
import { isNotModified, representationEtag, requireMatch } from './etags.ts';

const reply = { header: () => reply } as unknown as Parameters<typeof isNotModified>[1];
const isKnown = (header: string | undefined, etag: string): boolean =>
  isNotModified({ headers: { 'if-none-match': header } }, reply, etag);
const matches = (header: string | undefined, etag: string): boolean => {
  try {
    requireMatch({ headers: { 'if-match': header } }, etag);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ status: 412, headers: { etag } });
    return false;
  }
};

it('answers 304 when If-None-Match lists the current tag', () => {
  const etag = '"7"';
  expect(isKnown(undefined, etag)).toBe(false);
  expect(isKnown('"7"', etag)).toBe(true);
  expect(isKnown('W/"7"', etag)).toBe(true);
  expect(isKnown('"5", W/"6","7"', etag)).toBe(true);
  expect(isKnown('*', etag)).toBe(true);
  expect(isKnown('"77"', etag)).toBe(false);
  expect(isKnown('7', etag)).toBe(false);
});

it('accepts a write only for the state named by If-Match', () => {
  const etag = '"7"';
  expect(matches(undefined, etag)).toBe(true);
  expect(matches('"6", "7"', etag)).toBe(true);
  expect(matches('*', etag)).toBe(true);
  expect(matches('"6"', etag)).toBe(false);
  // A weak tag is of no use for a write (RFC 9110, 13.1.1).
  expect(matches('W/"7"', etag)).toBe(false);
});

it('gives different representations different tags', () => {
  const one = representationEtag({ title: 'a' });
  expect(representationEtag({ title: 'a' })).toBe(one);
  expect(representationEtag({ title: 'b' })).not.toBe(one);
  expect(one).toMatch(/^"[\w-]{22}"$/);
});
