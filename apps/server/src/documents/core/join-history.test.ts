import type { ClientId, DocumentId, JoinMessage } from '@concord/protocol';
import { expect, it } from 'vitest';
import { isOfAnotherHistory } from './join-history.ts';

const entry = { clientId: 'a'.repeat(26) as ClientId, seq: 7, at: 1_000 };
const own = { historyId: 'own', head: 30, entry };
const join = (change: Partial<JoinMessage>): JoinMessage => ({
  docId: 'd'.repeat(26) as DocumentId,
  clientId: 'b'.repeat(26) as ClientId,
  epoch: 1,
  version: 30,
  nextSeq: 1,
  protocol: 3,
  historyId: 'own',
  head: entry,
  ...change,
});

it('a version that was produced by the operation of the log belongs to its history', () => {
  expect(isOfAnotherHistory(join({}), own)).toBe(false);
});

it.each<[string, Partial<JoinMessage>]>([
  ['of another client', { head: { ...entry, clientId: 'c'.repeat(26) as ClientId } }],
  ['of another number', { head: { ...entry, seq: 8 } }],
  ['that was committed at another time', { head: { ...entry, at: 1_001 } }],
])('a version that was produced by an operation %s does not', (_name, change) => {
  expect(isOfAnotherHistory(join(change), own)).toBe(true);
});

it('a version beyond the head does not, whatever else the client says', () => {
  expect(isOfAnotherHistory(join({ version: 31 }), own)).toBe(true);
  expect(isOfAnotherHistory(join({ version: 31, diverged: true }), own)).toBe(true);
  expect(isOfAnotherHistory(join({ version: 31, protocol: 2, head: undefined }), own)).toBe(true);
});

it('a version of another store does not, even with the same operation', () => {
  expect(isOfAnotherHistory(join({ historyId: 'restored' }), own)).toBe(true);
});

it('the empty text at version 0 belongs to every history', () => {
  expect(isOfAnotherHistory(join({ version: 0, historyId: 'restored' }), own)).toBe(false);
});

it('a version that the log has no operation for does not', () => {
  expect(isOfAnotherHistory(join({}), { ...own, entry: null })).toBe(true);
});

it.each([
  ['the same', 7, 7, false],
  ['another', 7, 8, true],
  ['one that costs too much to make', 7, null, true],
  ['any, when the client says nothing of its own', undefined, 7, false],
] as const)(
  'a version without an operation, where the text of the log has %s checksum',
  (_name, checksum, found, isOther) => {
    const unproven = join({ head: undefined, checksum });
    expect(isOfAnotherHistory(unproven, { ...own, checksum: found })).toBe(isOther);
  },
);
