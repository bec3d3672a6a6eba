/**
 * For tests only: `node --import <this file>` runs the TypeScript sources in plain Node 20, in a process or a
 * worker thread. The sources have erasable types only, so each file is transpiled by itself. Results are kept
 * in node_modules/.cache, named by their source, because loading the compiler takes half a second.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

const cache = new URL('../../../../node_modules/.cache/concord-typescript/', import.meta.url);

/** Called by Node in its loader thread. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  const name = `${createHash('sha256').update(source).digest('hex')}.js`;
  return { format: 'module', shortCircuit: true, source: await transpiled(source, name) };
}

async function transpiled(source, name) {
  try {
    return readFileSync(new URL(name, cache), 'utf8');
  } catch {
    const { default: typescript } = await import('typescript');
    const { outputText } = typescript.transpileModule(source, {
      compilerOptions: { module: 'ESNext', target: 'ES2023', verbatimModuleSyntax: true },
    });
    // Written beside and renamed: another test process must never read half a file.
    mkdirSync(cache, { recursive: true });
    const partial = new URL(`${name}.${process.pid}-${threadId}`, cache);
    writeFileSync(partial, outputText);
    renameSync(partial, new URL(name, cache));
    return outputText;
  }
}

// Imported first to register the hooks, then by Node's loader thread as the hooks themselves.
if (!import.meta.url.endsWith('?hooks')) register(`${import.meta.url}?hooks`);
