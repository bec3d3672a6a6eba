import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, preferredMember, type Member } from './rendezvous.ts';

const DOCUMENTS = 20_000;
const documents = Array.from({ length: DOCUMENTS }, (_, index) => `document-${index}`);

const member = (node: string, weight = 1): Member => ({ leaseId: `${node}#1`, node, weight });
const members = (count: number): Member[] =>
  Array.from({ length: count }, (_, index) => member(`node-${index}`));

const ownersOf = (list: readonly Member[]): (string | undefined)[] =>
  documents.map((id) => preferredMember(id, list)?.node);
const countOf = (owners: readonly unknown[], node: string): number =>
  owners.filter((owner) => owner === node).length;

/** Five standard deviations of a binomial distribution: no seed of the hash was chosen to fit. */
const tolerance = (share: number): number => 5 * Math.sqrt(DOCUMENTS * share * (1 - share));

const nodeNames = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), {
  minLength: 1,
  maxLength: 8,
});
const weighted = nodeNames.chain((names) =>
  fc.tuple(
    ...names.map((name) => fc.integer({ min: 1, max: 5 }).map((each) => member(name, each))),
  ),
);
const documentIds = fc.array(fc.string({ minLength: 1, maxLength: 26 }), {
  minLength: 1,
  maxLength: 60,
});

describe('rendezvous hashing', () => {
  it.each([2, 3, 5, 12])('gives each of %i equal members an equal share', (count) => {
    const owners = ownersOf(members(count));
    for (const { node } of members(count)) {
      const expected = DOCUMENTS / count;
      expect(Math.abs(countOf(owners, node) - expected)).toBeLessThan(tolerance(1 / count));
    }
  });

  it('gives members shares in proportion to their weights', () => {
    const owners = ownersOf([member('small'), member('middle', 2), member('large', 5)]);
    for (const [node, share] of [
      ['small', 1 / 8],
      ['middle', 2 / 8],
      ['large', 5 / 8],
    ] as const) {
      expect(Math.abs(countOf(owners, node) - DOCUMENTS * share)).toBeLessThan(tolerance(share));
    }
  });

  it.each([2, 3, 9])('moves about 1/N of the documents to a node that joins %i others', (count) => {
    const before = ownersOf(members(count));
    const after = ownersOf([...members(count), member('new')]);
    const moved = after.filter((owner, index) => owner !== before[index]);
    expect(new Set(moved)).toEqual(new Set(['new']));
    const share = 1 / (count + 1);
    expect(Math.abs(moved.length - DOCUMENTS * share)).toBeLessThan(tolerance(share));
  });

  it('moves only the documents of a node that leaves', () => {
    fc.assert(
      fc.property(weighted, fc.nat(), documentIds, (list, which, ids) => {
        const gone = list[which % list.length];
        const rest = list.filter((each) => each !== gone);
        for (const id of ids) {
          const before = preferredMember(id, list);
          const after = preferredMember(id, rest);
          if (before !== gone) expect(after).toEqual(before);
        }
      }),
    );
  });

  it('moves documents only from or to a node whose weight changes', () => {
    fc.assert(
      fc.property(
        weighted,
        fc.nat(),
        fc.integer({ min: 0, max: 9 }),
        documentIds,
        (list, which, weight, ids) => {
          // prettier-ignore
          const changed = list[which % list.length];
          if (changed === undefined) return;
          const isHeavier = weight > changed.weight;
          const others = list.map((each) => (each === changed ? { ...each, weight } : each));
          for (const id of ids) {
            const before = preferredMember(id, list)?.node;
            const after = preferredMember(id, others)?.node;
            if (before !== after) expect(isHeavier ? after : before).toBe(changed.node);
          }
        },
      ),
    );
  });

  it('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(weighted, documentIds, (list, ids) => {
        const reversed = [...list].reverse();
        for (const id of ids)
          expect(preferredMember(id, reversed)).toEqual(preferredMember(id, list));
      }),
    );
  });

  it('gives no document to a member of weight 0, also when there is no other', () => {
    const owners = ownersOf([member('draining', 0), member('other')]);
    expect(new Set(owners)).toEqual(new Set(['other']));
    expect(preferredMember('document', [member('draining', 0)])).toBeNull();
    expect(preferredMember('document', [])).toBeNull();
  });

  it('prefers the greater lease of one node, whatever the order', () => {
    const former = { leaseId: 'a#1', node: 'a', weight: 1 };
    const present = { leaseId: 'a#2', node: 'a', weight: 1 };
    expect(preferredMember('document', [former, present])).toBe(present);
    expect(preferredMember('document', [present, former])).toBe(present);
  });

  it('hashes to numbers between 0 and 1, both excluded', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(hashOf(text)).toBeGreaterThan(0);
        expect(hashOf(text)).toBeLessThan(1);
      }),
    );
  });
});
