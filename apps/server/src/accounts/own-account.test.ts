/** What is told of the changes that people make to their own accounts. */
import { randomDocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import type { SignedInPrincipal } from '../access/principal.ts';
import { recordedEvents } from '../platform/test-events.ts';
import { emptyDocument, recordOf } from '../store/test-batches.ts';
import { accountScene, nowhere, type AccountScene } from './test-accounts.ts';

async function signedIn(scene: AccountScene, userName: string): Promise<SignedInPrincipal> {
  const userId = await scene.addAccount(userName);
  const { signedIn: session } = await scene.services.authSessions.start(userId, nowhere);
  const { sessionId: authSessionId, expiresAt } = session;
  return { kind: 'account', userId, authSessionId, isAdmin: false, expiresAt };
}

it('a changed name is published once it is in the store', async () => {
  const scene = await accountScene();
  const ann = await signedIn(scene, 'ann');
  const told = recordedEvents(scene.events, 'personRenamed');
  await scene.services.ownAccounts.rename(ann.userId, 'Ann A.');
  expect(told).toEqual([{ type: 'personRenamed', userId: ann.userId, name: 'Ann A.' }]);
  expect(await scene.services.ownAccounts.of(ann)).toMatchObject({ name: 'Ann A.' });
});

it('a deleted account is published with the documents it alone owned, and no others', async () => {
  const scene = await accountScene();
  const ann = await signedIn(scene, 'ann');
  const [own, foreign] = [randomDocumentId(), randomDocumentId()];
  await scene.store.documents.createWithText(
    emptyDocument(recordOf(own, { createdBy: ann.userId })),
  );
  await scene.store.documents.createWithText(
    emptyDocument(recordOf(foreign, { createdBy: 'bob' })),
  );
  await scene.store.access.grant(foreign, ann.userId, 'editor');
  const left: unknown[] = [];
  scene.events.subscribe('accessChanged', async ({ documentId }) => {
    left.push([documentId, await scene.store.documents.get(documentId)]);
  });
  const accounts = recordedEvents(scene.events, 'accountChanged');
  await scene.services.ownAccounts.remove(ann, '192.0.2.1', undefined);
  expect(left).toEqual([[own, null]]);
  expect(accounts).toEqual([{ type: 'accountChanged', userId: ann.userId }]);
});

it('a wrong password deletes no account and publishes nothing', async () => {
  const scene = await accountScene();
  const ann = await signedIn(scene, 'ann');
  const passwordHash = await scene.services.passwords.hash('right');
  await scene.services.administration.change(ann.userId, { passwordHash }, ann.authSessionId);
  const told = recordedEvents(scene.events, 'accountChanged', 'sessionsEnded');
  const removed = scene.services.ownAccounts.remove(ann, '192.0.2.1', 'wrong');
  await expect(removed).rejects.toMatchObject({ code: 'wrongPassword' });
  expect(await scene.store.accounts.get(ann.userId)).not.toBeNull();
  expect(told).toEqual([]);
});

it('a deleted API token is published; that of another person is neither deleted nor published', async () => {
  const scene = await accountScene();
  const { services } = scene;
  const [ann, bob] = [await signedIn(scene, 'ann'), await signedIn(scene, 'bob')];
  const claim = { principal: ann, address: '192.0.2.1', password: undefined };
  const wanted = { label: '', scopes: ['account'], expiresAt: null } as const;
  const { record } = await services.apiTokens.create(claim, wanted, () => null);
  const told = recordedEvents(scene.events, 'apiTokenDeleted');
  const stolen = services.apiTokens.remove(bob.userId, record.id, () => null);
  await expect(stolen).rejects.toMatchObject({ code: 'tokenNotFound' });
  expect(told).toEqual([]);
  await services.apiTokens.remove(ann.userId, record.id, () => null);
  expect(told).toEqual([{ type: 'apiTokenDeleted', userId: ann.userId, tokenId: record.id }]);
});
