import { describe, expect, it } from 'vitest';
import { defaultLimits, type Role } from '@concord/protocol';
import type { TextOperation } from '@concord/ot';
import { privateAccess, type DocumentAccess } from '../../access/core/permissions.ts';
import { bodyIn, clientIdOf, messagesIn, Scene, typesIn } from './test-scene.ts';

const accessOf = (epoch: number, people: Readonly<Record<string, Role>>): DocumentAccess => ({
  ...privateAccess('user-owner'),
  epoch,
  people: new Map([['user-owner', 'owner'], ...Object.entries(people)]),
});
const sceneOf = (access: DocumentAccess, text = 'text'): Scene =>
  new Scene(text, defaultLimits, [], access);

describe('joining', () => {
  it('tells somebody without access nothing, not even that the document is there', () => {
    const scene = sceneOf(accessOf(1, {}));
    const effects = scene.join('eve');
    expect(messagesIn(effects)).toMatchObject([
      { type: 'refused', body: { code: 'notFound', retryable: false } },
    ]);
    expect(typesIn(effects)).not.toContain('load');
    expect(scene.owner.sessionCount).toBe(0);
  });

  it('gives the role of the access list, and no more than the proof allows', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'viewer' }));
    expect(bodyIn(scene.join('ann'), 'joined')).toMatchObject({ role: 'viewer' });
    expect(bodyIn(scene.join('owner'), 'joined')).toMatchObject({ role: 'owner' });
  });
});

it('a document that is being closed, or is gone, is as unknown as any to those without access', () => {
  const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
  scene.join('ann');
  scene.submit('ann', 1, ['A']);
  scene.step({ type: 'stop' });
  const outcomeFor = (name: string) => messagesIn(scene.join(name))[0];
  for (const _ of ['closing', 'gone']) {
    expect(outcomeFor('eve')).toMatchObject({ type: 'refused', body: { code: 'notFound' } });
    expect(outcomeFor('owner')).toMatchObject({ type: 'moved' });
    scene.step({ type: 'appended' });
    scene.step({ type: 'checkpointed', version: 1 });
  }
});

describe('a role that changes while the document is open (I7)', () => {
  it('is told at once, and decides about the very next message', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
    scene.join('ann');
    const effects = scene.step({
      type: 'accessChanged',
      access: accessOf(2, { 'user-ann': 'viewer' }),
    });
    expect(bodyIn(effects, 'role')).toEqual({ role: 'viewer' });
    expect(bodyIn(scene.submit('ann', 1, ['A']), 'rejected')).toMatchObject({
      code: 'readOnly',
      retryable: true,
    });
    scene.step({ type: 'accessChanged', access: accessOf(3, { 'user-ann': 'editor' }) });
    // The number was not used up: the same change is sent again.
    expect(typesIn(scene.submit('ann', 1, ['A']))).toEqual(['append']);
  });

  it('sends away whoever lost it, and nobody else', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'editor', 'user-bob': 'editor' }));
    scene.join('ann');
    scene.join('bob');
    const effects = scene.step({
      type: 'accessChanged',
      access: accessOf(2, { 'user-bob': 'editor' }),
    });
    expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'accessRevoked', retryable: false });
    expect(effects).toContainEqual({ type: 'dismissed', session: scene.session('ann') });
    expect(scene.owner.sessionCount).toBe(1);
    expect(scene.submit('ann', 1, ['A'])).toEqual([]);
  });

  it('is not turned back by an older list that arrives late', () => {
    const scene = sceneOf(accessOf(5, { 'user-ann': 'viewer' }));
    scene.join('ann');
    const late = { type: 'accessChanged', access: accessOf(4, { 'user-ann': 'editor' }) } as const;
    expect(scene.step(late)).toEqual([]);
  });

  it('is asked for now and then, so that a lost notification does not matter', () => {
    const scene = sceneOf(accessOf(7, { 'user-ann': 'editor' }));
    const joined = scene.join('ann');
    expect(joined).toContainEqual({ type: 'startTimer', name: 'access', ms: 4_000 });
    const effects = scene.step({ type: 'timer', name: 'access' });
    expect(effects).toEqual([
      { type: 'recheck', epoch: 7, titleVersion: 0 },
      { type: 'startTimer', name: 'access', ms: 4_000 },
    ]);
    // The REST API edits without being here.
    scene.step({ type: 'left', session: scene.session('ann') });
    expect(typesIn(scene.step({ type: 'timer', name: 'access' }))).toContain('recheck');
  });

  it('ends with the link it came from, at the next message or look', () => {
    const scene = sceneOf(accessOf(1, {}));
    const expiresAt = scene.now + 10_000;
    const access: DocumentAccess = {
      ...accessOf(2, {}),
      links: [{ id: 'link', role: 'editor', expiresAt }],
      opened: new Map([['user-ann', ['link']]]),
    };
    scene.step({ type: 'accessChanged', access });
    scene.join('ann');
    expect(typesIn(scene.submit('ann', 1, ['A']))).toEqual(['append']);
    const effects = scene.submit('ann', 2, ['B'], 0, 10_000);
    expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'accessRevoked' });
  });

  it('is reading alone for a document in the trash', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
    scene.join('ann');
    scene.join('owner');
    const access = { ...accessOf(2, { 'user-ann': 'editor' }), isTrashed: true };
    const effects = scene.step({ type: 'accessChanged', access });
    expect(effects).toContainEqual({ type: 'dismissed', session: scene.session('ann') });
    expect(bodyIn(effects, 'role')).toEqual({ role: 'viewer' });
  });
});

describe('a proof of identity that ends', () => {
  it('ends the session at its next message, unless it was renewed', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
    scene.join('ann', {}, 'user-ann', scene.now + 5_000);
    const session = scene.session('ann');
    scene.step({ type: 'renewed', session, authorizedUntil: scene.now + 20_000 });
    expect(typesIn(scene.submit('ann', 1, ['A'], 0, 10_000))).toEqual(['append']);
    const effects = scene.submit('ann', 2, ['B'], 0, 10_000);
    expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'tokenExpired', retryable: true });
  });

  it('that has ended opens nothing', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
    const effects = scene.join('ann', {}, 'user-ann', scene.now);
    expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'tokenExpired', retryable: true });
    expect(scene.owner.sessionCount).toBe(0);
  });

  it('ends the session of somebody who only reads as well', () => {
    const scene = sceneOf(accessOf(1, { 'user-ann': 'viewer' }));
    scene.join('ann', {}, 'user-ann', scene.now + 3_000);
    const effects = scene.step({ type: 'timer', name: 'access' }, 4_000);
    expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'tokenExpired' });
  });
});

describe('edits by the REST API', () => {
  const edit = (scene: Scene, baseVersion: number, ...operations: TextOperation[]) =>
    scene.step({
      type: 'edit',
      ticket: 1,
      userId: 'user-api',
      atMost: null,
      clientId: clientIdOf('api'),
      baseVersion,
      operations,
    });
  const editors = accessOf(1, { 'user-ann': 'editor', 'user-api': 'editor' });

  it('are moved over what was typed since their base, together, and answered when durable', () => {
    const scene = sceneOf(editors, 'one two');
    scene.join('ann');
    scene.submit('ann', 1, ['zero ']);
    scene.step({ type: 'appended' });
    scene.submit('ann', 2, [12, ' three']);
    scene.step({ type: 'appended' });
    // For the text "one two": "two" becomes "2", then an exclamation mark follows.
    expect(edit(scene, 0, [4, { d: 3 }, '2'], [5, '!'])).toEqual([{ type: 'flushSoon' }]);
    scene.step({ type: 'flush' });
    const effects = scene.step({ type: 'appended' });
    expect(effects).toContainEqual({ type: 'edited', ticket: 1, version: 4 });
    expect(scene.owner.text.toString()).toBe('zero one  three2!');
  });

  it('are refused whole when one of them does not fit, or the person may not write', () => {
    const scene = sceneOf(editors, 'text');
    expect(edit(scene, 0, ['A'], [9, 'B'])).toEqual([
      { type: 'editRejected', ticket: 1, code: 'operationOutOfRange' },
    ]);
    expect(edit(scene, 1, ['A'])).toEqual([
      { type: 'editRejected', ticket: 1, code: 'invalidBaseVersion' },
    ]);
    scene.step({ type: 'accessChanged', access: accessOf(2, { 'user-api': 'viewer' }) });
    expect(edit(scene, 0, ['A'])).toEqual([{ type: 'editRejected', ticket: 1, code: 'readOnly' }]);
    expect(scene.owner.undurable).toBe(0);
  });

  it('whose fate is unknown are said to be so', () => {
    const scene = sceneOf(editors);
    edit(scene, 0, ['A']);
    scene.step({ type: 'flush' });
    const effects = scene.step({ type: 'appendFailed', reason: 'unavailable' });
    expect(effects).toContainEqual({ type: 'editRejected', ticket: 1, code: 'storeUnavailable' });
  });
});

it('a document that was deleted for ever closes for everybody', () => {
  const scene = sceneOf(accessOf(1, { 'user-ann': 'editor' }));
  scene.join('ann');
  const effects = scene.step({ type: 'removed' });
  expect(bodyIn(effects, 'refused')).toMatchObject({ code: 'accessRevoked' });
  expect(typesIn(effects)).toContain('unload');
});
