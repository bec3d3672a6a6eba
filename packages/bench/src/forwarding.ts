/** What it costs that a connection reaches a node that does not have the document: latency beside the direct way. */
import type { TextOperation } from '@concord/ot';
import { readyLine, startChild, stopChild } from './child-process.ts';
import type { Plan } from './comparison.ts';
import { concordWire } from './concord-wire.ts';
import { FORWARDING_READY } from './forwarding-names.ts';
import type { LoadClient } from './load-client.ts';
import { CONCORD_ENVIRONMENT, scriptOf, SERVER_OPTIONS } from './sides.ts';
import { percentile } from './statistics.ts';

/** Milliseconds from an edit to its acknowledgement. */
export interface ForwardingPoint {
  readonly way: 'direct' | 'forwarded';
  readonly p50: number;
  readonly p99: number;
}

const WARM_UP = 200;
const EDITS = 4_000;
const QUICK_EDITS = 400;
const WORD: TextOperation = ['a word '];

/** Both ways in turn, edit by edit, so that whatever else the machine does hits both. */
export async function forwarding(plan: Plan): Promise<readonly ForwardingPoint[]> {
  const nodeOptions = [...SERVER_OPTIONS, ...(plan.nodeOptions ?? [])];
  const environment = CONCORD_ENVIRONMENT;
  const child = startChild(scriptOf('./forwarding-servers.js'), { nodeOptions, environment });
  try {
    const [owner = '', other = ''] = (await readyLine(child, FORWARDING_READY)).split(' ');
    const direct = await writerAt(owner);
    const forwarded = await writerAt(other);
    const edits = plan.isQuick ? QUICK_EDITS : EDITS;
    const times: Record<ForwardingPoint['way'], number[]> = { direct: [], forwarded: [] };
    for (let edit = 0; edit < WARM_UP + edits; edit++) {
      const took = { direct: await timed(direct), forwarded: await timed(forwarded) };
      if (edit < WARM_UP) continue;
      times.direct.push(took.direct);
      times.forwarded.push(took.forwarded);
    }
    await Promise.all([direct.close(), forwarded.close()]);
    const points = (['direct', 'forwarded'] as const).map((way) => ({
      ...{ way, p50: percentile(times[way], 0.5), p99: percentile(times[way], 0.99) },
    }));
    for (const { way, p50, p99 } of points) {
      plan.log(`  ${way}: p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`);
    }
    return points;
  } finally {
    await stopChild(child);
  }
}

/** Each in a document of its own. */
async function writerAt(url: string): Promise<LoadClient> {
  const source = concordWire(url);
  return source.connect(await source.createDocument('one\n'), () => {});
}

function timed(writer: LoadClient): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => writer.edit(WORD, () => resolve(performance.now() - startedAt)));
}
