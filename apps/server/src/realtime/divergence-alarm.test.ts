import { expect, it } from 'vitest';
import { DivergenceAlarm, REPORT_EVERY_MS, REPORTS_PER_NETWORK } from './divergence-alarm.ts';

const report = (userId: string, documentId = 'plan', address = '192.0.2.1') => ({
  userId,
  documentId,
  address,
});

it('one person reports one document once in ten minutes', () => {
  let now = 0;
  const alarm = new DivergenceAlarm(() => now);
  const counted = () => alarm.counts(report('ann'));
  expect([counted(), counted(), counted()]).toEqual([true, false, false]);
  expect(alarm.counts(report('ann', 'notes'))).toBe(true);
  now += REPORT_EVERY_MS;
  expect([counted(), counted()]).toEqual([true, false]);
});

it('guests of one network, who cost nothing to become, add no more than a few', () => {
  let now = 0;
  const alarm = new DivergenceAlarm(() => now);
  const counted = (prefix: string, address: (n: number) => string): number => {
    let count = 0;
    for (let n = 0; n < 1_000; n += 1) {
      if (alarm.counts(report(`${prefix}-${n}`, `document-${n}`, address(n)))) count += 1;
    }
    return count;
  };
  expect(counted('a', () => '192.0.2.1')).toBe(REPORTS_PER_NETWORK);
  expect(counted('b', (n) => `2001:db8::${n.toString(16)}`)).toBe(REPORTS_PER_NETWORK);
  expect(alarm.counts(report('other', 'plan', '192.0.2.2'))).toBe(true);
  now += REPORT_EVERY_MS;
  expect(counted('c', () => '192.0.2.1')).toBe(REPORTS_PER_NETWORK);
});
