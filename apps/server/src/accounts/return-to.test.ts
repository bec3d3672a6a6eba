import { describe, expect, it } from 'vitest';
import { localPath } from './return-to.ts';

describe('the place to return to', () => {
  it.each(['/', '/new', '/d/minutes-abc?view=split#top', '/s/token', '/sign-in/../d/x'])(
    'is kept when it is a page of this server: %s',
    (path) => {
      expect(localPath(path)).toBe(new URL(path, 'http://here').href.slice('http://here'.length));
    },
  );

  it.each([
    undefined,
    '',
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '\\\\evil.example',
    '/\t/evil.example/',
    '/\n/evil.example/',
    '/./\\evil.example',
    '/x/..//evil.example',
    'javascript:alert(1)',
    ' /new',
    '/api/v1/me',
    '/x/../api/v1/me',
  ])('is the list of documents when it is not: %j', (path) => {
    expect(localPath(path)).toBe('/');
  });
});
