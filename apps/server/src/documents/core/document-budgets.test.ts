/** What one document's owner spends on whom: operations, tails, clients that it remembers, memory. */
import { type TextOperation } from '@concord/ot';
import { defaultLimits, PROTOCOL_VERSION, TAIL_BYTES, TAIL_BYTES_MAX } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import type { LoggedOperation } from '../../store/ports/store.ts';
import { CLIENTS_MAX } from './clients.ts';
import { bodyIn, clientIdOf, messagesIn, Scene, typesIn } from './test-scene.ts';

const slow = { ...defaultLimits, operationsPerSecond: 1, operationsBurst: 3 };

/** A log of operations by somebody who is not here. */
const logOf = (operations: readonly TextOperation[]): LoggedOperation[] =>
  operations.map((op, index) => ({
    clientId: clientIdOf('old'),
    seq: index + 1,
    author: 'user-old',
    at: 1,
    op,
  }));
/** Insertions and deletions in turn, each as large as a page, so that the text stays short. */
const heavy = (count: number, size = 2_000): TextOperation[] =>
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? ['z'.repeat(size)] : [{ d: size }])); // prettier-ignore

describe('operations of one person', () => {
  it('are not allowed anew by joining again', () => {
    const scene = new Scene('', slow);
    scene.join('ann');
    const submit = (seq: number): string[] => {
      const effects = scene.submit('ann', seq, ['a'], scene.owner.version, 0);
      if (typesIn(effects).includes('append')) scene.step({ type: 'appended' }, 0);
      return messagesIn(effects).map(({ type }) => type);
    };
    for (const seq of [1, 2, 3]) expect(submit(seq)).toEqual([]);
    expect(submit(4)).toEqual(['rejected']);
    scene.step({ type: 'left', session: scene.session('ann') }, 0);
    // Another client id, another connection, another tab: the same person, and no second has passed.
    const effects = scene.step(
      {
        type: 'join',
        session: 77,
        userId: 'user-ann',
        name: 'ann',
        atMost: null,
        authorizedUntil: Infinity,
        message: {
          docId: 'd'.repeat(26) as never,
          clientId: clientIdOf('tab'),
          epoch: 1,
          version: scene.owner.version,
          nextSeq: 1,
          protocol: PROTOCOL_VERSION,
        },
      },
      0,
    );
    expect(typesIn(effects)).toEqual(['load']);
    const loaded = { epoch: 1, position: null, operations: [], untilVersion: 3, isTooLong: false };
    scene.step({ type: 'loaded', session: 77, clientId: clientIdOf('tab'), ...loaded }, 0);
    const message = { seq: 1, baseVersion: 3, op: ['a'] };
    const again = scene.step({ type: 'submit', session: 77, message }, 0);
    expect(bodyIn(again, 'rejected')).toMatchObject({ code: 'rateLimited', retryable: true });
  });

  it('are no other person’s', () => {
    const scene = new Scene('', slow);
    scene.join('ann');
    scene.join('bob');
    for (const seq of [1, 2, 3, 4, 5]) {
      scene.submit('ann', seq, ['a'], 0, 0);
    }
    expect(bodyIn(scene.submit('bob', 1, ['b'], 0, 0), 'rejected')).toBeUndefined();
  });
});

describe('the tail of a join', () => {
  it('is one message for all who lack the same operations, so that it is encoded once', () => {
    const scene = new Scene('', defaultLimits, logOf(heavy(20)));
    const framesOf = (name: string, version: number) =>
      messagesIn(scene.join(name, { version })).filter(({ type }) => type === 'operations');
    const ann = framesOf('ann', 0);
    expect(ann.length).toBeGreaterThan(0);
    expect(framesOf('bob', 0)).toHaveLength(ann.length);
    framesOf('bob', 0).forEach((frame, index) => expect(frame).toBe(ann[index]));
  });

  it('comes in frames of a bounded size, without a gap, after a joined without any', () => {
    const scene = new Scene('', defaultLimits, logOf(heavy(100)));
    const messages = messagesIn(scene.join('ann', { version: 0 }));
    expect(messages[0]).toMatchObject({ type: 'joined', body: { version: 100, tail: [] } });
    let version = 0;
    for (const message of messages) {
      if (message.type !== 'operations') continue;
      expect(message.body.firstVersion).toBe(version + 1);
      expect(JSON.stringify(message).length).toBeLessThan(70_000);
      version += message.body.operations.length;
    }
    expect(version).toBe(100);
  });

  it('is answered by a resync when it is larger than the text and than a tail may be', () => {
    const operations = heavy(2 * Math.ceil(TAIL_BYTES / 2_000) + 20);
    const scene = new Scene('short', defaultLimits, logOf(operations));
    const effects = scene.join('ann', { version: 0 });
    expect(bodyIn(effects, 'resync')).toMatchObject({ version: operations.length });
    expect(bodyIn(effects, 'joined')).toBeUndefined();
    // What is left of it from later on is small enough.
    const late = scene.join('bob', { version: operations.length - 4 });
    expect(bodyIn(late, 'joined')).toMatchObject({ version: operations.length });
  });

  it('may be as large as a long text is, up to a bound', () => {
    const operations = heavy(2 * Math.ceil(TAIL_BYTES / 2_000) + 20);
    const long = new Scene('x'.repeat(TAIL_BYTES_MAX), defaultLimits, logOf(operations));
    expect(bodyIn(long.join('ann', { version: 0 }), 'joined')).toBeDefined();
    const more = heavy(2 * Math.ceil(TAIL_BYTES_MAX / 2_000) + 20);
    const longer = new Scene('x'.repeat(2 * TAIL_BYTES_MAX), defaultLimits, logOf(more));
    expect(bodyIn(longer.join('ann', { version: 0 }), 'resync')).toBeDefined();
  });

  it('is not read from the log when the store finds more than it may be', () => {
    const scene = new Scene('', defaultLimits, logOf(heavy(2)));
    const session = scene.session('ann');
    const message = {
      docId: 'd'.repeat(26) as never,
      clientId: clientIdOf('ann'),
      epoch: 1,
      version: 0,
      nextSeq: 1,
      protocol: PROTOCOL_VERSION,
    };
    const who = { userId: 'user-ann', name: 'ann', atMost: null, authorizedUntil: Infinity };
    const effects = scene.step({ type: 'join', session, ...who, message });
    expect(effects).toMatchObject([{ type: 'load', bytesMax: TAIL_BYTES }]);
    const answer = { position: null, operations: [], untilVersion: 0, isTooLong: true };
    const { clientId, epoch } = message;
    const loaded = scene.step({ type: 'loaded', session, clientId, epoch, ...answer });
    expect(bodyIn(loaded, 'resync')).toMatchObject({ version: 2 });
  });
});

describe('memory of one document', () => {
  it('keeps few bytes of operations, and asks for a checkpoint before it forgets them', () => {
    const scene = new Scene('', { ...defaultLimits, operationsPerSecond: 1_000 });
    scene.join('ann');
    let checkpoints = 0;
    for (const [index, op] of heavy(300, 60_000).entries()) {
      scene.submit('ann', index + 1, op);
      for (const effect of scene.step({ type: 'appended' })) {
        if (effect.type !== 'checkpoint') continue;
        checkpoints += 1;
        scene.step({ type: 'checkpointed', version: effect.version });
      }
    }
    // 9 MB went by; fewer than a thousand versions.
    expect(checkpoints).toBeGreaterThan(1);
    expect(scene.owner.recentFrom).toBeGreaterThan(0);
    expect(scene.owner.text.toString()).toBe('');
  });

  it('forgets clients who are gone, and asks the store before one of them joins again', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    scene.step({ type: 'left', session: scene.session('ann') });
    for (let each = 0; each <= CLIENTS_MAX + 10; each++) {
      scene.join(`p${each}x`, {}, 'user-crowd');
      scene.step({ type: 'left', session: scene.session(`p${each}x`) });
    }
    const before = scene.effects.length;
    scene.join('ann');
    expect(scene.effects.slice(before)).toContainEqual(
      expect.objectContaining({ type: 'load', clientId: clientIdOf('ann') }),
    );
  });

  it('does not forget a client whose connection is there: its former epochs stay dead', () => {
    const scene = new Scene();
    scene.join('ann');
    for (let each = 0; each <= CLIENTS_MAX + 10; each++) {
      scene.join(`p${each}x`, {}, 'user-crowd');
      scene.step({ type: 'left', session: scene.session(`p${each}x`) });
    }
    const late = scene.join('late', { clientId: clientIdOf('ann'), epoch: 0 }, 'user-ann');
    expect(bodyIn(late, 'refused')).toMatchObject({ code: 'staleEpoch' });
  });

  it('leaves at once when memory is short and nobody is here, and only then', () => {
    const scene = new Scene();
    scene.step({ type: 'read' });
    scene.join('ann');
    expect(typesIn(scene.step({ type: 'release' }))).toEqual([]);
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'left', session: scene.session('ann') });
    // Not before what was taken in is durable and checkpointed.
    expect(typesIn(scene.step({ type: 'release' }))).not.toContain('unload');
    expect(typesIn(scene.step({ type: 'appended' }))).toContain('checkpoint');
    expect(typesIn(scene.step({ type: 'checkpointed', version: 1 }))).toContain('unload');
  });
});

it('a client is not sent to a snapshot before what it sent is durable: the snapshot might contain it', () => {
  const operations = heavy(2 * Math.ceil(TAIL_BYTES / 2_000) + 20);
  const scene = new Scene('short', defaultLimits, logOf(operations));
  scene.join('ann');
  scene.submit('ann', 1, ['A']);
  const early = scene.join('ann', { version: 0 });
  expect(messagesIn(early).map(({ type }) => type)).toEqual(['moved']);
  scene.step({ type: 'appended' });
  expect(bodyIn(scene.join('ann', { version: 0 }), 'resync')).toMatchObject({
    lastCommittedSeq: 1,
    lastCommittedVersion: operations.length + 1,
  });
});

it('names the people of a crowd that comes at once in one frame, not in one for each who comes', () => {
  const scene = new Scene();
  const effects = Array.from({ length: 50 }, (_, person) => scene.join(`p${person}`)).flat();
  const isPeople = ({ type }: { readonly type: string }): boolean => type === 'people';
  expect(messagesIn(effects).filter(isPeople)).toHaveLength(0);
  const timers = effects.filter((effect) => effect.type === 'startTimer' && effect.name === 'people'); // prettier-ignore
  expect(timers).toHaveLength(1);
  const told = scene.step({ type: 'timer', name: 'people' }, 0);
  expect(messagesIn(told).filter(isPeople)).toHaveLength(1);
  expect(bodyIn(told, 'people')).toMatchObject({ total: 50 });
});
