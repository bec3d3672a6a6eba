import { describe, expect, it } from 'vitest';
import { isLanguageChunk, shellAddresses } from './app-shell.ts';

const id = 'a'.repeat(26);
const isShell = (address: string): boolean => shellAddresses.some((each) => each.test(address));

describe('the shell', () => {
  it('answers the pages of the app, with any query', () => {
    const pages = ['/', '/new', `/d/${id}`, `/d/caf%C3%A9-${id}`, `/s/${id}`, '/sign-in', '/sign-up', '/account']; // prettier-ignore
    for (const page of pages) {
      expect([page, isShell(page)]).toEqual([page, true]);
      expect([page, isShell(`${page}?view=split&q=a.md`)]).toEqual([page, true]);
    }
  });

  it('never answers requests for the server: the API, texts, health, metrics, sockets', () => {
    const others = [
      ...['/api', '/api/v1/me', '/api/v1/documents?view=all', '/api/docs', '/api/docs/static/a.js'],
      ...[`/d/${id}.md`, `/d/slug-${id}.md`, `/d/${id}.md?download`, `/d/${id}/other`, '/d/'],
      ...['/livez', '/readyz', '/metrics', '/socket.io/?EIO=4', '/sw.js', '/assets/a.js', '/s/a/b'],
    ];
    for (const other of others) expect([other, isShell(other)]).toEqual([other, false]);
  });

  it('includes the editor’s Markdown, but no languages of code blocks', () => {
    const module = (name: string) => `/x/node_modules/${name}/dist/index.js`;
    expect(isLanguageChunk([module('@codemirror/lang-rust'), module('@lezer/rust')])).toBe(true);
    expect(isLanguageChunk([module('@codemirror/legacy-modes')])).toBe(true);
    expect(isLanguageChunk([module('@lezer/lr'), '\0runtime'])).toBe(true);
    expect(isLanguageChunk([module('@codemirror/lang-markdown')])).toBe(false);
    expect(isLanguageChunk([module('@lezer/lr'), module('@codemirror/view')])).toBe(false);
    expect(isLanguageChunk([module('@lezer/common')])).toBe(false);
    expect(isLanguageChunk(['\0runtime'])).toBe(false);
  });
});
