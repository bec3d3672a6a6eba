import type { DocumentList, ListedDocument } from '@concord/protocol';
import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import type { KnownLibrary } from '../device/kept-list.ts';
import { ApiError } from '../http/api.ts';
import { listed } from '../http/test-listed.ts';
import { everything } from '../navigation/library-place.ts';
import {
  libraryKey,
  readLibrary,
  readMoreOfLibrary,
  type LibraryData,
  type LibrarySources,
} from './library-query.ts';

const many = (count: number): readonly ListedDocument[] =>
  Array.from({ length: count }, (_, number) => listed(`n${number}x`));
const known: KnownLibrary = [{ document: listed('known'), learntAtMs: 0 }];

/** A library whose server responses and cache the test controls. */
function setUp(
  answer: (page: { limit: number; cursor?: string }) => Promise<DocumentList>,
  knownHere: KnownLibrary = [],
) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const asked: number[] = [];
  let now = 0;
  const sources: LibrarySources = {
    listPlace: (_place, page) => {
      asked.push(page.limit);
      return answer(page);
    },
    knownHere: async () => knownHere,
    learn: () => undefined,
    moment: () => (now += 1),
  };
  const queryKey = libraryKey(everything);
  const read = (): Promise<LibraryData> =>
    client.fetchQuery({
      queryKey,
      queryFn: ({ signal }) => readLibrary(client, everything, signal, sources),
      staleTime: 0,
    });
  const shown = (): LibraryData | undefined => client.getQueryData<LibraryData>(queryKey);
  const titles = (): readonly string[] | undefined =>
    shown()?.answer?.documents.map(({ title }) => title);
  const more = (): Promise<void> => readMoreOfLibrary(client, everything, sources);
  return { client, asked, read, more, shown, titles, queryKey };
}

const list = (documents: readonly ListedDocument[], nextCursor: string | null = null) => ({
  documents: [...documents],
  nextCursor,
  links: {},
});
const unreachable = new ApiError('network', 0, 'The server did not answer');

describe('the query for a list', () => {
  it('returns the logical times of request and response', async () => {
    const { read } = setUp(async () => list([listed('Plan')]));
    const { answer, problem } = await read();
    expect(answer).toMatchObject({ askedAt: 1, answeredAt: 2, wasEmpty: false });
    expect(problem).toBeNull();
  });

  it('returns the cached library when the server is unreachable', async () => {
    const { read } = setUp(() => Promise.reject(unreachable), known);
    expect(await read()).toMatchObject({ answer: null, known, problem: 'unreachable' });
  });

  it('keeps a former response when the server is unreachable and nothing is cached', async () => {
    let isReachable = true;
    const { read, titles, shown } = setUp(async () => {
      if (!isReachable) throw unreachable;
      return list([listed('Plan')]);
    });
    await read();
    isReachable = false;
    await read();
    expect([titles(), shown()?.problem]).toEqual([['Plan'], 'unreachable']);
  });

  it('keeps a former response when the server refuses', async () => {
    let isRefused = false;
    const { read, titles, shown } = setUp(async () => {
      if (isRefused) throw new ApiError('tooMany', 429, 'Too many');
      return list([listed('Plan')]);
    }, known);
    await read();
    isRefused = true;
    await read();
    expect([titles(), shown()?.problem]).toEqual([['Plan'], 'failed']);
  });

  it('shows the cached library while the server is slow, and then the response', async () => {
    vi.useFakeTimers();
    try {
      let answerNow: (answer: DocumentList) => void = () => undefined;
      const late = new Promise<DocumentList>((resolve) => (answerNow = resolve));
      const { read, shown, titles } = setUp(() => late, known);
      const reading = read();
      await vi.advanceTimersByTimeAsync(500);
      expect(shown()).toBeUndefined();
      await vi.advanceTimersByTimeAsync(200);
      expect(shown()).toMatchObject({ answer: null, known, problem: null });
      answerNow(list([listed('Plan')]));
      await reading;
      expect([titles(), shown()?.known]).toEqual([['Plan'], null]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('requests as much as is shown, and keeps a list that is longer than one page of the API', async () => {
    const all = many(140);
    const { read, more, asked, titles } = setUp(async ({ limit, cursor = '0' }) => {
      const end = Number(cursor) + limit;
      return list(all.slice(Number(cursor), end), end < all.length ? String(end) : null);
    });
    await read();
    await more();
    await read();
    expect(asked).toEqual([50, 50, 100]);
    await more();
    expect(titles()).toHaveLength(140);
    await read();
    expect(asked).toEqual([50, 50, 100, 50]);
    expect(titles()).toHaveLength(140);
  });

  it('ignores the response of a request that a newer one has superseded', async () => {
    const answers: ((answer: DocumentList) => void)[] = [];
    const { client, read, titles, queryKey } = setUp(
      () => new Promise((resolve) => answers.push(resolve)),
    );
    const first = read();
    answers[0]?.(list([listed('Plan'), listed('Budget')]));
    await first;
    const older = read().catch(() => undefined);
    await client.cancelQueries({ queryKey });
    const newer = read();
    answers[2]?.(list([listed('Plan')]));
    await newer;
    answers[1]?.(list([listed('Plan'), listed('Budget')]));
    await older;
    expect(titles()).toEqual(['Plan']);
  });
});
