import type { CreatedShareLink, DocumentResource, ShareLink } from '@concord/protocol';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiScene, type Answer, type Headers } from './test-api.ts';

let scene: ApiScene;
let owner: Headers;
let document: DocumentResource;
beforeAll(async () => {
  scene = await ApiScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  owner = scene.guest();
  document = await scene.create(owner, { title: 'Plan' });
});

const at = (rest = ''): string => `/api/v1/documents/${document.id}${rest}`;
const roleOf = async (who: Headers): Promise<string> => {
  const answer = await scene.ask(who, 'GET', at());
  return answer.status === 200 ? answer.json<DocumentResource>().role : answer.code;
};

describe('people of a document', () => {
  const add = (body: object, who = owner): Promise<Answer> =>
    scene.ask(who, 'POST', at('/people'), body);
  const change = (userId: string, role: string): Promise<Answer> =>
    scene.ask(owner, 'PATCH', at(`/people/${userId}`), { role });

  it('are added by user name, changed and removed', async () => {
    const { userId, ...ann } = await scene.account('ann');
    const added = await add({ login: 'ANN', role: 'viewer' });
    expect(added.status).toBe(201);
    expect(added.headers.get('location')).toBe(at(`/people/${userId}`));
    expect(added.json()).toMatchObject({ userId, userName: 'ann', role: 'viewer' });
    expect(await roleOf(ann)).toBe('viewer');
    expect((await add({ login: 'ann', role: 'commenter' })).status).toBe(200);
    expect((await change(userId, 'editor')).status).toBe(200);
    expect(await roleOf(ann)).toBe('editor');
    expect((await scene.ask(owner, 'DELETE', at(`/people/${userId}`))).status).toBe(204);
    expect(await roleOf(ann)).toBe('notFound');
    expect((await change(userId, 'editor')).code).toBe('noSuchPerson');
    expect((await scene.ask(owner, 'DELETE', at(`/people/${userId}`))).code).toBe('noSuchPerson');
  });

  it('are listed with names, owners first', async () => {
    const guest = scene.guest();
    await scene.ask(guest, 'PATCH', '/api/v1/me', { name: 'Gwen' });
    await add({ userId: await scene.userIdOf(guest), role: 'editor' });
    const { people } = (await scene.ask(owner, 'GET', at('/people'))).json<{
      people: { name: string; role: string; userName: string | null }[];
    }>();
    expect(people.map(({ role }) => role)).toEqual(['owner', 'editor']);
    expect(people[1]).toMatchObject({ name: 'Gwen', userName: null });
  });

  it('are somebody: by a login or a user id, not by both, and not unknown', async () => {
    expect((await add({ role: 'viewer' })).code).toBe('invalidBody');
    const userId = await scene.userIdOf(scene.guest());
    expect((await add({ login: 'x', userId, role: 'viewer' })).code).toBe('invalidBody');
    expect((await add({ login: 'nobody-here', role: 'viewer' })).code).toBe('noSuchAccount');
    expect((await add({ userId: 'no user id', role: 'viewer' })).code).toBe('noSuchAccount');
    expect((await add({ userId, role: 'admin' })).code).toBe('invalidBody');
  });

  it('have an owner, always', async () => {
    const self = await scene.userIdOf(owner);
    expect((await change(self, 'editor')).code).toBe('lastOwner');
    expect((await scene.ask(owner, 'DELETE', at(`/people/${self}`))).code).toBe('lastOwner');
    const other = await scene.userIdOf(scene.guest());
    await add({ userId: other, role: 'owner' });
    expect((await change(self, 'editor')).status).toBe(200);
  });

  it('may leave, but not send others away', async () => {
    const [one, other] = [scene.guest(), scene.guest()];
    const ids = await Promise.all([one, other].map((who) => scene.userIdOf(who)));
    for (const userId of ids) await add({ userId, role: 'editor' });
    const remove = (who: Headers, userId = '') => scene.ask(who, 'DELETE', at(`/people/${userId}`));
    expect((await remove(one, ids[1])).code).toBe('forbidden');
    expect((await remove(one, ids[0])).status).toBe(204);
    expect(await roleOf(one)).toBe('notFound');
    expect(await roleOf(other)).toBe('editor');
    expect((await scene.ask(other, 'GET', at('/people'))).code).toBe('forbidden');
  });
});

describe('a share link', () => {
  const make = async (body: object = { role: 'viewer' }): Promise<CreatedShareLink> =>
    (await scene.ask(owner, 'POST', at('/links'), body)).json();
  const open = (who: Headers, { url }: { url: string }, password?: string): Promise<Answer> =>
    scene.ask(who, 'POST', '/api/v1/links/open', {
      token: url.slice('/s/'.length),
      ...(password === undefined ? {} : { password }),
    });
  const change = (link: ShareLink, body: object): Promise<Answer> =>
    scene.ask(owner, 'PATCH', at(`/links/${link.id}`), body);
  const list = async (): Promise<readonly ShareLink[]> =>
    (await scene.ask(owner, 'GET', at('/links'))).json<{ shareLinks: ShareLink[] }>().shareLinks;

  it('gives its role to whoever opens it, until it is taken back', async () => {
    const guest = scene.guest();
    const link = await make({ role: 'commenter', label: 'Class' });
    expect(await roleOf(guest)).toBe('notFound');
    const opened = await open(guest, link);
    expect(opened.headers.get('cache-control')).toBe('no-store');
    expect(opened.json()).toEqual({
      documentId: document.id,
      role: 'commenter',
      url: document.url,
    });
    expect(await roleOf(guest)).toBe('commenter');
    expect(await list()).toMatchObject([{ label: 'Class', people: 1, hasPassword: false }]);
    expect((await scene.ask(owner, 'DELETE', at(`/links/${link.id}`))).status).toBe(204);
    expect(await roleOf(guest)).toBe('notFound');
    expect((await open(scene.guest(), link)).code).toBe('noSuchLink');
    expect((await change(link, { label: 'x' })).code).toBe('notFound');
  });

  it('shows its address once, and is kept as a hash', async () => {
    const answer = await scene.ask(owner, 'POST', at('/links'), { role: 'editor' });
    const { url, id } = answer.json<CreatedShareLink>();
    expect(url).toMatch(/^\/s\/[a-z2-7]{26}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('location')).toBe(at(`/links/${id}`));
    expect(JSON.stringify(await list())).not.toContain(url.slice(3));
    const [kept] = await scene.context.store.access.links(document.id);
    expect(JSON.stringify(kept)).not.toContain(url.slice(3));
  });

  it('asks for its password', async () => {
    const guest = scene.guest();
    const link = await make({ role: 'editor', password: 'open sesame' });
    expect((await open(guest, link)).code).toBe('linkPassword');
    expect((await open(guest, link, 'open barley')).code).toBe('linkPassword');
    expect(await roleOf(guest)).toBe('notFound');
    expect((await open(guest, link, 'open sesame')).status).toBe(200);
    expect(await roleOf(guest)).toBe('editor');
    await change(link, { password: 'another one' });
    expect(await roleOf(guest)).toBe('notFound');
    await change(link, { password: null });
    expect((await open(guest, link)).status).toBe(200);
  });

  it('limits how often its password may be guessed', async () => {
    const link = await make({ role: 'viewer', password: 'open sesame' });
    const codes: string[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      codes.push((await open(scene.guest(), link, `guess ${attempt}`)).code);
    }
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'linkPassword'), 'tooManyAttempts']);
    // Asking what it is takes no attempt.
    expect((await open(scene.guest(), link)).code).toBe('linkPassword');
  });

  it('ends when it expires, as if it had never been', async () => {
    const guest = scene.guest();
    const past = { role: 'viewer', expiresAt: Date.now() - 1 };
    expect((await scene.ask(owner, 'POST', at('/links'), past)).code).toBe('invalidBody');
    const link = await make({ role: 'viewer', expiresAt: Date.now() + 3_600_000 });
    await open(guest, link);
    expect(await roleOf(guest)).toBe('viewer');
    await scene.context.store.access.changeLink(document.id, link.id, { expiresAt: 1 });
    expect(await roleOf(guest)).toBe('notFound');
    const expired = await open(scene.guest(), link);
    const unknown = await open(scene.guest(), { url: `/s/${'a'.repeat(26)}` });
    expect(expired.text).toBe(unknown.text);
    expect(expired.status).toBe(404);
  });

  it('changes its role for everybody who came by it', async () => {
    const guest = scene.guest();
    const link = await make({ role: 'viewer' });
    await open(guest, link);
    expect((await change(link, { role: 'editor' })).json()).toMatchObject({ role: 'editor' });
    expect(await roleOf(guest)).toBe('editor');
    expect((await change(link, { role: 'owner' })).code).toBe('invalidBody');
  });

  it('opens nothing that lies in the trash', async () => {
    const link = await make();
    await scene.ask(owner, 'DELETE', at());
    expect((await open(scene.guest(), link)).code).toBe('noSuchLink');
  });

  it('is for owners to see and to make', async () => {
    await make({ role: 'editor' });
    const guest = scene.guest();
    await open(guest, await make({ role: 'editor' }));
    expect((await scene.ask(guest, 'GET', at('/links'))).code).toBe('forbidden');
    expect((await scene.ask(guest, 'POST', at('/links'), { role: 'viewer' })).code).toBe(
      'forbidden',
    );
  });

  it('is made once when its answer was lost, and its address is told again', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await scene.ask(owner, 'POST', at('/links'), { role: 'viewer' }, key);
    const again = await scene.ask(owner, 'POST', at('/links'), { role: 'viewer' }, key);
    expect(again.text).toBe(first.text);
    expect(await list()).toHaveLength(1);
  });
});
