import { describe, expect, it } from 'vitest';
import { TtlCache } from './ttl-cache.ts';

function scene() {
  let now = 0;
  const asked: string[] = [];
  const answers: ((value: string) => void)[] = [];
  const cache = new TtlCache<string>(
    (key) => {
      asked.push(key);
      return new Promise((resolve) => answers.push(resolve));
    },
    4_000,
    () => now,
  );
  return { cache, asked, answers, pass: (ms: number) => (now += ms) };
}

describe('a TTL cache of answers', () => {
  it('asks the source once within the TTL, counted from the request', async () => {
    const { cache, asked, answers, pass } = scene();
    const first = cache.get('a');
    pass(3_999);
    const second = cache.get('a');
    answers[0]?.('yes');
    await expect(Promise.all([first, second])).resolves.toEqual(['yes', 'yes']);
    pass(1);
    void cache.get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('asks the source again after an invalidation, even while an older request is pending', async () => {
    const { cache, answers } = scene();
    const before = cache.get('a');
    cache.invalidate('a');
    const after = cache.get('a');
    answers[1]?.('no');
    answers[0]?.('yes');
    await expect(before).resolves.toBe('yes');
    await expect(after).resolves.toBe('no');
    await expect(cache.get('a')).resolves.toBe('no');
  });

  it('does not cache a rejection', async () => {
    let isBroken = true;
    const cache = new TtlCache<string>(
      async () => {
        if (isBroken) throw new Error('the disk');
        return 'yes';
      },
      4_000,
      () => 0,
    );
    await expect(cache.get('a')).rejects.toThrow('the disk');
    isBroken = false;
    await expect(cache.get('a')).resolves.toBe('yes');
  });

  it('is bounded by LRU eviction', () => {
    const { cache, asked } = scene();
    for (let n = 0; n < 20_000; n += 1) void cache.get(String(n));
    void cache.get('0');
    void cache.get('20000');
    expect(asked).toHaveLength(20_001);
    void cache.get('0');
    expect(asked).toHaveLength(20_001);
    void cache.get('1');
    expect(asked).toHaveLength(20_002);
  });
});
