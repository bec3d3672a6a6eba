import { VERSION_HEADER, type DocumentId } from '@concord/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { HttpSnapshotSource } from './http-snapshot.ts';

const id = 'd'.repeat(26) as DocumentId;
afterEach(() => vi.unstubAllGlobals());

/** A server that gives these responses in order; records the requests and the delays before them. */
function scene(answers: readonly (() => Response)[]) {
  const asked: string[] = [];
  const waits: number[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    const answer = answers[asked.push(url) - 1];
    if (answer === undefined) throw new Error(`Nothing more was expected: ${url}`);
    return answer();
  });
  const wait = { sleep: async (ms: number) => void waits.push(ms), random: () => 0.5 };
  return { source: new HttpSnapshotSource('http://here', {}, wait), asked, waits };
}

const deferred = (status: number, after?: string) => (): Response =>
  new Response('{}', { status, ...(after === undefined ? {} : { headers: { 'retry-after': after } }) }); // prettier-ignore
const snapshot = (): Response => new Response('the text', { headers: { [VERSION_HEADER]: '7' } });
const operation = (): Response => Response.json({ after: 3, through: 7, op: ['x'] });

it('a snapshot request is retried after the delay of Retry-After plus jitter', async () => {
  const { source, asked, waits } = scene([deferred(429, '2'), deferred(503, '1'), snapshot]);
  const { version, text } = await source.fetch(id, 5, null);
  expect([version, text.toString()]).toEqual([7, 'the text']);
  expect(asked).toHaveLength(3);
  expect(waits).toEqual([2_500, 1_250]);
});

it('a deferred request for the operation between two versions is retried, not skipped', async () => {
  const { source, asked } = scene([snapshot, deferred(429, '1'), operation]);
  expect((await source.fetch(id, 5, 3)).operation).toEqual(['x']);
  expect(asked).toHaveLength(3);
});

it('a snapshot request that the server defers repeatedly is given up after a bounded number of retries', async () => {
  const { source, waits } = scene(Array.from({ length: 5 }, () => deferred(503, '1')));
  await expect(source.fetch(id, 5, null)).rejects.toThrow('503');
  expect(waits).toHaveLength(4);
});

it.each([
  ['no time is told', deferred(503)],
  ['the delay is longer than the maximum', deferred(429, '3600')],
  ['it is another answer', deferred(500, '1')],
])('a snapshot request is not retried when %s', async (_what, answer) => {
  const { source, waits } = scene([answer]);
  await expect(source.fetch(id, 5, null)).rejects.toThrow(/answered/);
  expect(waits).toEqual([]);
});
