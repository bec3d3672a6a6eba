import { describe, expect, it } from 'vitest';
import { RecentAnswers } from './ttl-cache.ts';

function scene() {
  let now = 0;
  const asked: string[] = [];
  const answers: ((value: string) => void)[] = [];
  const recent = new RecentAnswers<string>(
    (key) => {
      asked.push(key);
      return new Promise((resolve) => answers.push(resolve));
    },
    4_000,
    () => now,
  );
  return { recent, asked, answers, pass: (ms: number) => (now += ms) };
}

describe('recent answers', () => {
  it('are asked for once while they are recent, counted from the question', async () => {
    const { recent, asked, answers, pass } = scene();
    const first = recent.get('a');
    pass(3_999);
    const second = recent.get('a');
    answers[0]?.('yes');
    await expect(Promise.all([first, second])).resolves.toEqual(['yes', 'yes']);
    pass(1);
    void recent.get('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('that are forgotten are asked for anew, although an older question is under way', async () => {
    const { recent, answers } = scene();
    const before = recent.get('a');
    recent.forget('a');
    const after = recent.get('a');
    answers[1]?.('no');
    answers[0]?.('yes');
    await expect(before).resolves.toBe('yes');
    await expect(after).resolves.toBe('no');
    await expect(recent.get('a')).resolves.toBe('no');
  });

  it('that are errors are not kept', async () => {
    let isBroken = true;
    const recent = new RecentAnswers<string>(
      async () => {
        if (isBroken) throw new Error('the disk');
        return 'yes';
      },
      4_000,
      () => 0,
    );
    await expect(recent.get('a')).rejects.toThrow('the disk');
    isBroken = false;
    await expect(recent.get('a')).resolves.toBe('yes');
  });

  it('are bounded in number', () => {
    const { recent, asked } = scene();
    for (let n = 0; n < 20_001; n += 1) void recent.get(String(n));
    void recent.get('20000');
    expect(asked).toHaveLength(20_001);
    void recent.get('0');
    expect(asked).toHaveLength(20_002);
  });
});
