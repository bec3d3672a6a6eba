import { expect, it } from 'vitest';
import { randomClientId, randomDocumentId, type JoinMessage } from '@concord/protocol';
import { isProvenDivergence, SentChecksums } from './divergence.ts';

const head = { clientId: randomClientId(), seq: 3, at: 1_000 };
const own = { historyId: 'history', entry: head };
const report: JoinMessage = {
  docId: randomDocumentId(),
  clientId: randomClientId(),
  ...{ epoch: 2, version: 64, nextSeq: 1, protocol: 3 },
  ...{ diverged: true, checksum: 7, historyId: 'history', head },
};

it('a report with another checksum, of the history of the log, is proven', () => {
  expect(isProvenDivergence(report, own, 8)).toBe(true);
});

it('a report is only a claim as soon as anything of it cannot be compared, or is not so', () => {
  const { checksum: _checksum, ...withoutChecksum } = report;
  const { head: _head, ...withoutHead } = report;
  const { historyId: _historyId, ...withoutHistory } = report;
  const other = { ...head, at: 1_001 };
  expect(isProvenDivergence(report, own, 7)).toBe(false);
  expect(isProvenDivergence(report, own, undefined)).toBe(false);
  for (const claim of [withoutChecksum, withoutHead, withoutHistory, { ...report, head: other }]) {
    expect(isProvenDivergence(claim, own, 8)).toBe(false);
  }
  expect(isProvenDivergence(report, { ...own, entry: null }, 8)).toBe(false);
});

it('checksums that were sent are known for a while, and no more than that', () => {
  const sent = new SentChecksums();
  for (let version = 1; version <= 1_000; version += 1) sent.add(version, version * 2);
  expect([sent.at(1_000), sent.at(950)]).toEqual([2_000, 1_900]);
  expect(sent.at(500)).toBeUndefined();
});
