import { describe, expect, it } from 'vitest';
import { RefusedSenders } from './refused-senders.ts';

function scene() {
  const lines: { about: object; message: string }[] = [];
  let now = 0;
  const warn = (about: object, message = ''): void => void lines.push({ about, message });
  const refused = new RefusedSenders({ warn } as never, () => now);
  return { lines, refused, pass: (ms: number) => (now += ms) };
}

describe('the log of refused origins and hosts', () => {
  it('names each origin once, with the setting that lists it', () => {
    const { lines, refused } = scene();
    for (let time = 0; time < 5; time++) refused.origin('https://a.example');
    refused.origin('https://b.example');
    expect(lines.map(({ about }) => about)).toEqual([
      { origin: 'https://a.example' },
      { origin: 'https://b.example' },
    ]);
    expect(lines[0]?.message).toContain('CONCORD_ORIGINS');
  });

  it('names each host once, with the setting that decides it', () => {
    const { lines, refused } = scene();
    refused.host('a.example');
    refused.host('a.example');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.message).toContain('CONCORD_PUBLIC_URL');
  });

  it('is rate-limited for invented names', () => {
    const { lines, refused, pass } = scene();
    for (let name = 0; name < 10_000; name++) refused.origin(`https://${name}.example`);
    expect(lines).toHaveLength(20);
    pass(60_000);
    refused.origin(`https://${'x'.repeat(10_000)}.example`);
    expect(lines).toHaveLength(21);
    expect(JSON.stringify(lines.at(-1)).length).toBeLessThan(600);
  });
});
