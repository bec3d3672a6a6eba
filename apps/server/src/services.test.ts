/** What services publish: each change one event, when it is in the store; a refused change none. */
import { randomDocumentId, type DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Identified } from './access/principal.ts';
import { accountScene, type AccountScene } from './accounts/test-accounts.ts';
import type { DomainEvent } from './platform/domain-events.ts';
import { recordedEvents } from './platform/test-events.ts';
import type { Services } from './services.ts';
import type { Store } from './store/ports/store.ts';
import { servicesOver } from './test-services.ts';

const ann: Identified = { kind: 'guest', userId: 'a'.repeat(32) };
const bob: Identified = { kind: 'guest', userId: 'b'.repeat(32) };
const address = '192.0.2.1';
const anyTime = async (): Promise<void> => {};

let scene: AccountScene;
let store: Store;
let services: Services;
let told: DomainEvent[];
let id: DocumentId;

beforeEach(async () => {
  scene = await accountScene();
  ({ store } = scene);
  services = servicesOver(scene);
  id = randomDocumentId();
  await services.documentService.create(
    ann,
    address,
    { id, title: 'Plan', text: 'text', anyone: 'off', folder: '' },
    () => null,
  );
  told = recordedEvents(
    scene.events,
    ...(['documentRenamed', 'accessChanged', 'documentPurging', 'documentPurged'] as const),
    'personRenamed',
  );
});
afterEach(() => store.close());

const through = (): null => null;
const change = (by: Identified, to: Parameters<Services['documentService']['change']>[2]) =>
  services.documentService.change(by, id, to, anyTime, async () => by);

it('a new document is told of with its text, when it is in the store', async () => {
  const created = recordedEvents(scene.events, 'documentCreated');
  const another = randomDocumentId();
  const stored: unknown[] = [];
  scene.events.subscribe('documentCreated', async ({ documentId }) => {
    stored.push((await store.documents.get(documentId))?.title);
  });
  const wanted = { id: another, title: 'Notes', text: 'words', anyone: 'off', folder: '' } as const;
  await services.documentService.create(ann, address, wanted, through);
  expect(created).toEqual([
    { type: 'documentCreated', documentId: another, version: 1, text: 'words' },
  ]);
  expect(stored).toEqual(['Notes']);
});

it('a title and what anyone may do are told of once each, what is personal is not', async () => {
  const rename = { title: 'Plans', base: null, renameId: null };
  await change(ann, { rename, anyone: 'viewer', starred: true, folder: 'Work' });
  expect(told).toEqual([
    { type: 'documentRenamed', documentId: id, title: 'Plans', titleVersion: 1, renameId: null },
    { type: 'accessChanged', documentId: id },
  ]);
});

it('a change that is refused is neither made nor told of', async () => {
  await store.access.setAnyone(id, 'viewer');
  const rename = { title: 'Mine', base: null, renameId: null };
  await expect(change(bob, { rename, starred: true })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(services.people.setRole(bob, id, ann.userId, 'viewer')).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(services.people.revoke(ann, id, ann.userId, through)).rejects.toMatchObject({
    code: 'lastOwner',
  });
  await expect(services.shareLinks.remove(ann, id, 'none', through)).rejects.toMatchObject({
    code: 'linkNotFound',
  });
  expect(told).toEqual([]);
  expect(await store.documents.get(id)).toMatchObject({ title: 'Plan' });
});

it('a change that the store could not make is not told of', async () => {
  vi.spyOn(store.access, 'grant').mockRejectedValueOnce(new Error('no disk'));
  await expect(services.people.setRole(ann, id, ann.userId, 'owner')).rejects.toThrow('no disk');
  expect(told).toEqual([]);
});

it('whatever changes who may do what is told of once: roles, links, the trash', async () => {
  const changed = { type: 'accessChanged', documentId: id };
  const { link, token } = await services.shareLinks.add(
    ann,
    id,
    { role: 'editor', label: '', password: null, expiresAt: null },
    through,
  );
  await services.shareLinks.change(ann, id, link.id, { role: 'viewer' });
  await services.shareLinks.open(bob, address, { token });
  // It was opened already: nothing changes.
  await services.shareLinks.open(bob, address, { token });
  await services.people.revoke(ann, id, bob.userId, through);
  await services.shareLinks.remove(ann, id, link.id, through);
  expect(told).toEqual([changed, changed, changed, changed, changed]);
  told.length = 0;
  await services.documentService.delete(ann, id, false, anyTime, through);
  await services.documentService.restore(ann, id);
  await services.documentService.restore(ann, id);
  expect(told).toEqual([changed, changed]);
});

it('an accepted invitation changes who may do what, a declined one does not', async () => {
  const invited = { invited: { userId: bob.userId }, role: 'editor' } as const;
  await services.documentInvitations.invite(ann, address, id, invited);
  const [first] = await services.documentInvitations.received(bob);
  await services.documentInvitations.accept(bob, first?.id ?? '');
  expect(told).toEqual([{ type: 'accessChanged', documentId: id }]);
  const refused = services.documentInvitations.decline(bob, first?.id ?? '');
  await expect(refused).rejects.toMatchObject({ code: 'noSuchInvitation' });
  expect(told).toHaveLength(1);
});

it('a purge is told of before, so that nothing more is written, and after', async () => {
  await services.documentService.delete(ann, id, false, anyTime, through);
  told.length = 0;
  const stored: boolean[] = [];
  for (const type of ['documentPurging', 'documentPurged'] as const) {
    scene.events.subscribe(type, async () => {
      stored.push((await store.documents.get(id)) !== null);
    });
  }
  await services.documentService.delete(ann, id, true, anyTime, through);
  expect(told).toEqual([
    { type: 'documentPurging', documentId: id },
    { type: 'documentPurged', documentId: id },
  ]);
  expect(stored).toEqual([true, false]);
});
