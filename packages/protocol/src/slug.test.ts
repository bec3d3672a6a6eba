import { expect, it } from 'vitest';
import { documentIdOfPath, documentPath } from './slug.ts';

const id = 'a'.repeat(26);

it.each([
  ['Café notes', `/d/cafe-notes-${id}`],
  ['  ', `/d/${id}`],
  ['😀', `/d/${id}`],
  ['a/b?c#d', `/d/a-b-c-d-${id}`],
  ['Việt Nam, Ångström, Łódź, İstanbul', `/d/viet-nam-angstrom-łodz-istanbul-${id}`],
  ['ガイド', `/d/ガイド-${id}`],
  ['パン屋', `/d/パン屋-${id}`],
  ['हिन्दी भाषा', `/d/हिन्दी-भाषा-${id}`],
  ['ภาษาไทย', `/d/ภาษาไทย-${id}`],
  ['שָׁלוֹם', `/d/${'שָׁלוֹם'.normalize('NFC')}-${id}`],
  ['한국어 안내', `/d/한국어-안내-${id}`],
  ['Йод и ёлка', `/d/йод-и-ёлка-${id}`],
  ['می\u200cخواهم', `/d/می\u200cخواهم-${id}`],
  ['＼(^o^)／ ①', `/d/o-①-${id}`],
  ['\u0301 alone', `/d/alone-${id}`],
])('the path of %j names it', (title, path) => {
  expect(decodeURIComponent(documentPath(id, title))).toBe(path);
  expect(documentPath(id, title)).toMatch(/^[!-~]+$/);
  expect(documentIdOfPath(documentPath(id, title).slice('/d/'.length))).toBe(id);
});

it('composed and decomposed Unicode forms of a title have the same path', () => {
  for (const title of ['ガイド', '한국어', 'é', 'ё']) {
    expect(documentPath(id, title.normalize('NFD'))).toBe(documentPath(id, title));
  }
});

it('long titles are cut between characters, never within one, and the id is found again', () => {
  for (const letter of ['x', 'é', '𝒳', '漢', '🄰', 'न्दी', 'e\u0301']) {
    for (let shift = 0; shift < 3; shift++) {
      const path = documentPath(id, 'y'.repeat(shift) + letter.repeat(100));
      expect(documentIdOfPath(path.slice('/d/'.length))).toBe(id);
      // The server's limit of one path segment (http-server.ts).
      expect(path.length).toBeLessThan(600);
      const slug = decodeURIComponent(path).slice('/d/'.length + shift, -27);
      const whole = documentPath(id, letter.repeat(10)).slice('/d/'.length, -27);
      expect(decodeURIComponent(whole).repeat(6)).toContain(slug);
    }
  }
});
