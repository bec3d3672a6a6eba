/** Services whose requests may be sent again: each hands the answer to the write, which keeps both or neither. */
import { randomDocumentId, type DocumentId } from '@concord/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Identified, SignedInPrincipal } from './access/principal.ts';
import { accountScene, nowhere, type AccountScene } from './accounts/test-accounts.ts';
import type { Services } from './services.ts';
import type { KeptWrite } from './store/ports/account-store.ts';
import type { WriteThrough } from './store/ports/write-through.ts';
import { servicesOver } from './test-services.ts';

const bob: Identified = { kind: 'guest', userId: 'b'.repeat(32) };
const address = '192.0.2.1';
const anyTime = async (): Promise<void> => {};
const withoutKey = (): null => null;
const link = { role: 'editor', label: '', password: null, expiresAt: null } as const;
const kept: KeptWrite = {
  key: 'key',
  answer: { requestHash: 'r', status: 200, headers: {}, body: 'sealed', at: 10 },
};

let scene: AccountScene;
let services: Services;
let ann: SignedInPrincipal;
let id: DocumentId;

beforeEach(async () => {
  scene = await accountScene();
  services = servicesOver(scene);
  const userId = await scene.addAccount('ann', { isAdmin: true });
  const { signedIn } = await scene.services.authSessions.start(userId, nowhere);
  const { sessionId: authSessionId, expiresAt } = signedIn;
  ann = { kind: 'account', userId, authSessionId, isAdmin: true, expiresAt };
  id = randomDocumentId();
  await create(id, withoutKey);
});
afterEach(() => scene.store.close());

const create = (documentId: DocumentId, through: WriteThrough<unknown>) => {
  const wanted = { title: 'Plan', text: 'text', anyone: 'off', folder: '' } as const;
  return services.documentService.create(ann, address, { id: documentId, ...wanted }, through);
};
const remove = (isForEver: boolean, through: WriteThrough) =>
  services.documentService.delete(ann, id, isForEver, anyTime, through);
const addToken = (through: WriteThrough<unknown>) => {
  const claim = { principal: ann, address, password: undefined };
  const wanted = { label: '', scopes: ['account'], expiresAt: null } as const;
  return scene.services.apiTokens.create(claim, wanted, through);
};
const inviteAccount = (through: WriteThrough<unknown>) =>
  scene.services.accountInvitations.create(ann.userId, { label: '', isAdmin: false }, through);

/** Prepares, and returns the change whose answer is kept. */
const changes: Readonly<Record<string, () => Promise<(through: () => KeptWrite) => unknown>>> = {
  'creating a document': async () => (through) => create(randomDocumentId(), through),
  'putting a document into the trash': async () => (through) => remove(false, through),
  'deleting a document permanently': async () => {
    await remove(false, withoutKey);
    return (through) => remove(true, through);
  },
  'taking a person’s access away': async () => {
    await scene.store.access.grant(id, bob.userId, 'editor');
    return (through) => services.people.revoke(ann, id, bob.userId, through);
  },
  'adding a link': async () => (through) => services.shareLinks.add(ann, id, link, through),
  'removing a link': async () => {
    const added = await services.shareLinks.add(ann, id, link, withoutKey);
    return (through) => services.shareLinks.remove(ann, id, added.link.id, through);
  },
  'making an API token': async () => addToken,
  'deleting an API token': async () => {
    const { record } = await addToken(withoutKey);
    return (through) => scene.services.apiTokens.remove(ann.userId, record.id, through);
  },
  'inviting a person to an account': async () => inviteAccount,
  'taking an invitation to an account back': async () => {
    const { record } = await inviteAccount(withoutKey);
    return (through) => scene.services.accountInvitations.remove(record.id, through);
  },
};

it.each(Object.entries(changes))('%s keeps the answer in its write', async (_name, prepare) => {
  const change = await prepare();
  expect(await scene.store.keptAnswers.get(kept.key)).toBeNull();
  await change(() => kept);
  expect(await scene.store.keptAnswers.get(kept.key)).toEqual(kept.answer);
});
