import { expect, it } from 'vitest';
import { acceptsGzip } from './accept-encoding.ts';

it.each([
  [undefined, true],
  ['', false],
  ['gzip', true],
  ['GZIP;Q=0.5', true],
  ['br, gzip, deflate', true],
  ['identity', false],
  ['gzip;q=0', false],
  ['gzip; q=0.000, *', false],
  ['*', true],
  ['*;q=0', false],
  ['br', false],
  ['identity;q=1, *;q=0', false],
])('Accept-Encoding %j takes gzip: %s', (header, takes) => {
  expect(acceptsGzip(header)).toBe(takes);
});
