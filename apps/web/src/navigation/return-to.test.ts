import { expect, it } from 'vitest';
import { returnPath, signInPath } from './return-to.ts';

it('`returnPath` leads back to the former page, and never to another host', () => {
  expect(returnPath('?returnTo=%2Fd%2Fabc')).toBe('/d/abc');
  expect(returnPath('')).toBe('/');
  for (const path of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:x',
    '/a b',
    '/sign-in?returnTo=/x',
  ]) {
    // prettier-ignore
    expect(returnPath(`?returnTo=${encodeURIComponent(path)}`), path).toBe('/');
  }
  expect(returnPath(signInPath('/sign-in', '/d/x?view=split').slice('/sign-in'.length))).toBe(
    '/d/x?view=split',
  );
  expect(signInPath('/sign-up', '/')).toBe('/sign-up');
  expect(signInPath('/sign-up', '/sign-in')).toBe('/sign-up');
});
