/**
 * Loads the production cores from their TypeScript sources with textual replacements: scaled constants, or a removed
 * mechanism (mutants.ts). Production code has no hooks for this. A text that does not occur exactly once in its folder
 * throws, so that a mutant cannot outlive the code it mutates.
 *
 * Each variant is transpiled into its own directory under node_modules/.cache and imported from there, so that one
 * process can run several.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type * as clientPackage from '@concord/client';
import type * as otPackage from '@concord/ot';
import type * as serverPackage from '@concord/server';
import ts from 'typescript';
import type { Cores } from './cores.ts';

export interface Replacement {
  /** A folder, relative to the repository's root, so that code can move between its files. */
  readonly folder: string;
  /** A text that occurs exactly once in the folder's files, tests excluded. */
  readonly find: string;
  readonly replace: string;
}

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const CACHE = join(ROOT, 'packages/simulation/node_modules/.cache/cores');
const packages: Readonly<Record<string, string>> = {
  '@concord/ot': 'packages/ot',
  '@concord/protocol': 'packages/protocol',
  '@concord/client': 'packages/client',
  '@concord/server': 'apps/server',
};
/** Matches the specifiers of imports and exports, as the compiler prints them. */
const SPECIFIER = /(\bfrom\s+|\bimport\s+)(['"])([^'"]+)\2/g;

/** The production cores, with the replacements. */
export async function loadCores(replacements: readonly Replacement[]): Promise<Cores> {
  const { modules, entries } = transpile(replacements);
  const hash = createHash('sha256');
  for (const [path, text] of modules) hash.update(path).update('\0').update(text).update('\0');
  const directory = join(CACHE, hash.digest('hex').slice(0, 20));
  if (existsSync(directory)) utimesSync(directory, new Date(), new Date());
  else write(directory, modules);
  const load = (name: string): Promise<unknown> =>
    import(/* @vite-ignore */ pathToFileURL(join(directory, entries.get(name) ?? '')).href);
  const client = (await load('@concord/client')) as typeof clientPackage;
  const server = (await load('@concord/server')) as typeof serverPackage;
  const ot = (await load('@concord/ot')) as typeof otPackage;
  const { ClientSession, Leadership, mergeCopy, newReplica, replicaToOpen, statusOf } = client;
  return {
    ClientSession,
    Leadership,
    mergeCopy,
    newReplica,
    replicaToOpen,
    statusOf,
    renamed: server.renamed,
    DocumentOwner: server.DocumentOwner,
    AppendAttempt: server.AppendAttempt,
    NodeLease: server.NodeLease,
    leaseTimes: server.leaseTimes,
    OwnershipTable: server.OwnershipTable,
    preferredMember: server.preferredMember,
    DocumentText: ot.DocumentText,
    composeAll: ot.composeAll,
    effectTools: ot,
  };
}

interface Transpiled {
  /** Texts by path below the variant's directory. */
  readonly modules: ReadonlyMap<string, string>;
  /** Path of each package's entry. */
  readonly entries: ReadonlyMap<string, string>;
}

function transpile(replacements: readonly Replacement[]): Transpiled {
  const modules = new Map<string, string>();
  const entries = new Map<string, string>();
  const located = locate(replacements);
  const visit = (source: string): string => {
    const target = relative(ROOT, source).replace(/\.ts$/, '.mjs');
    if (modules.has(target)) return target;
    modules.set(target, '');
    const text = transpileFile(source, located.get(source) ?? []);
    located.delete(source);
    modules.set(
      target,
      text.replace(SPECIFIER, (_match, keyword: string, _quote, specifier: string) => {
        const imported = resolveSpecifier(specifier, source);
        if (typeof imported !== 'string') return `${keyword}'${imported.external}'`;
        const path = relative(dirname(target), visit(imported));
        return `${keyword}'${path.startsWith('.') ? path : `./${path}`}'`;
      }),
    );
    return target;
  };
  for (const name of Object.keys(packages)) entries.set(name, visit(entryOf(name)));
  const [unused] = located.keys();
  if (unused !== undefined) throw new Error(`${unused} is no part of the cores`);
  return { modules, entries };
}

const entryOf = (name: string): string => join(ROOT, packages[name] ?? name, 'src/index.ts');

function resolveSpecifier(specifier: string, from: string): string | { external: string } {
  if (specifier.startsWith('.')) return resolve(dirname(from), specifier);
  if (specifier in packages) return entryOf(specifier);
  if (specifier === '@concord/protocol/plain') return join(ROOT, 'packages/protocol/src/plain.ts');
  if (specifier.startsWith('node:')) return { external: specifier };
  return { external: pathToFileURL(createRequire(from).resolve(specifier)).href };
}

/** Transpiled texts without replacements, shared by all variants. */
const plain = new Map<string, string>();

/** Groups replacements by the source file that contains their text. */
function locate(replacements: readonly Replacement[]): Map<string, Replacement[]> {
  const located = new Map<string, Replacement[]>();
  for (const replacement of replacements) {
    const { folder, find } = replacement;
    const texts = sourcesIn(join(ROOT, folder));
    const found = [...texts].flatMap(([file, text]) =>
      Array.from({ length: text.split(find).length - 1 }, () => file),
    );
    const [file] = found;
    if (file === undefined || found.length > 1) {
      throw new Error(`${folder} contains ${found.length} times instead of once: ${find}`);
    }
    located.set(file, [...(located.get(file) ?? []), replacement]);
  }
  return located;
}

/** Texts of the sources in a folder and below it, by path; read once. */
const sources = new Map<string, ReadonlyMap<string, string>>();

function sourcesIn(folder: string): ReadonlyMap<string, string> {
  const known = sources.get(folder);
  if (known !== undefined) return known;
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(folder, path));
  const texts = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  sources.set(folder, texts);
  return texts;
}

function transpileFile(source: string, own: readonly Replacement[]): string {
  const known = plain.get(source);
  if (own.length === 0 && known !== undefined) return known;
  let text = readFileSync(source, 'utf8');
  for (const { find, replace } of own) text = text.split(find).join(replace);
  const { outputText } = ts.transpileModule(text, {
    fileName: source,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  if (own.length === 0) plain.set(source, outputText);
  return outputText;
}

/** Cached variants of former sources are deleted after this. */
const KEPT_MS = 86_400_000;

function forgetOldVariants(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - usedAt > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Writes beside and renames, since test processes load the same variant concurrently. */
function write(directory: string, modules: ReadonlyMap<string, string>): void {
  const draft = `${directory}.${process.pid}`;
  for (const [path, text] of modules) {
    const file = join(draft, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  forgetOldVariants();
  try {
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
}
