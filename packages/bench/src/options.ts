/** Command-line options. */
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CLIENT_KINDS, type ClientKind } from './load-client.ts';

export const BENCHMARKS = [
  'hot',
  'documents',
  'readers',
  'open',
  'memory',
  'merge',
  'hostile',
  'sizes',
] as const;
export type BenchmarkName = (typeof BENCHMARKS)[number];

export interface Options {
  readonly isQuick: boolean;
  readonly only: readonly BenchmarkName[];
  readonly tracesDirectory: string;
  readonly dataParent: string;
  readonly clients: readonly number[];
  /** Edits on each side of a merge; absent for the usual sizes. */
  readonly edits?: readonly number[];
  /** Names of attacks; empty for all. */
  readonly attacks: readonly string[];
  readonly nodeOptions: readonly string[];
  readonly write: boolean;
  /** Another built checkout, beside which this one is measured instead of beside other products. */
  readonly before?: string;
  /** Pairs of runs beside the other checkout; absent for the usual number. */
  readonly pairs?: number;
  /** Clients of the load beside the other checkout. */
  readonly kinds: readonly ClientKind[];
}

export const USAGE = `Usage: npm run bench -- [options]
  --quick             a few seconds a point: a smoke test, not a measurement
  --only <name>       one of ${BENCHMARKS.join(', ')}; may be repeated
  --clients <n>       clients of the hot document, instead of 2, 8 and 32; may be repeated
  --edits <n>         edits on each side of a merge, instead of 100 up to 100,000; may be repeated
  --attack <name>     only this of what hostile guests do, such as "old versions"; may be repeated
  --traces <dir>      where automerge-paper.json.gz lies (or CONCORD_TRACES)
  --data <dir>        parent of the temporary data directories; it must be on a disk
  --server-option <o> an option of Node for all servers, such as --cpu-prof; may be repeated
  --write             writes docs/benchmarks.md
  --before <dir>      measures this checkout beside another one that is built (hot, documents, open, merge)
                      instead of beside other products
  --pairs <n>         with --before: pairs of runs of each point, instead of 8 (6 of a merge)
  --kind <name>       with --before: only this kind of client, wire or product
`;

export class OptionsError extends Error {
  readonly code = 'options';
}

/** Throws OptionsError. */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): Options {
  const { values } = parse(args);
  const only = values.only ?? [...BENCHMARKS];
  const unknown = only.find((name) => !BENCHMARKS.includes(name as BenchmarkName));
  if (unknown !== undefined) throw new OptionsError(`There is no benchmark ${unknown}.`);
  const clients = (values.clients ?? ['2', '8', '32']).map(Number);
  if (!clients.every((count) => Number.isSafeInteger(count) && count > 1)) {
    throw new OptionsError('--clients must be a whole number above 1.');
  }
  const edits = values.edits?.map(Number);
  if (edits !== undefined && !edits.every((count) => Number.isSafeInteger(count) && count > 0)) {
    throw new OptionsError('--edits must be a whole number above 0.');
  }
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs);
  if (pairs !== undefined && !(Number.isSafeInteger(pairs) && pairs > 0)) {
    throw new OptionsError('--pairs must be a whole number above 0.');
  }
  const kinds = CLIENT_KINDS.filter((kind) => values.kind === undefined || values.kind === kind);
  if (kinds.length === 0) throw new OptionsError(`--kind must be ${CLIENT_KINDS.join(' or ')}.`);
  const besideTheRepository = fileURLToPath(new URL('../../../../shared/traces', import.meta.url));
  return {
    isQuick: values.quick ?? false,
    only: only as BenchmarkName[],
    tracesDirectory: values.traces ?? environment['CONCORD_TRACES'] ?? besideTheRepository,
    dataParent: values.data ?? tmpdir(),
    clients,
    ...(edits === undefined ? {} : { edits }),
    attacks: values.attack ?? [],
    nodeOptions: values['server-option'] ?? [],
    write: values.write ?? false,
    ...(values.before === undefined ? {} : { before: resolve(values.before) }),
    ...(pairs === undefined ? {} : { pairs }),
    kinds,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        clients: { type: 'string', multiple: true },
        edits: { type: 'string', multiple: true },
        attack: { type: 'string', multiple: true },
        traces: { type: 'string' },
        data: { type: 'string' },
        'server-option': { type: 'string', multiple: true },
        write: { type: 'boolean' },
        before: { type: 'string' },
        pairs: { type: 'string' },
        kind: { type: 'string' },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}
