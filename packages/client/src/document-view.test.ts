import { randomClientId, type JoinedMessage, type Person } from '@concord/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunningDocumentClient } from './document-client.ts';
import { followView, newsOf, unknownView, viewTold } from './document-view.ts';
import { connectedClient, type TestConnection } from './test-client.ts';
import { joinedMessage } from './test-joined.ts';

const person = (session: number): Person => ({
  session,
  userId: `user${session}`,
  clientId: randomClientId(),
  name: `Person ${session}`,
  color: 1,
});

let client: RunningDocumentClient;
let receive: TestConnection['receive'];

beforeEach(async () => {
  const connection = connectedClient();
  ({ client, receive } = connection);
  await vi.waitFor(() => expect(connection.sent).toEqual(['join']));
});
afterEach(() => client.close());

const join = (change: Partial<JoinedMessage> = {}): void => {
  const people = [person(1), person(2)];
  const body = joinedMessage({
    epoch: client.replica.epoch,
    title: 'Plan',
    people,
    peopleTotal: 240,
    ...change,
  });
  receive({ type: 'joined', body });
};

describe('the view of a document', () => {
  it('is the same object through steps that change nothing of it', () => {
    join();
    const { view } = client;
    client.setSelection({ anchor: 0, head: 0 });
    receive({ type: 'carets', body: { carets: [] } });
    receive({ type: 'titled', body: { title: 'Plan' } });
    expect(client.view).toBe(view);
  });

  it('is another object after a change, with what did not change taken over as it is', () => {
    join();
    const { view } = client;
    client.insert(0, 'a');
    expect(client.view).not.toBe(view);
    expect(client.view).toEqual({ ...view, unsent: 1, status: { kind: 'saving', slow: false } });
    expect(client.view.people).toBe(view.people);
    const { status } = client.view;
    client.insert(1, 'b');
    expect(client.view.status).toBe(status);
    expect([view.unsent, client.view.unsent]).toEqual([0, 2]);
  });

  it('has all that a join tells', () => {
    join();
    expect(client.view).toEqual({
      status: { kind: 'saved' },
      title: 'Plan',
      isTitleKnown: true,
      isTitleSaved: true,
      people: [expect.objectContaining({ session: 1 }), expect.objectContaining({ session: 2 })],
      peopleTotal: 240,
      self: 1,
      role: 'editor',
      version: 0,
      unsent: 0,
      isOnServer: true,
    });
  });
});

describe('listeners to a view', () => {
  it('are called once for all that one step changes, when it is done', () => {
    const told: string[] = [];
    const { view } = client;
    client.on('change', ({ after }) => told.push(`text ${after.toString()}`));
    client.subscribe(() => told.push(client.view.status.kind));
    const ofAnother = { clientId: randomClientId(), author: 'user2', seq: 1, at: 1 };
    join({ version: 1, tail: [{ ...ofAnother, op: ['a'] }] });
    expect(told).toEqual(['text a', 'saved']);
    const changed = Object.keys(newsOf(view, client.view) ?? {});
    const attributes = ['isTitleKnown', 'people', 'peopleTotal', 'role', 'self', 'status', 'title'];
    expect(changed.sort()).toEqual(attributes);
  });

  it('are called after listeners to the text, once, when one of those edits from inside its event', () => {
    join();
    const told: string[] = [];
    client.on('change', ({ after }) => {
      told.push(`text ${after.toString()}`);
      if (after.toString() === 'a') client.insert(1, 'b');
    });
    client.subscribe(() => told.push(`unsent ${client.view.unsent}`));
    client.insert(0, 'a');
    expect(told).toEqual(['text a', 'text ab', 'unsent 2']);
  });

  it('are not called when nothing changed, nor when they stopped', () => {
    join();
    const told = vi.fn();
    const stop = client.subscribe(told);
    client.setSelection({ anchor: 0, head: 0 });
    expect(told).not.toHaveBeenCalled();
    stop();
    client.insert(0, 'a');
    expect(told).not.toHaveBeenCalled();
  });

  it('to one attribute are called with it at once, and then when it is another', () => {
    join();
    const kinds: string[] = [];
    const stop = followView(
      client,
      ({ status }) => status.kind,
      (kind) => kinds.push(kind),
    );
    client.insert(0, 'a');
    client.insert(1, 'b');
    expect(kinds).toEqual(['saved', 'saving']);
    stop();
    receive({ type: 'role', body: { role: 'viewer' } });
    expect([client.view.status.kind, kinds]).toEqual(['viewOnly', ['saved', 'saving']]);
  });
});

describe('news of a view', () => {
  it('are the attributes that are not as before, apart from the counts', () => {
    const people = [person(1)];
    const view = { ...unknownView, people, version: 3, unsent: 1 };
    expect(newsOf(unknownView, view)).toEqual({ people });
    expect(newsOf(view, { ...view, version: 4, unsent: 0 })).toBeNull();
  });
});

describe('a view that another tab told', () => {
  it('is completed when that tab knows fewer attributes, and has no others', () => {
    const { isOnServer: _unknownThere, ...former } = { ...unknownView, title: 'Plan', role: null };
    const told = { ...former, carets: [], ofALaterBuild: 1 };
    expect(viewTold(told)).toEqual({ ...unknownView, title: 'Plan' });
    expect(viewTold({ ...told, isOnServer: false }).isOnServer).toBe(false);
  });
});
