/** The contract of each store for access lists; see conformance.ts. */
import { beforeEach, describe, expect, it } from 'vitest';
import { LastOwnerError, type ShareLinkRecord } from '../ports/access-store.ts';
import type { Store } from '../ports/store.ts';
import { documentId, emptyDocument, recordOf, renameTo } from '../test-batches.ts';

const plan = documentId('plan');
const notes = documentId('notes');

export const linkOf = (change: Partial<ShareLinkRecord> = {}): ShareLinkRecord => ({
  id: 'link',
  documentId: plan,
  role: 'viewer',
  label: 'Class',
  tokenHash: `hash of ${change.id ?? 'link'}`,
  passwordHash: null,
  createdBy: 'ann',
  createdAt: 1,
  expiresAt: null,
  ...change,
});

export function describeAccess(current: () => Store, reopen: () => Promise<void>): void {
  describe('access', () => {
    beforeEach(async () => {
      await current().documents.createWithText(emptyDocument(recordOf(plan, { createdBy: 'ann' })));
    });
    const access = () => current().access;

    it('starts with its creator as owner', async () => {
      expect(await access().get(plan)).toEqual({
        epoch: 1,
        anyone: 'off',
        isTrashed: false,
        people: new Map([['ann', 'owner']]),
        links: [],
        opened: new Map(),
      });
      expect(await access().get(notes)).toBeNull();
    });

    it('increments its epoch with each change, and only then', async () => {
      const epoch = async () => (await access().revisions([plan])).get(plan)?.epoch;
      const changes: [string, () => Promise<unknown>][] = [
        ['anyone', () => access().setAnyone(plan, 'viewer')],
        ['grant', () => access().grant(plan, 'bob', 'editor')],
        ['revoke', () => access().revoke(plan, 'bob')],
        ['link', () => access().addLink(linkOf())],
        ['opened', () => access().openLink('link', 'eve')],
        ['changed', () => access().changeLink(plan, 'link', { role: 'editor' })],
        ['removed', () => access().removeLink(plan, 'link')],
        ['trashed', () => current().documents.setTrashed(plan, 1)],
      ];
      for (const [place, [what, change]] of changes.entries()) {
        await change();
        expect(await epoch(), what).toBe(2 + place);
      }
      await access().revoke(plan, 'stranger');
      await access().removeLink(plan, 'link');
      await access().openLink('link', 'eve');
      await current().documents.rename(plan, renameTo('Renamed'), 5);
      expect(await epoch()).toBe(1 + changes.length);
      const revisions = await access().revisions([plan, notes]);
      expect([...revisions]).toEqual([[plan, { epoch: 1 + changes.length, titleVersion: 1 }]]);
    });

    it('stores and revokes roles of people', async () => {
      await access().grant(plan, 'bob', 'editor');
      await access().grant(plan, 'bob', 'viewer');
      await access().grant(notes, 'bob', 'viewer');
      await reopen();
      expect((await access().get(plan))?.people.get('bob')).toBe('viewer');
      expect(await access().get(notes)).toBeNull();
      expect(await access().revoke(plan, 'bob')).toBe(true);
      expect(await access().revoke(plan, 'bob')).toBe(false);
      expect((await access().get(plan))?.people.has('bob')).toBe(false);
    });

    it('always has an owner', async () => {
      await expect(access().grant(plan, 'ann', 'editor')).rejects.toThrow(LastOwnerError);
      await expect(access().revoke(plan, 'ann')).rejects.toThrow(LastOwnerError);
      expect((await access().get(plan))?.people).toEqual(new Map([['ann', 'owner']]));
      await access().grant(plan, 'bob', 'owner');
      // Two concurrent revocations: one of the owners stays.
      const outcomes = await Promise.allSettled([
        access().revoke(plan, 'ann'),
        access().revoke(plan, 'bob'),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect((await access().get(plan))?.people.size).toBe(1);
    });

    it('by a link is stored per person, and ends with the link', async () => {
      await access().addLink(linkOf({ expiresAt: 900, passwordHash: 'password' }));
      await access().addLink(linkOf({ id: 'other', createdAt: 2, role: 'editor' }));
      await access().openLink('link', 'eve');
      await access().openLink('link', 'eve');
      await access().openLink('other', 'eve');
      await access().openLink('never there', 'eve');
      await reopen();
      expect(await access().get(plan)).toMatchObject({
        links: [
          { id: 'link', role: 'viewer', expiresAt: 900 },
          { id: 'other', role: 'editor', expiresAt: null },
        ],
        opened: new Map([['eve', ['link', 'other']]]),
      });
      expect(await access().links(plan)).toEqual([
        { ...linkOf({ expiresAt: 900, passwordHash: 'password' }), people: 1 },
        { ...linkOf({ id: 'other', createdAt: 2, role: 'editor' }), people: 1 },
      ]);
      expect(await access().linkOfToken('hash of other')).toMatchObject({ id: 'other' });
      expect(await access().linkOfToken('hash')).toBeNull();
      expect(await access().removeLink(notes, 'other')).toBe(false);
      expect(await access().removeLink(plan, 'other')).toBe(true);
      expect((await access().get(plan))?.opened).toEqual(new Map([['eve', ['link']]]));
      // A removed person does not regain access by links opened before.
      expect(await access().revoke(plan, 'eve')).toBe(true);
      expect((await access().get(plan))?.opened).toEqual(new Map());
    });

    it('by links is bounded in people, and can be read for one of them', async () => {
      await access().addLink(linkOf());
      await access().addLink(linkOf({ id: 'other', role: 'editor' }));
      for (const name of ['ann', 'bob'])
        expect(await access().openLink('link', name, 3)).toBe(true);
      expect(await access().openLink('other', 'bob', 3)).toBe(true);
      expect(await access().openLink('other', 'eve', 3)).toBe(false);
      // Openings that are stored already stay valid.
      expect(await access().openLink('link', 'ann', 3)).toBe(true);
      const whole = await access().get(plan);
      expect(whole?.opened).toEqual(new Map([['ann', ['link']], ['bob', ['link', 'other']]])); // prettier-ignore
      for (const name of ['ann', 'bob', 'eve', null]) {
        const own = name === null ? undefined : whole?.opened.get(name);
        const opened = new Map(own === undefined || name === null ? [] : [[name, own]]);
        expect(await access().getFor(plan, name)).toEqual({ ...whole, opened });
      }
      expect(await access().getFor(notes, 'ann')).toBeNull();
      await access().removeLink(plan, 'link');
      expect(await access().openLink('other', 'eve', 3)).toBe(true);
    });

    it('by a link changes with the link; a new password invalidates its openings', async () => {
      await access().addLink(linkOf({ expiresAt: 900 }));
      await access().openLink('link', 'eve');
      expect(await access().changeLink(plan, 'link', { label: 'New', expiresAt: null })).toBe(true);
      expect(await access().changeLink(notes, 'link', { label: 'No' })).toBe(false);
      expect(await access().links(plan)).toMatchObject([
        { label: 'New', expiresAt: null, passwordHash: null, people: 1 },
      ]);
      await access().changeLink(plan, 'link', { passwordHash: 'secret' });
      expect(await access().links(plan)).toMatchObject([{ passwordHash: 'secret', people: 0 }]);
      await access().openLink('link', 'eve');
      await access().changeLink(plan, 'link', { passwordHash: null });
      expect(await access().links(plan)).toMatchObject([{ passwordHash: null, people: 1 }]);
    });
  });
}
