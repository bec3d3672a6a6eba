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
  'idle',
  'merge',
  'hostile',
  'mongodb',
  'nodes',
  'moves',
  'forwarding',
  'sizes',
] as const;
export type BenchmarkName = (typeof BENCHMARKS)[number];

export interface Options {
  readonly isQuick: boolean;
  readonly only: readonly BenchmarkName[];
  readonly tracesDirectory: string;
  readonly dataParent: string;
  readonly clients: readonly number[];
  /** Idle connections of one node; absent for 20,000, or as many as descriptors allow. */
  readonly connections?: number;
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
  /** Measured of each writing run beside the other checkout; absent for the usual time. */
  readonly seconds?: number;
  /** Both checkouts of a pair run at once, writers in lockstep, rather than in turn. */
  readonly isTogether: boolean;
  /** Clients of the load beside the other checkout. */
  readonly kinds: readonly ClientKind[];
}

export const USAGE = `Usage: npm run bench -- [options]
  --quick             a few seconds a point: a smoke test, not a measurement
  --only <name>       one of ${BENCHMARKS.join(', ')}; may be repeated
  --clients <n>       clients of the hot document, instead of 2, 8 and 32; may be repeated
  --edits <n>         edits on each side of a merge, instead of 100 up to 100,000; may be repeated
  --connections <n>   idle connections of one node, instead of 20,000
  --attack <name>     only this of what hostile guests do, such as "old versions"; may be repeated
  --traces <dir>      where automerge-paper.json.gz lies (or CONCORD_TRACES)
  --data <dir>        parent of the temporary data directories; it must be on a disk
  --server-option <o> an option of Node for all servers, such as --cpu-prof; may be repeated
  --write             writes docs/benchmarks.md
  --before <dir>      measures this checkout beside another one that is built (hot, documents, open, merge)
                      instead of beside other products
  --pairs <n>         with --before: pairs of runs of each point, instead of 8 (6 of a merge)
  --seconds <n>       with --before: measured of each run of writers, instead of 5 (60 with --together)
  --together          with --before: both of a pair at once, and one edit at a time, for a machine that others load;
                      then only the processor time tells something
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
  const connections = countOf('--connections', values.connections);
  const pairs = countOf('--pairs', values.pairs);
  const seconds = countOf('--seconds', values.seconds);
  const kinds = CLIENT_KINDS.filter((kind) => values.kind === undefined || values.kind === kind);
  if (kinds.length === 0) throw new OptionsError(`--kind must be ${CLIENT_KINDS.join(' or ')}.`);
  const besideTheRepository = fileURLToPath(new URL('../../../../shared/traces', import.meta.url));
  return {
    isQuick: values.quick ?? false,
    only: only as BenchmarkName[],
    tracesDirectory: values.traces ?? environment['CONCORD_TRACES'] ?? besideTheRepository,
    dataParent: values.data ?? tmpdir(),
    clients,
    ...(connections === undefined ? {} : { connections }),
    ...(edits === undefined ? {} : { edits }),
    attacks: values.attack ?? [],
    nodeOptions: values['server-option'] ?? [],
    write: values.write ?? false,
    ...(values.before === undefined ? {} : { before: resolve(values.before) }),
    ...(pairs === undefined ? {} : { pairs }),
    ...(seconds === undefined ? {} : { seconds }),
    isTogether: values.together ?? false,
    kinds,
  };
}

function countOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new OptionsError(`${name} must be a whole number above 0.`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        clients: { type: 'string', multiple: true },
        connections: { type: 'string' },
        edits: { type: 'string', multiple: true },
        attack: { type: 'string', multiple: true },
        traces: { type: 'string' },
        data: { type: 'string' },
        'server-option': { type: 'string', multiple: true },
        write: { type: 'boolean' },
        before: { type: 'string' },
        pairs: { type: 'string' },
        seconds: { type: 'string' },
        together: { type: 'boolean' },
        kind: { type: 'string' },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}
