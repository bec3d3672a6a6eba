/**
 * Finds the citations of comments and documents: files by name (`session.ts`, `docs/faults.md`), headings
 * (`docs/protocol.md#sides`), decisions and invariants by number. Those that do not resolve are reported.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

const SKIPPED = new Set([
  ...['node_modules', 'dist', 'dist-types', '.git', '.cache', 'data'],
  ...['test-results', 'playwright-report'],
]);
const MARKDOWN = /\.md$/;
const CODE = /\.(?:ts|tsx|mjs|js)$/;
const STYLES = /\.css$/;
const SETTINGS = /\.(?:ya?ml|toml)$/;
/** The name of a file with or without folders; `/sw.js` and `<id>.md` are addresses, not files. */
const CITED_FILE =
  /(?<![\w./>}$*-])((?:[\w@.-]+\/)*[\w@.-]+\.(?:md|tsx?|d\.mts|mjs|js|css|html))(?![\w*])(?:#([\w-]+))?/g;
const LINK = /\]\((?!https?:)([^()#\s]*)(?:#([\w-]+))?\)/g;
/** Names of programs and generated files that look like source files. */
const NOT_FILES = new Set(['Node.js', 'main.js', 'sw.js', 'index.html', 'notes.md', 'id.md']);
/** Citations by number, which are refused: they become wrong as soon as something is inserted. */
const NUMBERED = [
  /\brules? \d+/g,
  /(?<=[(,] ?)A\d{1,2}(?=[),;])/g,
  /\b(?:security|faults|protocol)\.md,? \d/g,
];

/** All files below a directory, relative to it, without generated ones. */
export function filesBelow(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/** The anchors of a Markdown text, as GitHub makes them. */
export function anchorsOf(markdown) {
  const headings = withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const blank = (text) => text.replaceAll(/[^\n]/g, ' ');
const withoutFences = (text) => text.replaceAll(/^```[\s\S]*?^```/gm, blank);

/** The part of a file that may cite: its comments, with all else blanked so that line numbers stay. */
function citingText(path, text) {
  if (MARKDOWN.test(path)) return withoutFences(text);
  const comment = SETTINGS.test(path) ? /#.*$/gm : /\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/ .*$/gm;
  let end = 0;
  let result = '';
  for (const { 0: found, index } of text.matchAll(comment)) {
    result += blank(text.slice(end, index)) + found;
    end = index + found.length;
  }
  return result + blank(text.slice(end));
}

export class Citations {
  #root;
  #files;
  #anchors = new Map();

  constructor(root, files = filesBelow(root)) {
    this.#root = root;
    this.#files = files;
  }

  /** The files that are searched for citations. */
  get citing() {
    return this.#files.filter((path) =>
      [MARKDOWN, CODE, STYLES, SETTINGS].some((kind) => kind.test(path)),
    );
  }

  /** `path:line: citation` of each citation that does not resolve. */
  broken(path, text = readFileSync(join(this.#root, path), 'utf8')) {
    const found = [];
    const report = (index, what) =>
      found.push(`${path}:${text.slice(0, index).split('\n').length}: ${what}`);
    const citing = citingText(path, text);
    for (const { 0: whole, 1: file, 2: anchor, index } of citing.matchAll(CITED_FILE)) {
      if (!NOT_FILES.has(file) && !this.#resolves(path, file, anchor)) report(index, whole);
    }
    if (CODE.test(path)) {
      // Strings, such as the rules of mutants, cite documents by their path.
      for (const { 0: whole, 1: file, 2: anchor, index } of text.matchAll(
        /(docs\/[\w/-]+\.md)(?:#([\w-]+))?/g,
      )) {
        if (citing[index] === ' ' && !this.#resolves(path, file, anchor)) report(index, whole);
      }
    }
    if (MARKDOWN.test(path)) {
      for (const { 0: whole, 1: file, 2: anchor, index } of citing.matchAll(LINK)) {
        const target = file === '' ? path : posix.join(dirname(path), file);
        if (!this.#exists(target, anchor)) report(index, whole);
      }
    }
    for (const pattern of NUMBERED) {
      const numbered = CODE.test(path) ? text : citing;
      for (const { 0: whole, index } of numbered.matchAll(pattern)) report(index, whole);
    }
    for (const { 0: whole, 1: number, index } of citing.matchAll(/\bdecision (\d+)/g)) {
      const start = `docs/decisions/${number.padStart(4, '0')}-`;
      if (!this.#files.some((file) => file.startsWith(start))) report(index, whole);
    }
    return found;
  }

  /** Resolves a path from the root or from the citing file, or the end of a path. */
  #resolves(from, file, anchor) {
    const candidates = [file, posix.join(dirname(from), file)];
    const matches = this.#files.filter(
      (path) => candidates.includes(path) || path.endsWith(`/${file}`),
    );
    return matches.some((path) => this.#exists(path, anchor));
  }

  #exists(path, anchor) {
    if (!this.#files.includes(path)) {
      return (
        anchor === undefined && this.#files.some((file) => file.startsWith(posix.join(path, '/')))
      );
    }
    if (anchor === undefined) return true;
    if (!MARKDOWN.test(path)) return false;
    let anchors = this.#anchors.get(path);
    if (anchors === undefined) {
      anchors = anchorsOf(readFileSync(join(this.#root, path), 'utf8'));
      this.#anchors.set(path, anchors);
    }
    return anchors.has(anchor);
  }
}
