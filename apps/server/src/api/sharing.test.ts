import {
  LINK_OPENINGS_PER_DOCUMENT,
  type AccessPeople,
  type CreatedShareLink,
  type DocumentInvitation,
  type DocumentResource,
  type ReceivedInvitation,
  type ShareLink,
} from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  OPEN_INVITATIONS_MAX,
  OPEN_INVITATIONS_MAX_GUEST,
} from '../sharing/document-invitations.ts';
import { ApiScene, type Answer, type Headers } from './test-api.ts';

let scene: ApiScene;
let owner: Headers;
let document: DocumentResource;
beforeEach(async () => {
  scene = await ApiScene.open();
  owner = scene.guest();
  document = await scene.create(owner, { title: 'Plan' });
});
afterEach(() => scene.close());

const at = (rest = ''): string => `/api/v1/documents/${document.id}${rest}`;
const roleOf = async (who: Headers): Promise<string> => {
  const answer = await scene.ask(who, 'GET', at());
  return answer.status === 200 ? answer.json<DocumentResource>().role : answer.code;
};

const invite = (body: object, who = owner): Promise<Answer> =>
  scene.ask(who, 'POST', at('/people'), body);
const received = async (who: Headers): Promise<readonly ReceivedInvitation[]> =>
  (await scene.ask(who, 'GET', '/api/v1/me/invitations')).json<{
    invitations: ReceivedInvitation[];
  }>().invitations;
const accept = (who: Headers, id: string): Promise<Answer> =>
  scene.ask(who, 'POST', `/api/v1/me/invitations/${id}/accept`);
const decline = (who: Headers, id: string): Promise<Answer> =>
  scene.ask(who, 'DELETE', `/api/v1/me/invitations/${id}`);
const listPeople = async (): Promise<AccessPeople> =>
  (await scene.ask(owner, 'GET', at('/people'))).json();
/** Invites the person, who accepts. */
async function add(who: Headers, role: string): Promise<string> {
  const userId = await scene.userIdOf(who);
  const { id } = (await invite({ userId, role })).json<DocumentInvitation>();
  expect((await accept(who, id)).status).toBe(200);
  return userId;
}

describe('people of a document', () => {
  const change = (userId: string, role: string): Promise<Answer> =>
    scene.ask(owner, 'PATCH', at(`/people/${userId}`), { role });

  it('are invited by user name, join by accepting, and can be changed and removed', async () => {
    const { userId, ...ann } = await scene.account('ann');
    const invited = await invite({ login: 'ANN', role: 'viewer' });
    expect(invited.status).toBe(201);
    const { id, ...rest } = invited.json<DocumentInvitation>();
    expect(invited.headers.get('location')).toBe(at(`/invitations/${id}`));
    expect(rest).toMatchObject({ invited: 'ann', role: 'viewer' });
    expect(await roleOf(ann)).toBe('notFound');
    expect(await received(ann)).toMatchObject([
      { id, title: 'Plan', role: 'viewer', from: { userName: null } },
    ]);
    expect((await accept(ann, id)).json()).toEqual({ documentId: document.id, url: document.url });
    expect(await roleOf(ann)).toBe('viewer');
    expect(await received(ann)).toEqual([]);
    expect((await accept(ann, id)).code).toBe('noSuchInvitation');
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
    await add(guest, 'editor');
    const { people, invited } = await listPeople();
    expect(people.map(({ role }) => role)).toEqual(['owner', 'editor']);
    expect(people[1]).toMatchObject({ name: 'Gwen', userName: null });
    expect(invited).toEqual([]);
  });

  it('are named by a login or a user id, not by both', async () => {
    expect((await invite({ role: 'viewer' })).code).toBe('invalidBody');
    const userId = await scene.userIdOf(scene.guest());
    expect((await invite({ login: 'x', userId, role: 'viewer' })).code).toBe('invalidBody');
    expect((await invite({ userId: 'no user id', role: 'viewer' })).code).toBe('invalidBody');
    expect((await invite({ userId, role: 'admin' })).code).toBe('invalidBody');
  });

  it('become owners only by accepting an invitation', async () => {
    const self = await scene.userIdOf(owner);
    expect((await change(self, 'editor')).code).toBe('lastOwner');
    expect((await scene.ask(owner, 'DELETE', at(`/people/${self}`))).code).toBe('lastOwner');
    const other = scene.guest();
    const userId = await add(other, 'editor');
    expect((await change(userId, 'owner')).code).toBe('ownerByInvitation');
    await invite({ userId, role: 'owner' });
    expect((await change(self, 'editor')).code).toBe('lastOwner');
    expect(await roleOf(other)).toBe('editor');
    await add(other, 'owner');
    expect(await roleOf(other)).toBe('owner');
    expect((await change(self, 'editor')).status).toBe(200);
  });

  it('may leave, but not remove others', async () => {
    const [one, other] = [scene.guest(), scene.guest()];
    const ids = [await add(one, 'editor'), await add(other, 'editor')];
    const remove = (who: Headers, userId = '') => scene.ask(who, 'DELETE', at(`/people/${userId}`));
    expect((await remove(one, ids[1])).code).toBe('forbidden');
    expect((await remove(one, ids[0])).status).toBe(204);
    expect(await roleOf(one)).toBe('notFound');
    expect(await roleOf(other)).toBe('editor');
    expect((await scene.ask(other, 'GET', at('/people'))).code).toBe('forbidden');
  });
});

describe('an invitation to a document', () => {
  it('looks the same for known and unknown logins, whether pending, declined or of a deleted account', async () => {
    const { userId, ...bob } = await scene.account('bob');
    const { userId: daveId, ...dave } = await scene.account('dave');
    await scene.context.store.accounts.change(userId, { email: 'bob@example.org' });
    const logins = ['bob', 'unknown-login', 'bob@example.org', 'none@example.org', 'dave'];
    const answers: Answer[] = [];
    for (const login of logins) answers.push(await invite({ login, role: 'editor' }));
    const shapes = answers.map((answer) => {
      const { id, invited, createdAt, expiresAt, ...more } = answer.json<DocumentInvitation>();
      expect(logins).toContain(invited);
      const names = [...answer.headers.keys()].filter((name) => name !== 'content-length');
      return { status: answer.status, id: id.length, ms: expiresAt - createdAt, more, names };
    });
    expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    for (const text of answers.map((answer) => answer.text)) expect(text).not.toContain(userId);
    const before = (await listPeople()).invited;
    for (const { id } of await received(bob)) expect((await decline(bob, id)).status).toBe(204);
    const [gone] = await received(dave);
    await scene.context.store.accounts.remove(daveId);
    scene.context.services.accountStates.changed(daveId);
    expect(await listPeople()).toMatchObject({ people: [{ role: 'owner' }], invited: before });
    expect((await accept(dave, gone?.id ?? '')).status).toBe(401);
  });

  it('can be answered only by the invited person', async () => {
    const [one, other] = [scene.guest(), scene.guest()];
    const userId = await scene.userIdOf(one);
    const { id } = (await invite({ userId, role: 'editor' })).json<DocumentInvitation>();
    for (const who of [other, owner, {}]) {
      expect(await received(who)).toEqual([]);
      expect((await accept(who, id)).code).toBe('noSuchInvitation');
      expect((await decline(who, id)).code).toBe('noSuchInvitation');
    }
    expect((await accept(one, id)).status).toBe(200);
  });

  it('never reaches an account that is created later under the invited name', async () => {
    await invite({ login: 'later', role: 'owner' });
    const { userId: _, ...later } = await scene.account('later');
    expect(await received(later)).toEqual([]);
  });

  it('is replaced by inviting again, can be withdrawn, and is not shown again after it was declined', async () => {
    const { userId: _, ...carl } = await scene.account('carl');
    const first = (await invite({ login: 'carl', role: 'viewer' })).json<DocumentInvitation>();
    await invite({ login: 'Carl', role: 'editor' });
    expect(await received(carl)).toMatchObject([{ id: first.id, role: 'editor' }]);
    const withdraw = (id: string) => scene.ask(owner, 'DELETE', at(`/invitations/${id}`));
    expect((await withdraw(first.id)).status).toBe(204);
    expect((await withdraw(first.id)).code).toBe('noSuchInvitation');
    expect(await received(carl)).toEqual([]);
    expect((await accept(carl, first.id)).code).toBe('noSuchInvitation');
    const again = (await invite({ login: 'carl', role: 'viewer' })).json<DocumentInvitation>();
    expect((await decline(carl, again.id)).status).toBe(204);
    expect((await withdraw(again.id)).status).toBe(204);
    expect((await invite({ login: 'carl', role: 'viewer' })).status).toBe(201);
    expect((await listPeople()).invited).toMatchObject([{ invited: 'carl' }]);
    expect(await received(carl)).toEqual([]);
  });

  it('ends when the inviter is no owner any more or the document is trashed, and never lowers a role', async () => {
    const [second, guest] = [scene.guest(), scene.guest()];
    const secondId = await add(second, 'owner');
    const userId = await scene.userIdOf(guest);
    const { id } = (await invite({ userId, role: 'viewer' }, second)).json<DocumentInvitation>();
    await scene.ask(owner, 'PATCH', at(`/people/${secondId}`), { role: 'editor' });
    expect(await received(guest)).toEqual([]);
    expect((await accept(guest, id)).code).toBe('noSuchInvitation');
    const own = (await invite({ userId: secondId, role: 'viewer' })).json<DocumentInvitation>();
    await scene.ask(owner, 'DELETE', at());
    expect(await received(second)).toEqual([]);
    expect((await accept(second, own.id)).code).toBe('noSuchInvitation');
    await scene.ask(owner, 'POST', at('/restore'));
    expect((await accept(second, own.id)).status).toBe(200);
    expect(await roleOf(second)).toBe('editor');
  });

  it('is refused beyond the bound of open invitations of one person', async () => {
    const { userId: _, ...eve } = await scene.account('eve');
    const eves = await scene.create(eve, {});
    const path = `/api/v1/documents/${eves.id}/people`;
    for (let n = 0; n < OPEN_INVITATIONS_MAX; n += 1) {
      await scene.ask(eve, 'POST', path, { login: `x-${n}`, role: 'viewer' });
    }
    const refused = await scene.ask(eve, 'POST', path, { login: 'one-more', role: 'viewer' });
    expect(refused.code).toBe('tooManyInvitations');
    for (let n = 0; n < OPEN_INVITATIONS_MAX_GUEST; n += 1) {
      expect((await invite({ login: `x-${n}`, role: 'viewer' })).status).toBe(201);
    }
    expect((await invite({ login: 'more', role: 'viewer' })).code).toBe('tooManyInvitations');
    let code = '';
    for (let n = 0; n < 40 && code !== 'tooManyAttempts'; n += 1) {
      owner = scene.guest();
      document = await scene.create(owner, {});
      code = (await invite({ login: `x-${n}`, role: 'viewer' })).code;
    }
    expect(code).toBe('tooManyAttempts');
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

  it('requires a password as long as that of an account', async () => {
    for (const password of ['1234', 'seven77']) {
      const answer = await scene.ask(owner, 'POST', at('/links'), { role: 'viewer', password });
      expect(answer.code).toBe('invalidBody');
    }
    const link = await make({ role: 'viewer', password: 'eight888' });
    expect((await change(link, { password: 'short' })).code).toBe('invalidBody');
  });

  it('gives its role to each person who opens it, until it is revoked', async () => {
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

  it('bounds new openings per address, and lets those who opened it before in again', async () => {
    const link = await make();
    const first = scene.guest();
    expect((await open(first, link)).status).toBe(200);
    let code = '';
    for (let count = 0; count < 400 && code !== 'tooManyAttempts'; count += 1) {
      code = (await open(scene.guest(), link)).code;
    }
    expect(code).toBe('tooManyAttempts');
    expect((await open(first, link)).status).toBe(200);
    // Each link has a limit of its own.
    expect((await open(scene.guest(), await make())).status).toBe(200);
  });

  it('refuses further people beyond the bound of openings per document, and says what to do', async () => {
    const { access } = scene.context.store;
    const link = await make();
    const [{ id = '' } = {}] = await list();
    for (let count = 0; count < LINK_OPENINGS_PER_DOCUMENT; count += 1) {
      await access.openLink(id, `visitor-${count}`);
    }
    const guest = scene.guest();
    const refused = await open(guest, link);
    expect(refused.code).toBe('linkFull');
    expect(refused.text).toContain('Ask its owner');
    expect(await roleOf(guest)).toBe('notFound');
    await scene.ask(owner, 'DELETE', at(`/links/${id}`));
    expect((await open(guest, await make())).status).toBe(200);
  });

  it('costs a request the same however many people opened it', async () => {
    const { access } = scene.context.store;
    const reader = scene.guest();
    await open(reader, await make());
    const [{ id = '' } = {}] = await list();
    for (let count = 0; count < 500; count += 1) await access.openLink(id, `visitor-${count}`);
    // Reading the text opens the document, which reads all openings once.
    await scene.ask(owner, 'GET', at('/text'));
    const reads = [vi.spyOn(access, 'get').mock, vi.spyOn(access, 'getFor').mock];
    for (const who of [reader, owner, scene.guest()]) {
      for (const path of ['', '/text', '/links', '/people']) {
        await scene.ask(who, 'GET', at(path));
      }
    }
    await scene.ask(owner, 'PATCH', at(), { starred: true });
    const answers = reads.flatMap(({ results }) =>
      results.map(({ value }) => value as ReturnType<typeof access.get>),
    );
    const openings = (await Promise.all(answers)).reduce(
      (sum, answer) => sum + (answer?.opened.size ?? 0),
      0,
    );
    expect(openings).toBeGreaterThan(0);
    expect(openings).toBeLessThan(20);
  });

  it('shows its address once, and is stored as a hash', async () => {
    const answer = await scene.ask(owner, 'POST', at('/links'), { role: 'editor' });
    const { url, id } = answer.json<CreatedShareLink>();
    expect(url).toMatch(/^\/s\/[a-z2-7]{26}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('location')).toBe(at(`/links/${id}`));
    expect(JSON.stringify(await list())).not.toContain(url.slice(3));
    const [kept] = await scene.context.store.access.links(document.id);
    expect(JSON.stringify(kept)).not.toContain(url.slice(3));
  });

  it('requires its password', async () => {
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
    // Reading the properties of the link uses no attempt.
    expect((await open(scene.guest(), link)).code).toBe('linkPassword');
  });

  it('looks like an unknown link once it has expired', async () => {
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

  it('changes the role of each person who used it', async () => {
    const guest = scene.guest();
    const link = await make({ role: 'viewer' });
    await open(guest, link);
    expect((await change(link, { role: 'editor' })).json()).toMatchObject({ role: 'editor' });
    expect(await roleOf(guest)).toBe('editor');
    expect((await change(link, { role: 'owner' })).code).toBe('invalidBody');
  });

  it('does not open a document in the trash', async () => {
    const link = await make();
    await scene.ask(owner, 'DELETE', at());
    expect((await open(scene.guest(), link)).code).toBe('noSuchLink');
  });

  it('can be listed and created only by owners', async () => {
    await make({ role: 'editor' });
    const guest = scene.guest();
    await open(guest, await make({ role: 'editor' }));
    expect((await scene.ask(guest, 'GET', at('/links'))).code).toBe('forbidden');
    expect((await scene.ask(guest, 'POST', at('/links'), { role: 'viewer' })).code).toBe(
      'forbidden',
    );
  });

  it('is created once when the answer is lost, and a retry gets its address again', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await scene.ask(owner, 'POST', at('/links'), { role: 'viewer' }, key);
    const again = await scene.ask(owner, 'POST', at('/links'), { role: 'viewer' }, key);
    expect(again.text).toBe(first.text);
    expect(await list()).toHaveLength(1);
  });
});
