import type { DocumentId } from '@concord/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DocumentFaults } from './document-faults.ts';

const id = 'd'.repeat(26) as DocumentId;
const boom = new Error('boom');
let now: number;
let faults: DocumentFaults;
beforeEach(() => {
  now = 0;
  faults = new DocumentFaults(() => now);
});

/** How long the document rests from now on. */
function restOf(document: DocumentId): number {
  const before = now;
  while (faults.resting(document) !== null) now += 500;
  const rest = now - before;
  now = before;
  return rest;
}

describe('a document whose owner threw', () => {
  it('is reopened at once after the first fault, and backs off exponentially after further ones', () => {
    const rests: number[] = [];
    for (let fault = 0; fault < 10; fault++) {
      faults.add(id, boom);
      rests.push(restOf(id));
    }
    expect(rests).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    expect(faults.resting(id)).toBe(boom);
  });

  it('has its back-off reset ten minutes after its last fault', () => {
    for (let fault = 0; fault < 5; fault++) faults.add(id, boom);
    now += 10 * 60_000;
    faults.add(id, boom);
    expect(restOf(id)).toBe(0);
  });

  it('records whose message caused the fault', () => {
    expect(faults.add(id, boom, 'ada')).toBe(false);
    expect(faults.add(id, boom, 'bob')).toBe(false);
    expect(faults.add(id, boom)).toBe(false);
    expect(faults.add(id, boom, 'ada')).toBe(true);
    expect(faults.add('e'.repeat(26) as DocumentId, boom, 'ada')).toBe(false);
  });

  it('is evicted after faults of a thousand other documents', () => {
    faults.add(id, boom);
    faults.add(id, boom);
    for (let other = 0; other < 1_000; other++) {
      faults.add(String(other).padStart(26, 'x') as DocumentId, boom);
    }
    expect(faults.resting(id)).toBeNull();
  });
});
