import {
  EffectTypes,
  moveAnchor,
  parseAnchor,
  type Anchor,
  type Effect,
  type EffectType,
  type TextOperation,
} from '@concord/ot';
import {
  defaultLimits,
  EFFECTS_BYTES,
  randomClientId,
  randomDocumentId,
  type CommittedOperation,
  type ServerMessage,
} from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { joinedMessage } from '../test-joined.ts';
import { mergeCopy } from './merge-copy.ts';
import { newReplica } from './new-replica.ts';
import type { Replica } from './replica.ts';
import type { SessionEffect, SessionInput } from './session-messages.ts';
import { ClientSession } from './session.ts';

/** A document with one place that is marked, and a note of any length. */
const flag: EffectType<Anchor, Anchor | null> = {
  name: 'flag',
  parse: parseAnchor,
  move: moveAnchor,
  empty: null,
  apply: (_state, anchor) => anchor,
  moveState: (state, operation) => (state === null ? null : moveAnchor(state, operation)),
};
const note: EffectType<string, string> = {
  name: 'note',
  parse: (candidate) => (typeof candidate === 'string' ? candidate : null),
  move: (value) => value,
  empty: '',
  apply: (state, value) => state + value,
  moveState: (state) => state,
};
const types = new EffectTypes([flag, note]);
const flagAt = (position: number): Effect => ({ type: 'flag', value: { position, bias: 'after' } });
const noteOf = (value: string): Effect => ({ type: 'note', value });
const opened = (): Replica => ({
  ...newReplica(randomDocumentId(), randomClientId()),
  opened: true,
});

class Scene {
  readonly session: ClientSession;
  readonly sent: Extract<SessionEffect, { type: 'send' }>['message'][] = [];
  readonly effects: SessionEffect[] = [];

  constructor(replica = opened(), known = types) {
    this.session = new ClientSession(replica, known);
    this.step({ type: 'start' });
  }

  step(input: SessionInput): void {
    for (const effect of this.session.step(input)) {
      this.effects.push(effect);
      if (effect.type === 'send') this.sent.push(effect.message);
      if (effect.type === 'save') this.step({ type: 'saved', ticket: effect.ticket });
    }
  }

  receive(message: ServerMessage): void {
    this.step({ type: 'message', message });
  }

  connect(limits = defaultLimits): void {
    this.step({ type: 'connected' });
    const { replica, buffer } = this.session;
    const body = joinedMessage({ epoch: replica.epoch, version: buffer.version, limits });
    this.receive({ type: 'joined', body });
  }

  edit(operation: TextOperation, ...effects: Effect[]): void {
    this.step({ type: 'edit', operation, effects });
  }

  commits(operation: Partial<CommittedOperation>): void {
    const foreign = { clientId: randomClientId(), seq: 1, author: 'somebody', at: 1 };
    const firstVersion = this.session.buffer.version + 1;
    const operations = [{ ...foreign, ...operation }];
    this.receive({ type: 'operations', body: { firstVersion, operations } });
  }

  /** The server commits what was submitted last. */
  acknowledges(change: Partial<CommittedOperation> = {}): void {
    const { seq, op, effects } = this.submitted.at(-1) as {
      seq: number;
      op: TextOperation;
      effects?: Effect[];
    };
    const { clientId } = this.session.replica;
    this.commits({ clientId, author: 'me', seq, op, effects, ...change });
  }

  get submitted(): unknown[] {
    return this.sent.filter(({ type }) => type === 'submit').map(({ body }) => body);
  }
  get flag(): unknown {
    return this.session.effectState?.['flag'];
  }
}

describe('effects of a session', () => {
  it('are sent with the edit that they came with, and seen at once', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['text'], flagAt(2));
    expect(scene.submitted).toEqual([
      { seq: 1, baseVersion: 0, op: ['text'], effects: [flagAt(2)] },
    ]);
    expect(scene.flag).toEqual({ position: 2, bias: 'after' });
  });

  it('are not in what a plain edit sends and keeps', () => {
    const scene = new Scene(opened(), new EffectTypes([]));
    scene.connect();
    scene.edit(['text']);
    expect(scene.submitted).toEqual([{ seq: 1, baseVersion: 0, op: ['text'] }]);
    expect(JSON.stringify(scene.session.replica)).not.toContain('ffect');
    expect(JSON.stringify(scene.sent)).not.toContain('ffect');
  });

  it('move over others’ changes, in flight and pending, and stand at one place afterwards', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['own'], flagAt(1));
    scene.edit([], flagAt(3));
    scene.commits({ op: ['others '] });
    expect(scene.flag).toEqual({ position: 10, bias: 'after' });
    scene.acknowledges({ op: [7, 'own'], effects: [flagAt(8)] });
    expect(scene.session.buffer.effects.state).toMatchObject({ flag: { position: 8 } });
    expect(scene.submitted.at(-1)).toEqual({
      seq: 2,
      baseVersion: 2,
      op: [],
      effects: [flagAt(10)],
    });
    expect(scene.flag).toEqual({ position: 10, bias: 'after' });
  });

  it('of an own change count as they are in the log', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['text'], flagAt(2));
    scene.acknowledges({ effects: [flagAt(3)] });
    expect(scene.flag).toEqual({ position: 3, bias: 'after' });
  });

  it('go with the last part of an edit that is cut, and those without room follow alone', () => {
    const scene = new Scene();
    scene.connect({ ...defaultLimits, operationBytes: 64, messageBytes: 400 });
    const notes = ['a', 'b', 'c'].map((letter) => noteOf(letter.repeat(150)));
    scene.edit(['x'.repeat(100)], ...notes);
    while (scene.session.buffer.inFlight !== null) scene.acknowledges();
    const parts = scene.submitted as { op: TextOperation; effects?: Effect[] }[];
    expect(parts.map(({ op, effects = [] }) => [op.length > 0, effects.length])).toEqual([
      ...[
        [true, 0],
        [true, 1],
        [false, 1],
        [false, 1],
      ],
    ]);
    expect(scene.session.effectState?.['note']).toBe(
      ['a', 'b', 'c'].map((l) => l.repeat(150)).join(''),
    );
    expect(scene.session.buffer.confirmed.toString()).toBe('x'.repeat(100));
  });

  it('that are refused cost no text: it is sent again alone, and the person is told', () => {
    const scene = new Scene();
    scene.connect();
    scene.edit(['text'], flagAt(2));
    const body = { seq: 1, code: 'effectsRefused', retryable: false, detail: 'Why' } as const;
    scene.receive({ type: 'rejected', body });
    expect(scene.submitted.at(-1)).toEqual({ seq: 2, baseVersion: 0, op: ['text'] });
    expect(scene.flag).toBeNull();
    expect(scene.effects).toContainEqual({
      type: 'effectsRefused',
      detail: 'Why',
      effects: [flagAt(2)],
    });
  });

  it('that could never be sent are refused where they are made', () => {
    const scene = new Scene();
    expect(() => scene.edit([], noteOf('x'.repeat(EFFECTS_BYTES)))).toThrow(RangeError);
    expect(scene.session.buffer.pendingEdits).toBe(0);
  });

  it('are kept on the device, and sent after a reload', () => {
    const before = new Scene();
    before.edit(['text'], flagAt(2));
    before.step({ type: 'suspend' });
    const row = JSON.parse(JSON.stringify(before.session.replica)) as Replica;
    const scene = new Scene({ ...row, confirmed: before.session.replica.confirmed });
    expect(scene.flag).toEqual({ position: 2, bias: 'after' });
    scene.connect();
    expect(scene.submitted).toMatchObject([{ op: ['text'], effects: [flagAt(2)] }]);
  });

  it('of a row from before there were any are asked for, and come with a snapshot', () => {
    const { pendingEffects: _pending, effectState: _state, ...row } = opened();
    const scene = new Scene({
      ...row,
      version: 3,
      head: { clientId: randomClientId(), seq: 1, at: 1 },
    });
    expect(scene.session.effectState).toBeNull();
    scene.step({ type: 'connected' });
    const [join] = scene.sent.filter(({ type }) => type === 'join');
    expect(join?.body).toMatchObject({ version: 3, lacksEffects: true });
    const { epoch } = scene.session.replica;
    const resync = { epoch, version: 3, lastCommittedSeq: 0, lastCommittedVersion: 0 };
    scene.receive({ type: 'resync', body: resync });
    const { confirmed: text, head } = scene.session.replica;
    const effectState = { flag: { position: 0, bias: 'after' }, note: '' };
    scene.step({
      type: 'snapshot',
      version: 3,
      text,
      historyId: null,
      head,
      operation: [],
      effectState,
    });
    expect(scene.flag).toEqual({ position: 0, bias: 'after' });
    expect(scene.sent.at(-1)?.body).not.toHaveProperty('lacksEffects');
  });

  it('that a newer app left, and this one does not know, are not sent', () => {
    const before = new Scene();
    before.edit(['text'], flagAt(2));
    const scene = new Scene(before.session.replica, new EffectTypes([]));
    scene.connect();
    expect(scene.submitted).toEqual([{ seq: 1, baseVersion: 0, op: ['text'] }]);
  });

  it('of a copy that is merged go along, in the merged text', () => {
    const copy = new Scene();
    copy.edit(['one\ntwo\n'], flagAt(4));
    const text = copy.session.buffer.confirmed.apply(['zero\none\n']);
    const server = { version: 1, text, head: null, historyId: 'another', effectState: null };
    const merged = mergeCopy(copy.session.replica, server, randomClientId(), true, types);
    const apart = mergeCopy(
      copy.session.replica,
      { ...server, text: copy.session.buffer.confirmed.apply(['quite other']) },
      ...([randomClientId(), true, types] as const),
    );
    const other = new Scene(apart);
    const both = other.session.buffer.visible.toString();
    expect(other.flag).toEqual({ position: both.indexOf('two'), bias: 'after' });
    const scene = new Scene(merged);
    const visible = scene.session.buffer.visible.toString();
    expect(visible).toBe('zero\none\ntwo\n');
    expect(scene.flag).toEqual({ position: visible.indexOf('two'), bias: 'after' });
  });
});
