/** Merges as rows of a Markdown table, and the text on their method. */
import type { MergePoint } from './merge-benchmark.ts';
import type { MergeSystem } from './merge-replica.ts';
import { MERGE_LIMIT_MS } from './merge-run.ts';

export const MERGE_HEADER = [
  'edits on each side',
  '',
  'merged after ms',
  'KiB sent / received',
  'KiB to the other',
  'longest stall ms: server / returning / other',
  'CPU ms: server / returning',
  'peak memory MiB: server / returning',
  'making the edits, s',
] as const;

const systemTitle: Readonly<Record<MergeSystem, string>> = {
  concord: 'Concord',
  sharedb: 'ShareDB',
  yjs: 'Yjs (Hocuspocus), page open',
  yjsReloaded: 'Yjs (Hocuspocus), page reloaded',
};

export function mergeRows(points: readonly MergePoint[]): string[][] {
  return points.map(({ edits, isScattered, system, figures }) => {
    const places = isScattered ? ' at random places' : '';
    const head = [`${edits.toLocaleString('en')}${places}`, systemTitle[system]];
    if (typeof figures === 'string') {
      const what =
        figures === 'merging' ? `not within ${MERGE_LIMIT_MS / 1_000} s` : 'branches not written';
      return [...head, what, ...MERGE_HEADER.slice(3).map(() => '')];
    }
    const { server, returning, staying, extraCharacters } = figures;
    const note = extraCharacters === 0 ? '' : ` (${signed(extraCharacters)} characters)`;
    const stalls = [server, returning, staying].map(({ longestStallMs }) => whole(longestStallMs));
    return [
      ...head,
      `${whole(figures.convergedMs)}${note}`,
      `${kib(figures.sentBytes)} / ${kib(figures.receivedBytes)}`,
      kib(figures.forwardedBytes),
      stalls.join(' / '),
      [server, returning].map(({ cpuMs }) => whole(cpuMs)).join(' / '),
      [server, returning].map(({ peakBytes }) => whole(peakBytes / 1024 ** 2)).join(' / '),
      (figures.writingMs / 1_000).toFixed(1),
    ];
  });
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const kib = (bytes: number): string =>
  bytes < 10_240 ? (bytes / 1024).toFixed(1) : whole(bytes / 1024);
const signed = (count: number): string => `${count > 0 ? '+' : '−'}${whole(Math.abs(count))}`;

/** Part of the section on method. */
export const MERGE_METHOD = `- **Merging.** Two replicas share a text. One goes offline: its connection, a relay, is cut; it makes its edits, one
  operation each, as an editor would. The other makes as many online, each acknowledged before the next, so that
  none are composed. Then the relay is restored. *Merged after*: from the moment the returning replica may connect
  until both replicas have everything and the server has acknowledged it; a third replica must then read the same
  text from the server, or the run fails. The text must also be as long as every edit of both sides taking effect
  once makes it; a difference stands beside the time. *Sent, received*: bytes of the returning replica's TCP streams.
  *Stall*: the longest time an event loop was held up while merging, each replica and the server in a process of
  its own. *Peak memory*: resident, of the whole run, making the edits included.
- **The branches** are keystrokes of the recording of one paper: the last ones but those of the other branch for the
  replica that was offline; and what was typed after them, told again for a text without them, for the one online.
  Both work on the same passages. Edits come in runs, as people type, and such runs compose well. *At random
  places* is the worst case for composing, and nothing that people do: every edit is one character elsewhere.
- **Yjs** is \`Y.Text\` behind Hocuspocus' server and provider as their documentation sets them up, nothing stored.
  *Page open*: the provider has kept a message for every edit and sends them all. *Page reloaded*: a new provider over
  the same document sends one update.`;
