/** The benchmarks that write: one hot document, many documents, one writer with many readers. */
import {
  Arena,
  compareWriting,
  type BySide,
  type Plan,
  type WritingFigures,
} from './comparison.ts';
import type { ClientKind } from './load-client.ts';

/** A line of a table. */
export interface WritingPoint {
  readonly name: string;
  readonly kind: ClientKind;
  readonly figures: BySide<WritingFigures>;
}

const KINDS = ['product', 'wire'] as const;

/** @param clients every one of them writes and sees what the others write */
export async function hotDocument(
  plan: Plan,
  clients: readonly number[] = [2, 8, 32],
): Promise<WritingPoint[]> {
  return withArena(plan, async (arena) => {
    const points: WritingPoint[] = [];
    for (const kind of KINDS) {
      for (const writersPerDocument of clients) {
        const name = `${writersPerDocument} clients`;
        const job = { documents: 1, writersPerDocument, readersPerDocument: 0, paceHz: null };
        points.push({ name, kind, figures: await compareWriting(arena, plan, name, kind, job) });
      }
    }
    return points;
  });
}

export async function manyDocuments(plan: Plan): Promise<WritingPoint[]> {
  return withArena(plan, async (arena) => {
    const points: WritingPoint[] = [];
    for (const kind of KINDS) {
      const name = '200 documents × 2 clients';
      const job = { documents: 200, writersPerDocument: 2, readersPerDocument: 0, paceHz: null };
      points.push({ name, kind, figures: await compareWriting(arena, plan, name, kind, job) });
    }
    return points;
  });
}

/** With wire clients, since five hundred full replicas would make the load process the bottleneck. */
export async function manyReaders(plan: Plan): Promise<WritingPoint[]> {
  return withArena(plan, async (arena) => {
    const points: WritingPoint[] = [];
    for (const [name, paceHz] of [
      ['20 edits/s', 20],
      ['as fast as acknowledged', null],
    ] as const) {
      const job = { documents: 1, writersPerDocument: 1, readersPerDocument: 500, paceHz };
      const figures = await compareWriting(arena, plan, `500 readers, ${name}`, 'wire', job);
      points.push({ name, kind: 'wire', figures });
    }
    return points;
  });
}

async function withArena<T>(plan: Plan, work: (arena: Arena) => Promise<T>): Promise<T> {
  const arena = await Arena.open(plan);
  try {
    return await work(arena);
  } finally {
    await arena.close();
  }
}
