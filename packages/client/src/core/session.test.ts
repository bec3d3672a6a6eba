import { DocumentText, insertAt, removeAt, type TextOperation } from '@concord/ot';
import {
  defaultLimits,
  randomClientId,
  randomDocumentId,
  type ClientId,
  type CommittedOperation,
  type JoinedMessage,
  type RenameId,
  type ServerMessage,
} from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { newReplica } from './new-replica.ts';
import type { Replica } from './replica.ts';
import type { SessionEffect, SessionInput } from './session-messages.ts';
import { ClientSession } from './session.ts';
import { statusOf } from './status.ts';
import { joinedMessage } from '../test-joined.ts';

const other = randomClientId();
/** Of a snapshot, what these tests do not look at. */
const about = { historyId: 'history', head: null };
/** Of a text that was received before. */
const known = { clientId: other, seq: 1, at: 1 };

/** A session on a device that writes at once, unless told otherwise. */
class Scene {
  readonly session: ClientSession;
  readonly clientId: ClientId;
  readonly sent: ServerBound[] = [];
  readonly effects: SessionEffect[] = [];
  readonly unanswered: number[] = [];
  isDeviceSlow = false;

  constructor(
    replica: Replica = { ...newReplica(randomDocumentId(), randomClientId()), opened: true },
    former?: 'online' | 'offline',
  ) {
    this.clientId = replica.clientId;
    this.session = new ClientSession(replica);
    this.step({ type: 'start', former });
  }

  step(input: SessionInput): void {
    for (const effect of this.session.step(input)) {
      this.effects.push(effect);
      if (effect.type === 'send') this.sent.push(effect.message);
      if (effect.type === 'save') {
        if (this.isDeviceSlow) this.unanswered.push(effect.ticket);
        else this.step({ type: 'saved', ticket: effect.ticket });
      }
    }
  }

  /** The device has written what it was given. */
  deviceWrites(): void {
    for (const ticket of this.unanswered.splice(0)) this.step({ type: 'saved', ticket });
  }

  receive(message: ServerMessage): void {
    this.step({ type: 'message', message });
  }

  connect(change: Partial<JoinedMessage> = {}): void {
    this.step({ type: 'connected' });
    this.answerJoin(change);
  }

  answerJoin(change: Partial<JoinedMessage> = {}): void {
    const { replica, buffer } = this.session;
    const version = buffer.version + (change.tail?.length ?? 0);
    const body = joinedMessage({ epoch: replica.epoch, version, ...change });
    this.receive({ type: 'joined', body });
  }

  commits(firstVersion: number, ...operations: CommittedOperation[]): void {
    this.receive({ type: 'operations', body: { firstVersion, operations } });
  }

  own(seq: number): CommittedOperation {
    return { clientId: this.clientId, seq, author: 'me', at: 1 };
  }

  edit(operation: TextOperation): void {
    this.step({ type: 'edit', operation });
  }

  get text(): string {
    return this.session.buffer.visible.toString();
  }
  get submitted(): unknown[] {
    return this.sent.filter(({ type }) => type === 'submit').map(({ body }) => body);
  }
  get merges(): unknown[] {
    return this.effects.filter(({ type }) => type === 'merged');
  }
  get joins(): number {
    return this.sent.filter(({ type }) => type === 'join').length;
  }
  get status(): string {
    return statusOf(this.session).kind;
  }
}
type ServerBound = Extract<SessionEffect, { type: 'send' }>['message'];

const foreign = (seq: number, op: TextOperation): CommittedOperation => ({
  clientId: other,
  seq,
  author: 'somebody',
  at: 1,
  op,
});

describe('sending', () => {
  it('writes the epoch before it joins, and what it sends before it sends (device first)', () => {
    const scene = new Scene();
    scene.isDeviceSlow = true;
    scene.step({ type: 'connected' });
    expect(scene.sent).toEqual([]);
    scene.deviceWrites();
    expect(scene.sent).toMatchObject([{ type: 'join', body: { epoch: 1, nextSeq: 1 } }]);
    scene.answerJoin();
    scene.edit(['typed']);
    expect(scene.submitted).toEqual([]);
    scene.deviceWrites();
    expect(scene.submitted).toEqual([{ seq: 1, baseVersion: 0, op: ['typed'] }]);
    expect(scene.effects.filter((effect) => effect.type === 'save').at(-1)).toMatchObject({
      durability: 'strict',
      replica: { inFlight: { seq: 1 } },
    });
  });

  it('one at a time; what is typed meanwhile goes together, later', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['a']);
    scene.edit([1, 'b']);
    scene.edit([2, 'c']);
    expect(scene.submitted).toHaveLength(1);
    expect(scene.status).toBe('saving');
    scene.commits(1, scene.own(1));
    expect(scene.submitted[1]).toEqual({ seq: 2, baseVersion: 1, op: [1, 'bc'] });
    scene.commits(2, scene.own(2));
    expect(scene.status).toBe('saved');
    expect(scene.text).toBe('abc');
  });

  it('transforms both ways around what others committed', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['mine']);
    scene.commits(1, foreign(1, ['theirs ']));
    expect(scene.text).toBe('theirs mine');
    scene.commits(2, scene.own(1));
    expect(scene.session.buffer.confirmed.toString()).toBe('theirs mine');
  });

  it('never takes for its own what somebody else wrote under its client id', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['mine']);
    scene.commits(1, { ...scene.own(1), author: 'thief', op: ['stolen '] });
    expect(scene.text).toBe('stolen mine');
    expect(scene.status).toBe('saving');
  });

  it('cuts a large paste to what the owner accepts', () => {
    const scene = new Scene();
    scene.connect({ limits: { ...defaultLimits, operationBytes: 100 } });
    const paste = 'x'.repeat(250);
    scene.edit([paste]);
    for (let version = 1; scene.status !== 'saved'; version++) {
      scene.commits(version, scene.own(version));
    }
    expect(scene.submitted.length).toBe(3);
    expect(scene.session.buffer.confirmed.toString()).toBe(paste);
  });
});

describe('losing and finding the connection', () => {
  it('keeps what is in flight as it is, and sends the same bytes again', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['a']);
    scene.edit([1, 'b']);
    scene.step({ type: 'disconnected' });
    scene.edit([2, 'c']);
    scene.connect();
    expect(scene.submitted).toEqual([
      { seq: 1, baseVersion: 0, op: ['a'] },
      { seq: 1, baseVersion: 0, op: ['a'] },
    ]);
    expect(scene.text).toBe('abc');
  });

  it('takes its acknowledgement from the tail', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['a']);
    scene.step({ type: 'disconnected' });
    scene.connect({
      version: 2,
      lastSeq: 1,
      tail: [foreign(1, ['x']), { ...scene.own(1), op: [1, 'a'] }],
    });
    expect(scene.status).toBe('saved');
    expect(scene.text).toBe('xa');
    expect(scene.submitted).toHaveLength(1);
  });

  it('joins again on a gap, on a head it does not have, and without an acknowledgement', () => {
    const scene = new Scene();
    scene.connect();
    scene.commits(2, foreign(1, ['x']));
    expect(scene.joins).toBe(2);
    scene.answerJoin({ version: 2, tail: [foreign(1, ['x']), foreign(2, ['y'])] });
    scene.receive({ type: 'head', body: { version: 3 } });
    expect(scene.joins).toBe(3);
    scene.answerJoin({ tail: [foreign(3, ['z'])] });
    scene.edit(['a']);
    scene.step({ type: 'timer', name: 'acknowledgement' });
    expect(scene.joins).toBe(4);
    expect(scene.text).toBe('azyx');
  });

  it('ignores what belongs to an older join', () => {
    const scene = new Scene();
    scene.step({ type: 'connected' });
    scene.answerJoin({ epoch: 0, version: 1, tail: [foreign(1, ['old'])] });
    expect(scene.text).toBe('');
    scene.answerJoin();
    expect(scene.status).toBe('saved');
  });

  it('never uses a number that the owner knows already', () => {
    const scene = new Scene();
    scene.connect({ lastSeq: 41 });
    scene.edit(['a']);
    expect(scene.submitted).toMatchObject([{ seq: 42 }]);
  });

  it('stops, and keeps the text, when the server has another history', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['kept']);
    scene.commits(1, scene.own(1));
    scene.step({ type: 'disconnected' });
    scene.connect({ historyId: 'restored' });
    expect(scene.status).toBe('stopped');
    expect(scene.text).toBe('kept');
    expect(scene.submitted).toHaveLength(1);
    scene.edit([4, '!']);
    expect(scene.text).toBe('kept!');
  });
});

describe('a network that comes back while the connection seems to live', () => {
  const disconnects = (scene: Scene): number =>
    scene.effects.filter(({ type }) => type === 'disconnect').length;

  it('asks the connection for a sign of life, and keeps it when there is one', () => {
    const scene = new Scene();
    scene.connect();
    scene.step({ type: 'networkBack' });
    expect(scene.sent.at(-1)?.type).toBe('probe');
    scene.receive({ type: 'head', body: { version: 0 } });
    scene.step({ type: 'timer', name: 'probe' });
    expect(scene.session.state).toBe('live');
    expect(disconnects(scene)).toBe(0);
  });

  it('replaces the connection at once when there is none', () => {
    const scene = new Scene();
    scene.connect();
    scene.step({ type: 'networkBack' });
    scene.step({ type: 'timer', name: 'probe' });
    expect(scene.session.state).toBe('offline');
    expect(scene.effects.at(-1)).toMatchObject({ type: 'connect', maxDelayMs: 0 });
    scene.connect();
    expect(scene.session.state).toBe('live');
  });

  it('waits no longer for the answer to a join that was sent before', () => {
    const scene = new Scene();
    scene.step({ type: 'connected' });
    expect(scene.session.state).toBe('joining');
    scene.step({ type: 'networkBack' });
    scene.step({ type: 'timer', name: 'probe' });
    expect(disconnects(scene)).toBe(1);
  });
});

describe('coming back with edits that a closed page left', () => {
  const left: Replica = {
    ...newReplica(randomDocumentId(), randomClientId()),
    opened: true,
    userId: 'me',
    pending: ['mine'],
    pendingEdits: 4,
  };

  it('tells what was merged when others wrote meanwhile', () => {
    const scene = new Scene(left);
    scene.connect({ tail: [foreign(1, ['theirs'])] });
    expect(scene.status).toBe('syncing');
    scene.commits(2, scene.own(1));
    expect(scene.status).toBe('merged');
    expect(scene.merges).toEqual([
      {
        type: 'merged',
        merge: { base: DocumentText.from(''), mine: ['mine'], theirs: ['theirs'], edits: 4 },
      },
    ]);
  });

  it('makes nothing of it when nobody did, or when only another tab led before', () => {
    const alone = new Scene(left);
    alone.connect();
    expect(alone.status).toBe('saving');
    alone.commits(1, alone.own(1));
    expect(alone.status).toBe('saved');
    const led = new Scene(left, 'online');
    led.connect({ tail: [foreign(1, ['theirs'])] });
    led.commits(2, led.own(1));
    expect(led.status).toBe('saved');
    expect([...alone.merges, ...led.merges]).toEqual([]);
  });
});

describe('rejections', () => {
  const reject = (scene: Scene, body: Partial<RejectedBody>): void =>
    scene.receive({
      type: 'rejected',
      body: { seq: 1, code: 'documentTooLarge', retryable: false, detail: '', ...body },
    });
  type RejectedBody = Extract<ServerMessage, { type: 'rejected' }>['body'];

  it('for good: the edit leaves the text, and its author is given it', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['refused ']);
    scene.edit([8, 'kept']);
    reject(scene, {});
    expect(scene.text).toBe('kept');
    expect(scene.effects).toContainEqual({
      type: 'editRefused',
      code: 'documentTooLarge',
      detail: '',
      lostText: 'refused ',
    });
    expect(scene.submitted[1]).toEqual({ seq: 2, baseVersion: 0, op: ['kept'] });
  });

  it('for now: it is sent again after a while', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['a']);
    reject(scene, { code: 'storeUnavailable', retryable: true, retryAfterMs: 700 });
    expect(scene.status).toBe('savingPaused');
    expect(scene.effects).toContainEqual({ type: 'startTimer', name: 'retry', ms: 700 });
    scene.step({ type: 'timer', name: 'retry' });
    expect(scene.submitted).toHaveLength(2);
    scene.commits(1, scene.own(1));
    expect(scene.status).toBe('saved');
  });
});

describe('a quota that is used up', () => {
  it('keeps the edit, says so until it is stored, and tries again', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['a']);
    const body = { seq: 1, code: 'quotaExceeded', retryable: true, retryAfterMs: 30_000, detail: 'Why.' } as const; // prettier-ignore
    scene.receive({ type: 'rejected', body });
    expect(scene.status).toBe('quotaExceeded');
    expect(scene.text).toBe('a');
    expect(scene.effects).toContainEqual({ type: 'startTimer', name: 'retry', ms: 30_000 });
    scene.step({ type: 'timer', name: 'retry' });
    expect(scene.submitted).toHaveLength(2);
    scene.commits(1, scene.own(1));
    expect(scene.status).toBe('saved');
  });
});

describe('a document that cannot be made for want of room', () => {
  it.each(['quotaExceeded', 'savingPaused'])('is kept, said and asked for again: %s', (code) => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      isNew: true,
    });
    scene.edit(['a']);
    scene.step({ type: 'createFailed', isFinal: false, code, detail: 'Why.' });
    expect(scene.status).toBe(code);
    expect(scene.text).toBe('a');
    expect(scene.effects.filter(({ type }) => type === 'create').length).toBeGreaterThan(0);
    scene.step({ type: 'created' });
    scene.connect();
    scene.commits(1, scene.own(1));
    expect(scene.status).toBe('saved');
  });
});

describe('starting from a snapshot', () => {
  it('joins once the snapshot is there', () => {
    const scene = new Scene(newReplica(randomDocumentId(), randomClientId()));
    scene.step({ type: 'connected' });
    expect(scene.sent).toEqual([]);
    scene.step({
      type: 'snapshot',
      ...about,
      operation: null,
      version: 9,
      text: DocumentText.from('the text'),
    });
    expect(scene.sent).toMatchObject([{ type: 'join', body: { version: 9 } }]);
    expect(scene.text).toBe('the text');
  });

  it('moves what is unsent over the difference when it was away too long', () => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      version: 1,
      head: known,
      confirmed: DocumentText.from('one two three'),
    });
    scene.edit(removeAt(4, 4));
    scene.edit(insertAt(9, ' and more'));
    scene.step({ type: 'connected' });
    const body = { epoch: 1, version: 900, lastCommittedSeq: 0, lastCommittedVersion: 0 };
    scene.receive({ type: 'resync', body });
    const head = { version: 1, ...known };
    const wanted = { type: 'fetchSnapshot', atLeastVersion: 900, afterVersion: 1, head };
    expect(scene.effects).toContainEqual(wanted);
    scene.step({
      type: 'snapshot',
      ...about,
      operation: null,
      version: 901,
      text: DocumentText.from('zero one two three'),
    });
    expect(scene.text).toBe('zero one three and more');
    expect(scene.joins).toBe(2);
  });

  it('moves it over what people did when the server tells: a deletion stays one', () => {
    const resynced = (operation: TextOperation | null): string => {
      const scene = new Scene({
        ...newReplica(randomDocumentId(), randomClientId()),
        opened: true,
        version: 1,
        head: known,
        confirmed: DocumentText.from('aa'),
      });
      scene.edit(removeAt(0, 1));
      scene.step({ type: 'connected' });
      const body = { epoch: 1, version: 900, lastCommittedSeq: 0, lastCommittedVersion: 0 };
      scene.receive({ type: 'resync', body });
      const text = DocumentText.from('abcda');
      scene.step({ type: 'snapshot', ...about, operation, version: 900, text });
      return scene.text;
    };
    // Somebody typed "abcd" before the first letter, and deleted the second: texts do not tell.
    const done: TextOperation = ['abcd', 1, { d: 1 }];
    expect(resynced(done)).toBe('abcd');
    expect(resynced(null)).toBe('bcda');
    // One that does not lead to the text is not believed.
    expect(resynced(['x'])).toBe('bcda');
  });
});

it('waits for a device that could write before, and says so', () => {
  const scene = new Scene({
    ...newReplica(randomDocumentId(), randomClientId()),
    opened: true,
    epoch: 1,
  });
  scene.connect();
  scene.isDeviceSlow = true;
  scene.edit(['a']);
  const ticket = scene.unanswered.pop() ?? 0;
  scene.step({ type: 'saveFailed', ticket });
  expect(scene.submitted).toEqual([]);
  expect(scene.status).toBe('storageBlocked');
  scene.step({ type: 'timer', name: 'freeze' });
  scene.deviceWrites();
  expect(scene.submitted).toHaveLength(1);
  expect(scene.status).toBe('saving');
});

describe('a device that stops answering', () => {
  /** The first time may have begun with a wait that is over. */
  const isGivenUp = (scene: Scene): void => {
    scene.step({ type: 'timer', name: 'device' });
    scene.step({ type: 'timer', name: 'device' });
  };

  /** A text that was received before, on a device that has had its time. */
  const without = (): Scene => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      epoch: 1,
    });
    scene.connect();
    scene.isDeviceSlow = true;
    scene.edit(['a']);
    expect(scene.submitted).toEqual([]);
    isGivenUp(scene);
    return scene;
  };

  it('is waited for, and then not: the edit is sent, and the status says that it is not kept', () => {
    const scene = without();
    expect(scene.submitted).toEqual([{ seq: 1, baseVersion: 0, op: ['a'] }]);
    expect(scene.status).toBe('notKept');
    scene.commits(1, scene.own(1));
    scene.edit([1, 'b']);
    expect(scene.submitted).toHaveLength(2);
    scene.step({ type: 'disconnected' });
    expect(scene.status).toBe('storageBlocked');
    scene.connect({ lastSeq: 2 });
    expect(scene.submitted).toHaveLength(3);
    expect(scene.submitted[2]).toMatchObject({ seq: 2 });
  });

  it('that answers again is written completely before anything counts as kept, and is waited for again', () => {
    const scene = without();
    scene.commits(1, scene.own(1));
    const late = scene.unanswered.shift() ?? 0;
    const before = scene.unanswered.length;
    scene.step({ type: 'saved', ticket: late });
    expect(scene.status).toBe('notKept');
    expect(scene.unanswered.length).toBe(before + 1);
    scene.edit([1, 'b']);
    expect(scene.submitted).toHaveLength(1);
    scene.deviceWrites();
    expect(scene.submitted).toHaveLength(2);
    expect(scene.status).toBe('saving');
  });

  it('that keeps failing is no better than one that is silent', () => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      epoch: 1,
    });
    scene.connect();
    scene.isDeviceSlow = true;
    scene.edit(['a']);
    scene.step({ type: 'saveFailed', ticket: scene.unanswered.pop() ?? 0 });
    scene.step({ type: 'timer', name: 'freeze' });
    expect(scene.submitted).toEqual([]);
    isGivenUp(scene);
    expect(scene.submitted).toHaveLength(1);
    expect(scene.status).toBe('notKept');
  });

  it('had its time only when the same wait lasted all of it', () => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      epoch: 1,
    });
    scene.connect();
    scene.commits(1, foreign(1, ['x']));
    scene.isDeviceSlow = true;
    scene.edit([1, 'a']);
    scene.step({ type: 'timer', name: 'device' });
    expect(scene.submitted).toEqual([]);
    scene.step({ type: 'timer', name: 'device' });
    expect(scene.submitted).toHaveLength(1);
  });

  it('joins without it, when it does not answer at a join', () => {
    const scene = new Scene({
      ...newReplica(randomDocumentId(), randomClientId()),
      opened: true,
      epoch: 1,
    });
    scene.isDeviceSlow = true;
    scene.step({ type: 'connected' });
    expect(scene.joins).toBe(0);
    scene.step({ type: 'timer', name: 'device' });
    expect(scene.joins).toBe(1);
    scene.answerJoin();
    expect(scene.status).toBe('notKept');
  });
});

describe('a row that was overtaken', () => {
  const row = (pending: TextOperation): Replica => ({
    ...newReplica(randomDocumentId(), randomClientId()),
    ...{ opened: true, epoch: 3, version: 1, head: known, userId: 'me', historyId: 'history' },
    confirmed: DocumentText.from('ab'),
    ...{ nextSeq: 4, pending, pendingEdits: 1 },
  });

  it('is dropped when the server has all of it, and its numbers are never used again', () => {
    const scene = new Scene(row([2, 'c']));
    scene.connect({ lastSeq: 4, tail: [{ ...scene.own(4), op: [2, 'cd'] }] });
    expect(scene.text).toBe('abcd');
    expect(scene.submitted).toEqual([]);
    expect(scene.status).toBe('saved');
    scene.edit(['x']);
    expect(scene.submitted).toEqual([{ seq: 5, baseVersion: 2, op: ['x'] }]);
  });

  it('is left to its author when the server does not have all of it, and stays as it is', () => {
    const scene = new Scene(row([2, 'cx']));
    scene.connect({ lastSeq: 4, tail: [{ ...scene.own(4), op: [2, 'c'] }] });
    expect(scene.session.stopped?.code).toBe('overtaken');
    expect(scene.text).toBe('abcx');
    expect(scene.session.replica).toMatchObject({ version: 1, nextSeq: 4, pending: [2, 'cx'] });
    expect(scene.submitted).toEqual([]);
  });

  it('decides nothing before all of the tail is there', () => {
    const scene = new Scene(row([2, 'c']));
    scene.connect({ version: 3, lastSeq: 4, tail: [] });
    scene.commits(2, { ...scene.own(4), op: [2, 'c'] });
    expect(scene.session.replica).toMatchObject({ version: 1, nextSeq: 4, pending: [2, 'c'] });
    scene.commits(3, foreign(2, ['z']));
    expect(scene.text).toBe('zabc');
    expect(scene.session.replica).toMatchObject({ version: 3, nextSeq: 5, pending: [] });
  });

  it('is known by a resync, too', () => {
    const resynced = (text: string): Scene => {
      const scene = new Scene(row([2, 'c']));
      scene.step({ type: 'connected' });
      const body = { epoch: 4, version: 900, lastCommittedSeq: 4, lastCommittedVersion: 2 };
      scene.receive({ type: 'resync', body });
      const snapshot = { ...about, version: 900, text: DocumentText.from(text) };
      scene.step({ type: 'snapshot', ...snapshot, operation: null });
      return scene;
    };
    expect(resynced('abcd').text).toBe('abcd');
    expect(resynced('abd').session.stopped?.code).toBe('overtaken');
  });

  it('is not one whose only operation the tail acknowledges', () => {
    const inFlight = { seq: 3, op: [2, 'c'], edits: 1 };
    const scene = new Scene({ ...row([]), pendingEdits: 0, inFlight });
    const tail = [
      { ...scene.own(3), op: [2, 'c'] },
      { ...scene.own(4), op: [2, { d: 1 }] },
    ];
    scene.connect({ lastSeq: 4, tail });
    expect([scene.text, scene.status]).toEqual(['ab', 'merged']);
  });

  it('reaches the epoch of the page that died within few refusals', () => {
    const scene = new Scene(row([2, 'c']));
    scene.step({ type: 'connected' });
    const body = { code: 'staleEpoch', retryable: true, detail: '' } as const;
    scene.receive({ type: 'refused', body });
    scene.step({ type: 'connected' });
    expect(scene.session.replica.epoch).toBeGreaterThan(100);
  });
});

describe('a title', () => {
  const id = 'r'.repeat(26) as RenameId;
  const renames = (scene: Scene): unknown[] =>
    scene.effects.filter(({ type }) => type === 'rename');
  const shown = ({ session }: Scene): unknown[] => [session.title, session.isTitleSaved];

  it('is sent with what it was made from when typing pauses, and is saved once the server has it', () => {
    const scene = new Scene();
    scene.connect({ title: 'Plan', titleVersion: 3 });
    scene.step({ type: 'rename', title: 'Plan of mine', id });
    expect(shown(scene)).toEqual(['Plan of mine', false]);
    expect(scene.session.replica).toMatchObject({
      ...{ title: 'Plan', titleVersion: 3, titleDraft: 'Plan of mine' },
      renames: [{ id, base: 'Plan', title: 'Plan of mine' }],
    });
    scene.step({ type: 'timer', name: 'rename' });
    expect(renames(scene)).toEqual([
      { type: 'rename', rename: { id, base: 'Plan', title: 'Plan of mine' } },
    ]);
    scene.receive({ type: 'titled', body: { title: 'Our Plan', titleVersion: 4 } });
    expect(shown(scene)).toEqual(['Plan of mine', false]);
    scene.step({ type: 'renamed', id, title: 'Our Plan of mine', titleVersion: 5 });
    expect(shown(scene)).toEqual(['Our Plan of mine', true]);
    expect(scene.session.replica).toMatchObject({ titleDraft: null, renames: [] });
    scene.receive({ type: 'titled', body: { title: 'Our Plan', titleVersion: 4 } });
    expect(scene.session.title).toBe('Our Plan of mine');
    scene.receive({ type: 'titled', body: { title: 'newer', titleVersion: 6 } });
    expect(scene.session.title).toBe('newer');
    expect(scene.joins).toBe(1);
  });

  it('that was not answered is sent again with its id after the next join', () => {
    const scene = new Scene();
    scene.connect({ title: 'Plan', titleVersion: 3 });
    scene.step({ type: 'rename', title: 'Plan of mine', id });
    scene.step({ type: 'timer', name: 'rename' });
    scene.step({ type: 'disconnected' });
    scene.step({ type: 'renameFailed', id, isFinal: false });
    scene.connect({ title: 'newer', titleVersion: 4 });
    expect(shown(scene)).toEqual(['Plan of mine', false]);
    const [first, second] = renames(scene);
    expect(second).toEqual(first);
    scene.step({ type: 'renamed', id, title: 'newer of mine', titleVersion: 5 });
    expect(shown(scene)).toEqual(['newer of mine', true]);
    expect(renames(scene)).toHaveLength(2);
  });
});

it('writes anew what the device took away, with nobody typing', () => {
  const scene = new Scene();
  scene.edit(['kept']);
  scene.step({ type: 'timer', name: 'save' });
  const saves = (): unknown[] => scene.effects.filter(({ type }) => type === 'save');
  const before = saves().length;
  scene.step({ type: 'storageLost' });
  scene.step({ type: 'timer', name: 'save' });
  expect(saves().length).toBe(before + 1);
});

it('keeps what is typed after it was stopped, also when it is closed at once', () => {
  const scene = new Scene();
  scene.connect();
  scene.receive({
    type: 'refused',
    body: { code: 'accessRevoked', detail: '', retryable: false },
  });
  scene.edit(['kept']);
  scene.step({ type: 'close' });
  const last = scene.effects.findLast(({ type }) => type === 'save');
  expect(last).toMatchObject({ replica: { pending: ['kept'] } });
});

it('a join that was one too many is not sent again before the server has room', () => {
  const scene = new Scene();
  scene.connect();
  const body = { code: 'rateLimited', retryable: true, retryAfterMs: 4_000, detail: '' } as const;
  scene.receive({ type: 'refused', body });
  const last = scene.effects.findLast(({ type }) => type === 'connect');
  expect(last).toMatchObject({ type: 'connect' });
  if (last?.type === 'connect') {
    expect(last.minDelayMs).toBeGreaterThanOrEqual(4_000);
    // They do not come all at once then.
    expect(last.maxDelayMs).toBeGreaterThan(last.minDelayMs);
  }
});

describe('a role that changes while one writes', () => {
  const downgraded = (): Scene => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['sent ']);
    scene.edit([5, 'kept']);
    scene.receive({ type: 'role', body: { role: 'viewer' } });
    return scene;
  };

  it('keeps what is unsent, and says that one may only read', () => {
    const scene = downgraded();
    const detail = 'You may read this document, not change it.';
    const body = { seq: 1, code: 'readOnly', retryable: true, detail } as const;
    scene.receive({ type: 'rejected', body });
    scene.step({ type: 'timer', name: 'retry' });
    expect(scene.text).toBe('sent kept');
    expect(statusOf(scene.session)).toEqual({ kind: 'viewOnly', unsent: 2 });
    expect(scene.submitted).toHaveLength(1);
    expect(scene.effects).toContainEqual({ type: 'roleChanged' });
  });

  it('sends it, under the same number, when one may write again', () => {
    const scene = downgraded();
    const body = { seq: 1, code: 'readOnly', retryable: true, detail: '' } as const;
    scene.receive({ type: 'rejected', body });
    scene.receive({ type: 'role', body: { role: 'editor' } });
    scene.step({ type: 'timer', name: 'retry' });
    expect(scene.submitted).toMatchObject([{ seq: 1 }, { seq: 1 }]);
    scene.commits(1, scene.own(1));
    expect(scene.submitted[2]).toMatchObject({ seq: 2, op: [5, 'kept'] });
  });

  it('that is taken away ends the session with everything kept on the device', () => {
    const scene = downgraded();
    const body = { code: 'accessRevoked', retryable: false, detail: 'No more.' } as const;
    scene.receive({ type: 'refused', body });
    expect(scene.status).toBe('stopped');
    expect(scene.text).toBe('sent kept');
    expect(scene.session.replica).toMatchObject({ inFlight: { seq: 1 }, pending: [5, 'kept'] });
  });
});

it('never sends one person’s edits as another', () => {
  const scene = new Scene({
    ...newReplica(randomDocumentId(), randomClientId()),
    opened: true,
    userId: 'me',
  });
  scene.edit(['mine']);
  scene.connect({ userId: 'somebody else' });
  expect(scene.session.stopped).toMatchObject({ code: 'otherUser' });
  expect(scene.submitted).toEqual([]);
  expect(scene.text).toBe('mine');
});

describe('what is in flight outgrows the limits', () => {
  const limits = { ...defaultLimits, operationComponents: 4 };
  /** Deletes `b` to `i` of ten letters, and others insert in between. */
  function outgrown(): Scene {
    const scene = new Scene();
    scene.connect({ limits, tail: [foreign(1, ['abcdefghij'])] });
    scene.step({ type: 'edit', operation: removeAt(1, 8) });
    scene.step({ type: 'disconnected' });
    const tail = [foreign(2, [3, 'X']), foreign(3, [6, 'Y'])];
    scene.connect({ limits, tail });
    return scene;
  }

  it('withdraws its number instead of sending it', () => {
    const scene = outgrown();
    expect(scene.sent.at(-1)).toEqual({ type: 'withdraw', body: { seq: 1 } });
    // Until the owner has decided, nothing else is sent, and nothing is composed into it.
    scene.step({ type: 'edit', operation: insertAt(0, 'new') });
    expect(scene.sent.at(-1)?.type).toBe('withdraw');
    expect(scene.session.buffer.inFlight?.op).toEqual([1, { d: 2 }, 1, { d: 2 }, 1, { d: 4 }]);
  });

  it('cuts it anew once the number is decided, and sends it under the next ones', () => {
    const scene = outgrown();
    const body = { seq: 1, code: 'withdrawn', retryable: false, detail: '' } as const;
    scene.receive({ type: 'rejected', body });
    expect(scene.sent.at(-1)).toEqual({
      type: 'submit',
      body: { seq: 2, baseVersion: 3, op: [1, { d: 2 }, 1, { d: 2 }] },
    });
    expect(scene.session.buffer.visible.toString()).toBe('aXYj');
    expect(scene.effects.some(({ type }) => type === 'editRefused')).toBe(false);
  });

  it('takes an acknowledgement that comes instead of the rejection', () => {
    const scene = outgrown();
    scene.commits(4, scene.own(1));
    expect(scene.session.buffer.inFlight).toBeNull();
    expect(scene.session.buffer.visible.toString()).toBe('aXYj');
  });
});

describe('coming back without progress', () => {
  const lastDelay = (scene: Scene): number => {
    const connect = scene.effects.findLast((effect) => effect.type === 'connect');
    return connect?.type === 'connect' ? connect.maxDelayMs : -1;
  };
  const joinAndLose = (scene: Scene): number => {
    scene.connect();
    scene.step({ type: 'disconnected' });
    return lastDelay(scene);
  };

  it('waits longer and longer when connections die after their joins', () => {
    const scene = new Scene();
    const delays = Array.from({ length: 8 }, () => joinAndLose(scene));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('begins anew after an acknowledgement, a connection that lived, and at once when the network is back', () => {
    const scene = new Scene();
    for (let times = 0; times < 4; times++) joinAndLose(scene);
    scene.connect();
    scene.step({ type: 'timer', name: 'steady' });
    scene.step({ type: 'disconnected' });
    expect(lastDelay(scene)).toBe(500);
    joinAndLose(scene);
    scene.step({ type: 'networkBack' });
    expect(lastDelay(scene)).toBe(0);
    joinAndLose(scene);
    scene.step({ type: 'edit', operation: insertAt(0, 'a') });
    scene.connect();
    scene.commits(1, scene.own(1));
    scene.step({ type: 'disconnected' });
    expect(lastDelay(scene)).toBe(500);
  });

  it('does not join again and again on one connection either', () => {
    const scene = new Scene();
    scene.connect();
    for (let times = 0; times < 3; times++) {
      scene.receive({ type: 'head', body: { version: 9 } });
      scene.answerJoin();
    }
    scene.receive({ type: 'head', body: { version: 9 } });
    expect(scene.session.state).toBe('offline');
    expect(lastDelay(scene)).toBe(500);
  });
});

describe('another history', () => {
  const lastJoin = (scene: Scene) => scene.sent.filter(({ type }) => type === 'join').at(-1)?.body;
  const kept = (change: Partial<Replica> = {}): Replica => ({
    ...newReplica(randomDocumentId(), randomClientId()),
    opened: true,
    historyId: 'history',
    version: 2,
    confirmed: DocumentText.from('kept'),
    ...change,
  });

  it('a join names the operation that produced its version: others’, own ones, and that of a snapshot', () => {
    const scene = new Scene();
    scene.connect({ tail: [foreign(5, ['a'])] });
    scene.step({ type: 'disconnected' });
    scene.step({ type: 'connected' });
    expect(lastJoin(scene)).toMatchObject({
      version: 1,
      historyId: 'history',
      head: { clientId: other, seq: 5, at: 1 },
    });
    scene.answerJoin();
    scene.edit([1, 'b']);
    scene.commits(2, scene.own(1));
    scene.step({ type: 'disconnected' });
    scene.step({ type: 'connected' });
    expect(lastJoin(scene)).toMatchObject({ head: { clientId: scene.clientId, seq: 1, at: 1 } });
    const { epoch } = scene.session.replica;
    const body = { epoch, version: 9, lastCommittedSeq: 1, lastCommittedVersion: 2 };
    scene.receive({ type: 'resync', body });
    const head = { clientId: other, seq: 77, at: 5 };
    const text = DocumentText.from('far ahead');
    scene.step({ type: 'snapshot', version: 9, text, head, historyId: 'history', operation: null });
    expect(lastJoin(scene)).toMatchObject({ version: 9, head });
    expect(scene.session.replica.head).toEqual(head);
  });

  it('says of a version 0 nothing but the history', () => {
    const scene = new Scene();
    scene.connect();
    expect(lastJoin(scene)).not.toHaveProperty('head');
  });

  it('keeps the text and sends nothing when the server refuses it as one of another history', () => {
    for (const code of ['otherHistory', 'ahead'] as const) {
      const scene = new Scene(kept({ pending: insertAt(4, '!'), pendingEdits: 1 }));
      scene.step({ type: 'connected' });
      scene.receive({ type: 'refused', body: { code, retryable: false, detail: '' } });
      expect(scene.session.stopped?.code).toBe('otherHistory');
      expect(scene.text).toBe('kept!');
      expect(scene.submitted).toEqual([]);
    }
  });

  it('proves a text that names no operation by its checksum', () => {
    const scene = new Scene(kept({ pending: insertAt(4, '!'), pendingEdits: 1 }));
    scene.connect({ tail: [foreign(1, [4, ' up'])] });
    expect(lastJoin(scene)).toMatchObject({ version: 2 });
    expect(lastJoin(scene)).toMatchObject({ checksum: DocumentText.from('kept').checksum });
    expect(scene.text).toBe('kept up!');
    const head = { clientId: other, seq: 1, at: 1 };
    expect(scene.session.replica.head).toEqual(head);
    scene.step({ type: 'disconnected' });
    scene.connect({ version: 3 });
    expect(lastJoin(scene)).toMatchObject({ head });
    expect(lastJoin(scene)).not.toHaveProperty('checksum');
  });

  it('does not adopt a snapshot that no operations lead to from a text without proof', () => {
    const scene = new Scene(kept());
    scene.step({ type: 'connected' });
    const { epoch } = scene.session.replica;
    const body = { epoch, version: 9, lastCommittedSeq: 0, lastCommittedVersion: 0 };
    scene.receive({ type: 'resync', body });
    scene.step({
      type: 'snapshot',
      version: 9,
      text: DocumentText.from('else'),
      ...about,
      operation: null,
    });
    expect(scene.text).toBe('kept');
    expect(scene.session.stopped?.code).toBe('otherHistory');
  });
});
