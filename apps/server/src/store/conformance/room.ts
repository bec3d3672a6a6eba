/** A disk that is almost full: saving is paused, reading goes on. */
import { describe, expect, it } from 'vitest';
import { needsRoom, writeNames, type WriteName } from '../ports/room-rule.ts';
import { StoreFullError, type Store } from '../ports/store.ts';
import { batchOf, emptyDocument, recordOf, renameTo } from '../test-batches.ts';
import {
  accountOf,
  documentInvitationOf,
  invitationOf,
  linkOf,
  sessionOf,
  tokenOf,
} from '../test-records.ts';
import { notes, plan } from './scene.ts';

export interface FillingScene {
  readonly store: Store;
  /** Makes the disk full, or gives it room again; resolves when the store has noticed. */
  setFull(isFull: boolean): Promise<void>;
}

const checkpoint = {
  version: 2,
  compressedText: new Uint8Array(9),
  checksum: 1,
  lengthCodePoints: 9,
};
const answer = { requestHash: 'r', status: 201, headers: {}, body: 'sealed', at: 10 };
const rotation = {
  fromHash: 'hash-of-session',
  toHash: 'next',
  attemptHash: 'attempt',
  at: 5,
  expiresAt: 1_000,
  userAgent: '',
  address: '127.0.0.1',
};

/** Each write of the port, once. */
const writes: Readonly<Record<WriteName, (store: Store) => Promise<unknown>>> = {
  'log.append': ({ log }) => log.append(batchOf(plan, 3)),
  'checkpoints.write': ({ checkpoints }) => checkpoints.write(plan, checkpoint),
  'checkpoints.discardAfter': ({ checkpoints }) => checkpoints.discardAfter(plan, 0),
  'documents.createWithText': ({ documents }) =>
    documents.createWithText(emptyDocument(recordOf(notes))),
  'documents.rename': ({ documents }) => documents.rename(plan, renameTo('New'), 9),
  'documents.setTrashed': ({ documents }) => documents.setTrashed(plan, 5),
  'documents.remove': ({ documents }) => documents.remove(plan),
  'people.setName': ({ people }) => people.setName('ann', 'Ann'),
  'access.setAnyone': ({ access }) => access.setAnyone(plan, 'viewer'),
  'access.grant': ({ access }) => access.grant(plan, 'eve', 'viewer'),
  'access.revoke': ({ access }) => access.revoke(plan, 'bob'),
  'access.addLink': ({ access }) => access.addLink(linkOf('new', plan)),
  'access.changeLink': ({ access }) => access.changeLink(plan, 'link', { label: 'x' }),
  'access.removeLink': ({ access }) => access.removeLink(plan, 'link'),
  'access.openLink': ({ access }) => access.openLink('link', 'eve'),
  'documentInvitations.invite': (store) =>
    store.documentInvitations.invite(documentInvitationOf('new', plan)),
  'documentInvitations.withdraw': (store) => store.documentInvitations.withdraw(plan, 'asked', 2),
  'documentInvitations.accept': (store) => store.documentInvitations.accept('asked', 'eve', 2),
  'documentInvitations.decline': (store) => store.documentInvitations.decline('asked', 'eve', 2),
  'documentInvitations.removeExpired': (store) => store.documentInvitations.removeExpired(2),
  'library.recordVisit': ({ library }) => library.recordVisit('ann', plan, 5),
  'library.setStarred': ({ library }) => library.setStarred('ann', plan, true),
  'library.setFolder': ({ library }) => library.setFolder('ann', plan, 'Work'),
  'accounts.create': ({ accounts }) => accounts.create(accountOf('new'), null),
  'accounts.change': ({ accounts }) => accounts.change('ann', { disabledAt: 5 }),
  'accounts.remove': ({ accounts }) => accounts.remove('ann'),
  'authSessions.create': ({ authSessions }) => authSessions.create(sessionOf('new', 'ann')),
  'authSessions.rotate': ({ authSessions }) => authSessions.rotate('session', rotation),
  'authSessions.proven': ({ authSessions }) => authSessions.proven('session', 5),
  'authSessions.end': ({ authSessions }) => authSessions.end('session'),
  'authSessions.endAllOf': ({ authSessions }) => authSessions.endAllOf('ann', null),
  'authSessions.removeExpired': ({ authSessions }) => authSessions.removeExpired(5),
  'apiTokens.create': ({ apiTokens }) => apiTokens.create(tokenOf('new', 'ann')),
  'apiTokens.remove': ({ apiTokens }) => apiTokens.remove('ann', 'token'),
  'apiTokens.used': ({ apiTokens }) => apiTokens.used('token', 5),
  'invitations.create': ({ invitations }) => invitations.create(invitationOf('new')),
  'invitations.remove': ({ invitations }) => invitations.remove('one'),
  'invitations.removeUnusedOfFirstStart': ({ invitations }) =>
    invitations.removeUnusedOfFirstStart(),
  'keptAnswers.begin': ({ keptAnswers }) => keptAnswers.begin('k', { requestHash: 'r', at: 5 }, 0),
  'keptAnswers.put': ({ keptAnswers }) => keptAnswers.put('key', answer),
  'keptAnswers.removeBefore': ({ keptAnswers }) => keptAnswers.removeBefore(5),
  'signingKeys.begin': ({ signingKeys }) => signingKeys.begin(['access'], 5),
  'signingKeys.rotate': ({ signingKeys }) =>
    signingKeys.rotate([{ purpose: 'access', kid: 'next' }], 5, false),
  'signingKeys.removeRetired': ({ signingKeys }) => signingKeys.removeRetired('access', 5),
  'usage.keepDays': ({ usage }) => usage.keepDays([], 0),
  'usage.charge': ({ usage }) => usage.charge([{ userId: 'ann', documentId: plan, bytes: 5 }]),
  'retention.setTime': ({ retention }) => retention.setTime({ creditedAt: 5, wallAt: 5 }),
  secret: (store) => store.secret('new'),
};

async function prepare({ documents, log, access, ...store }: Store): Promise<void> {
  await documents.createWithText(emptyDocument(recordOf(plan)));
  await log.append(batchOf(plan, 1, 2));
  await access.grant(plan, 'bob', 'editor');
  await access.addLink(linkOf('link', plan));
  await store.accounts.create(accountOf('ann'), null);
  await store.authSessions.create(sessionOf('session', 'ann'));
  await store.apiTokens.create(tokenOf('token', 'ann'));
  await store.invitations.create(invitationOf('one'));
  await store.documentInvitations.invite(documentInvitationOf('asked', plan));
}

export function describeRoom(scene: FillingScene): void {
  describe('on a disk that is almost full', () => {
    it('each write is refused or executed according to the rule of the port', async () => {
      await prepare(scene.store);
      await scene.setFull(true);
      expect(scene.store.room.current().isPaused).toBe(true);
      // Last what deletes what the others are about.
      const names = writeNames.toSorted((one, other) => Number(/[rR]emove/.test(one)) - Number(/[rR]emove/.test(other))); // prettier-ignore
      for (const name of names) {
        const written = writes[name](scene.store);
        if (!needsRoom(name)) await expect(written, name).resolves.not.toBeInstanceOf(Error);
        else await expect(written, name).rejects.toThrow(StoreFullError);
      }
    });

    it('a kept answer needs space, whatever the write', async () => {
      await prepare(scene.store);
      await scene.setFull(true);
      const { store } = scene;
      const kept = { key: 'key', answer };
      await expect(store.documents.setTrashed(plan, 5, kept)).rejects.toThrow(StoreFullError);
      await expect(store.access.revoke(plan, 'bob', kept)).rejects.toThrow(StoreFullError);
      expect((await store.access.get(plan))?.isTrashed).toBe(false);
      expect((await store.access.get(plan))?.people.has('bob')).toBe(true);
      expect(await store.keptAnswers.get('key')).toBeNull();
      await store.access.revoke(plan, 'bob');
    });

    it('writes that need space are refused without effect, and reads succeed', async () => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      await scene.store.log.append(batchOf(plan, 1, 2));
      await scene.setFull(true);
      const { store } = scene;
      const refused = [
        store.log.append(batchOf(plan, 3)),
        store.documents.createWithText(emptyDocument(recordOf(notes))),
        store.documents.rename(plan, renameTo('New'), 9),
      ];
      for (const write of refused) {
        await expect(write).rejects.toThrow(StoreFullError);
        await expect(write).rejects.toMatchObject({ fatal: false });
      }
      expect(await store.log.headVersion(plan)).toBe(2);
      expect(await store.log.read(plan, 0, 9)).toEqual(batchOf(plan, 1, 2).operations);
      expect(await store.documents.get(plan)).toMatchObject(recordOf(plan, { updatedAt: 2 }));
      expect(await store.documents.get(notes)).toBeNull();
    });

    it('writes that free space or revoke access succeed', async () => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan), 'editor'));
      await scene.store.documents.createWithText(emptyDocument(recordOf(notes), 'editor'));
      await scene.setFull(true);
      const { store } = scene;
      await store.documents.setTrashed(plan, 5);
      await store.access.setAnyone(notes, 'off');
      await store.authSessions.endAllOf('ann', null);
      await store.documents.remove(plan);
      expect(await store.documents.ids()).toEqual([notes]);
      expect(await store.access.get(notes)).toMatchObject({ anyone: 'off' });
    });

    it('saving resumes by itself with the next version once there is space', async () => {
      await scene.store.documents.createWithText(emptyDocument(recordOf(plan)));
      await scene.store.log.append(batchOf(plan, 1, 2));
      await scene.setFull(true);
      await expect(scene.store.log.append(batchOf(plan, 3))).rejects.toThrow(StoreFullError);
      await scene.setFull(false);
      expect(scene.store.room.current().isPaused).toBe(false);
      await scene.store.log.append(batchOf(plan, 3));
      expect(await scene.store.log.headVersion(plan)).toBe(3);
    });
  });
}
