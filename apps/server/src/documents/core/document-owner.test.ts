import { DocumentText, textChecksum } from '@concord/ot';
import {
  CHECKSUM_EVERY_VERSIONS,
  defaultLimits,
  PROTOCOL_VERSION,
  type ClientId,
} from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import type { LoggedOperation } from '../../store/ports/store.ts';
import { DocumentOwner } from './document-owner.ts';
import { CHECKPOINT_EVERY_VERSIONS } from './folded-text.ts';
import {
  bodyIn,
  clientIdOf,
  documentId,
  everybodyEdits,
  messagesIn,
  Scene,
  typesIn,
} from './test-scene.ts';

const messageTypesIn = (effects: Parameters<typeof messagesIn>[0]) =>
  messagesIn(effects).map(({ type }) => type);

describe('committing', () => {
  it('tells nobody of an operation before it is durable (I1, durable first)', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.join('bob');
    const submitted = scene.submit('ann', 1, ['A']);
    expect(typesIn(submitted)).toEqual(['append']);
    expect(scene.owner.version).toBe(0);
    const committed = scene.step({ type: 'appended' });
    expect(typesIn(committed)).toEqual(['broadcast']);
    expect(bodyIn(committed, 'operations')).toMatchObject({
      firstVersion: 1,
      operations: [{ clientId: clientIdOf('ann'), seq: 1, author: 'user-ann', op: ['A'] }],
    });
    expect(scene.owner.text.toString()).toBe('Atext');
  });

  it('makes one batch of what arrives in one moment', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.join('bob');
    const submit = (name: string) =>
      scene.step({
        type: 'submit',
        session: scene.session(name),
        message: { seq: 1, baseVersion: 0, op: ['x'] },
      });
    expect(submit('ann')).toEqual([{ type: 'flushSoon' }]);
    expect(submit('bob')).toEqual([]);
    expect(scene.step({ type: 'flush' })).toMatchObject([
      { type: 'append', batch: { firstVersion: 1, operations: [{}, {}] } },
    ]);
  });

  it('gathers what arrives during an append into one next batch (log first)', () => {
    const scene = new Scene();
    for (const name of ['ann', 'bob', 'eve']) scene.join(name);
    scene.submit('ann', 1, ['A']);
    expect(scene.submit('bob', 1, [4, 'B'])).toEqual([]);
    expect(scene.submit('eve', 1, [{ d: 1 }])).toEqual([]);
    const effects = scene.step({ type: 'appended' });
    // The next append is on its way before the first is told of.
    expect(typesIn(effects)).toEqual(['append', 'broadcast']);
    expect(effects[0]).toMatchObject({ batch: { firstVersion: 2, operations: [{}, {}] } });
    scene.step({ type: 'appended' });
    expect(scene.owner.version).toBe(3);
    expect(scene.owner.text.toString()).toBe('AextB');
  });

  it('sends a large operation back to its author without its text', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.join('bob');
    scene.submit('ann', 1, ['x'.repeat(5_000)]);
    const effects = scene.step({ type: 'appended' });
    const [own, others] = messagesIn(effects);
    expect(own).toMatchObject({ body: { operations: [{ seq: 1 }] } });
    expect(JSON.stringify(own)).not.toContain('xxx');
    expect(JSON.stringify(others)).toContain('xxx');
    expect(effects[1]).toMatchObject({ except: new Set([scene.session('ann')]) });
  });

  it('carries a checksum of the text every 64 versions, at most once a second (docs/protocol.md#divergence)', () => {
    const scene = new Scene('');
    scene.join('ann');
    const checksums: unknown[] = [];
    for (let seq = 1; seq <= 128; seq++) {
      scene.submit('ann', seq, ['x']);
      const body = bodyIn(scene.step({ type: 'appended' }), 'operations');
      checksums.push((body as { checksum?: number }).checksum);
    }
    expect(checksums.filter((checksum) => checksum !== undefined)).toEqual([
      textChecksum('x'.repeat(64)),
      textChecksum('x'.repeat(128)),
    ]);
    // In a burst, not before a second has passed.
    for (let seq = 129; seq <= 300; seq++) {
      scene.submit('ann', seq, ['x'], scene.owner.version, 5);
      const body = bodyIn(scene.step({ type: 'appended' }, 0), 'operations');
      expect(body).not.toHaveProperty('checksum');
    }
  });
});

describe('another history', () => {
  const write = (scene: Scene, count: number): void => {
    scene.join('bob');
    for (let seq = 1; seq <= count; seq++) {
      scene.submit('bob', seq, ['x']);
      scene.step({ type: 'appended' });
    }
  };
  const head = (scene: Scene) => {
    const { clientId, seq, at } = scene.owner.operationAt(scene.owner.version) ?? {};
    return { clientId, seq, at } as { clientId: ClientId; seq: number; at: number };
  };

  it('refuses a join whose operation the log does not have at that version, and sends it nothing', () => {
    const scene = new Scene();
    write(scene, 3);
    expect(bodyIn(scene.join('ann', { head: head(scene) }), 'joined')).toMatchObject({ tail: [] });
    const other = { ...head(scene), at: 1 };
    const refused = scene.join('eve', { head: other });
    expect(messagesIn(refused)).toMatchObject([
      { type: 'refused', body: { code: 'otherHistory', retryable: false } },
    ]);
    // Nor is a client that has diverged sent a snapshot over it.
    expect(typesIn(scene.join('eve', { head: other, diverged: true }))).not.toContain('resync');
    // Numbers of that history mean nothing here.
    expect(bodyIn(scene.join('eve', { version: 0 }), 'joined')).toMatchObject({ lastSeq: 0 });
  });

  it('proves another text of a client that has its history, and takes no other word for it', () => {
    const scene = new Scene();
    write(scene, 3);
    const report = {
      diverged: true,
      checksum: 1,
      head: head(scene),
      historyId: 'history',
    } as const;
    const verdicts = (change: object): unknown[] =>
      scene
        .join('ann', { ...report, ...change })
        .flatMap((effect) => (effect.type === 'divergence' ? [effect.isProven] : []));
    expect(verdicts({})).toEqual([true]);
    expect(verdicts({ checksum: scene.owner.text.checksum })).toEqual([false]);
    expect(verdicts({ checksum: undefined })).toEqual([false]);
    expect(verdicts({ head: undefined })).toEqual([false]);
    expect(verdicts({ historyId: undefined })).toEqual([false]);
    // Served it is anyway.
    expect(typesIn(scene.join('ann', { diverged: true }))).toContain('send');
  });

  it('proves it of an older version whose checksum it sent', () => {
    const scene = new Scene();
    write(scene, CHECKSUM_EVERY_VERSIONS);
    const version = scene.owner.version;
    const report = { diverged: true, historyId: 'history', version, head: head(scene) } as const;
    const sent = scene.owner.text.checksum;
    scene.submit('bob', CHECKSUM_EVERY_VERSIONS + 1, ['y']);
    scene.step({ type: 'appended' });
    expect(scene.owner.version).toBe(version + 1);
    const verdicts = (checksum: number): unknown[] =>
      scene
        .join('ann', { ...report, checksum })
        .flatMap((effect) => (effect.type === 'divergence' ? [effect.isProven] : []));
    expect(verdicts(sent)).toEqual([false]);
    expect(verdicts(sent + 1)).toEqual([true]);
  });

  it('asks the log for the operation of a version that is older than its memory', () => {
    const logged = { clientId: clientIdOf('eve'), seq: 1, author: 'user-eve', at: 5, op: [] };
    const head = { clientId: logged.clientId, seq: 1, at: 5 };
    for (const [entry, answer] of [
      [logged, 'joined'],
      [{ ...logged, at: 6 }, 'refused'],
      [null, 'refused'],
    ] as const) {
      const scene = new Scene('text', defaultLimits, [], everybodyEdits, 9);
      const asked = scene.ask('ann', { version: 9, head });
      expect(asked).toMatchObject([{ type: 'load', entryVersion: 9 }]);
      expect(typesIn(scene.answer('ann', asked, entry))).toContain('send');
      expect(messagesIn(scene.effects).at(0)).toMatchObject({ type: answer });
    }
  });

  it('compares the text of a client that names no operation, at the version of the client', () => {
    const scene = new Scene('');
    write(scene, 2);
    const checksum = textChecksum('xx');
    expect(messageTypesIn(scene.join('ann', { version: 2, checksum }))).toContain('joined');
    const refused = bodyIn(scene.join('bob', { version: 2, checksum: checksum + 1 }), 'refused');
    expect(refused).toMatchObject({ code: 'otherHistory' });
    for (const [found, answer] of [
      [textChecksum('x'), 'joined'],
      [checksum, 'refused'],
      [null, 'refused'],
    ] as const) {
      const older = new Scene('');
      write(older, 2);
      const asked = older.ask('eve', { version: 1, checksum: textChecksum('x') });
      expect(asked).toMatchObject([{ type: 'load', checksumVersion: 1 }]);
      const answered = older.answer('eve', asked, undefined, found);
      expect(messageTypesIn(answered).at(0)).toBe(answer);
    }
  });

  it('does not compare the text of a client of protocol 2, nor of one that reports a divergence', () => {
    const scene = new Scene('');
    write(scene, 2);
    expect(messageTypesIn(scene.join('ann', { version: 2, protocol: 2 }))).toContain('joined');
    const report = { version: 2, diverged: true, checksum: 7 } as const;
    expect(messageTypesIn(scene.join('bob', report))).toContain('resync');
  });
});

describe('clients that get nowhere', () => {
  const inVain = (effects: readonly { readonly type: string }[]) =>
    effects.filter(({ type }) => type === 'joinedInVain');
  const leave = (scene: Scene, passedMs: number) =>
    scene.step({ type: 'left', session: scene.session('ann') }, passedMs);

  it('counts a client that comes back soon, with nothing received and nothing acknowledged', () => {
    const scene = new Scene();
    expect(inVain(scene.join('ann'))).toEqual([]);
    leave(scene, 1_000);
    expect(inVain(scene.join('ann'))).toMatchObject([{ clientId: clientIdOf('ann'), times: 1 }]);
    leave(scene, 1_000);
    // However long it waits in between.
    scene.step({ type: 'read' }, 25_000);
    expect(inVain(scene.join('ann'))).toMatchObject([{ times: 2 }]);
  });

  it('does not count one that was here for a while, or whose edit was acknowledged', () => {
    const scene = new Scene();
    scene.join('ann');
    leave(scene, 20_000);
    expect(inVain(scene.join('ann'))).toEqual([]);
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    leave(scene, 100);
    expect(inVain(scene.join('ann', { nextSeq: 2 }))).toEqual([]);
  });
});

describe('exactly once (I4)', () => {
  it('stays silent about a number on its way, and refuses one that is committed', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    expect(scene.submit('ann', 1, ['A'])).toEqual([]);
    scene.step({ type: 'appended' });
    const again = scene.submit('ann', 1, ['A']);
    expect(bodyIn(again, 'rejected')).toMatchObject({ code: 'staleSequence', seq: 1 });
    expect(scene.owner.undurable).toBe(0);
  });

  it('refuses a number from the future without using it up', () => {
    const scene = new Scene();
    scene.join('ann');
    const early = scene.submit('ann', 3, ['A']);
    expect(bodyIn(early, 'rejected')).toMatchObject({ code: 'futureSequence', retryable: true });
    expect(typesIn(scene.submit('ann', 1, ['A']))).toEqual(['append']);
  });

  it('rejects a number that the client withdraws, and takes its operation never again', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const withdrawn = scene.withdraw('ann', 2);
    expect(bodyIn(withdrawn, 'rejected')).toMatchObject({
      seq: 2,
      code: 'withdrawn',
      retryable: false,
    });
    expect(bodyIn(scene.withdraw('ann', 2), 'rejected')).toMatchObject({ code: 'withdrawn' });
    expect(bodyIn(scene.submit('ann', 2, ['B']), 'rejected')).toMatchObject({ code: 'withdrawn' });
    expect(typesIn(scene.submit('ann', 3, ['B']))).toEqual(['append']);
  });

  it('does not let a number be withdrawn that is committed, on its way, or too early', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    expect(scene.withdraw('ann', 1)).toEqual([]);
    scene.step({ type: 'appended' });
    expect(bodyIn(scene.withdraw('ann', 1), 'rejected')).toMatchObject({ code: 'staleSequence' });
    expect(bodyIn(scene.withdraw('ann', 3), 'rejected')).toMatchObject({ code: 'futureSequence' });
    expect(scene.owner.text.toString()).toBe('Atext');
  });

  it('puts a withdrawn number beyond doubt before it says so: a former owner may have taken it in', () => {
    const scene = new Scene();
    scene.join('ann');
    // Nothing was written since this owner opened the document.
    const withdrawn = scene.withdraw('ann', 1);
    expect(typesIn(withdrawn)).toEqual(['append']);
    expect(withdrawn[0]).toMatchObject({ batch: { operations: [{ author: 'server', op: [] }] } });
    expect(bodyIn(scene.step({ type: 'appended' }), 'rejected')).toMatchObject({
      seq: 1,
      code: 'withdrawn',
    });
  });

  it('uses a number up by a rejection, and repeats the rejection', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const first = bodyIn(scene.submit('ann', 2, [9, 'x']), 'rejected');
    expect(first).toMatchObject({ code: 'operationOutOfRange', retryable: false });
    expect(bodyIn(scene.submit('ann', 2, [9, 'x']), 'rejected')).toEqual(first);
    // Also after another join.
    scene.join('ann', { nextSeq: 2 });
    expect(bodyIn(scene.submit('ann', 2, [9, 'x']), 'rejected')).toEqual(first);
    expect(typesIn(scene.submit('ann', 3, ['A']))).toEqual(['append']);
  });

  it('rejects before anything was written only once nothing of a former owner can land', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.join('bob');
    const rejected = scene.submit('ann', 1, [9, 'x']);
    expect(rejected).toMatchObject([
      { type: 'append', batch: { firstVersion: 1, operations: [{ author: 'server', op: [] }] } },
    ]);
    expect(scene.submit('ann', 1, [9, 'x'])).toEqual([]);
    expect(scene.submit('bob', 1, [9, 'x'])).toEqual([]);
    const told = messagesIn(scene.step({ type: 'appended' })).filter((m) => m.type === 'rejected');
    expect(told).toMatchObject([{ body: { seq: 1 } }, { body: { seq: 1 } }]);
    expect(scene.owner.undurable).toBe(0);
    // Whoever is gone by then is told again.
    expect(bodyIn(scene.submit('ann', 1, [9, 'x']), 'rejected')).toMatchObject({ seq: 1 });
  });

  it('takes a number again that an owner who is gone rejected, and whose news was lost', () => {
    const scene = new Scene();
    scene.join('ann', { nextSeq: 10 });
    scene.join('ann', { nextSeq: 9 });
    expect(typesIn(scene.submit('ann', 9, ['A']))).toEqual(['append']);
  });

  it('takes from a join which numbers were used up before a restart', () => {
    const scene = new Scene();
    expect(bodyIn(scene.join('ann', { nextSeq: 5 }), 'joined')).toMatchObject({ lastSeq: 4 });
    expect(typesIn(scene.submit('ann', 5, ['A']))).toEqual(['append']);
  });

  it('asks the store for the position of a client it does not know', () => {
    const scene = new Scene();
    const session = scene.session('ann');
    const message = { docId: documentId, clientId: clientIdOf('ann'), epoch: 9, version: 0 };
    scene.step({
      type: 'join',
      session,
      userId: 'user-ann',
      name: 'ann',
      atMost: null,
      authorizedUntil: Infinity,
      message: { ...message, nextSeq: 7, protocol: PROTOCOL_VERSION },
    });
    const position = { seq: 7, version: 0 };
    const { clientId } = message;
    const of = (id: ClientId, epoch = 9) =>
      scene.step({
        type: 'loaded',
        session,
        clientId: id,
        epoch,
        position,
        operations: [],
        untilVersion: 0,
        isTooLong: false,
      });
    // An answer about another client is not for this join.
    expect(of(clientIdOf('bob'))).toEqual([]);
    // Nor is one about a former join of this client, which named another version.
    expect(of(clientId, 8)).toEqual([]);
    const effects = of(clientId);
    expect(bodyIn(effects, 'joined')).toMatchObject({ lastSeq: 7 });
  });

  it('takes an operation of a page that lost what it sent, while that is still on its way to the log', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    // The page begins again, with a row from before.
    expect(bodyIn(scene.join('ann'), 'joined')).toMatchObject({ version: 0, lastSeq: 1 });
    expect(scene.submit('ann', 2, [4, 'B'], 0)).toEqual([]);
    scene.step({ type: 'appended' });
    scene.step({ type: 'appended' });
    expect(scene.owner.text.toString()).toBe('AtextB');
    // What is sent twice in one life names the version of the first.
    scene.submit('ann', 3, ['C']);
    expect(bodyIn(scene.submit('ann', 4, ['D'], 2), 'rejected')).toMatchObject({
      code: 'invalidBaseVersion',
    });
  });

  it('keeps two people apart who use one client id (scoped errors)', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const thief = scene.join('thief', { clientId: clientIdOf('ann') });
    expect(bodyIn(thief, 'joined')).toMatchObject({ lastSeq: 0 });
    expect(typesIn(scene.submit('ann', 2, ['B']))).toEqual(['append']);
  });
});

describe('epochs', () => {
  it('a newer one of the same client ends the former session', () => {
    const scene = new Scene();
    scene.join('ann');
    const effects = scene.join('again', { clientId: clientIdOf('ann') }, 'user-ann');
    expect(effects).toContainEqual({ type: 'dismissed', session: scene.session('ann') });
    expect(scene.submit('ann', 1, ['late'])).toEqual([]);
    expect(typesIn(scene.submit('again', 1, ['A']))).toEqual(['append']);
  });

  it('an older one is refused, and disturbs nobody', () => {
    const scene = new Scene();
    scene.join('ann');
    const late = scene.join('late', { clientId: clientIdOf('ann'), epoch: 0 }, 'user-ann');
    expect(bodyIn(late, 'refused')).toMatchObject({ code: 'staleEpoch', retryable: true });
    expect(typesIn(scene.submit('ann', 1, ['A']))).toEqual(['append']);
  });
});

describe('joining', () => {
  it('brings the tail up to the durable head, not beyond', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    scene.submit('ann', 2, ['B']);
    const effects = scene.join('bob', { version: 0 });
    expect(bodyIn(effects, 'joined')).toMatchObject({ version: 1, tail: [{ seq: 1, op: ['A'] }] });
  });

  it('loads older operations for a client from before the window', () => {
    const scene = new Scene();
    const owner = new DocumentOwner({
      documentId,
      historyId: 'history',
      title: '',
      titleVersion: 0,
      limits: defaultLimits,
      access: everybodyEdits,
      version: 2,
      text: DocumentText.from('BAtext'),
      tail: [],
    });
    const session = 1;
    const message = {
      docId: documentId,
      clientId: clientIdOf('bob'),
      epoch: 1,
      version: 0,
      nextSeq: 1,
      protocol: PROTOCOL_VERSION,
    };
    const who = { userId: 'bob', name: 'bob', atMost: null, authorizedUntil: Infinity };
    const join = { type: 'join', session, ...who } as const;
    const [load] = owner.step({ ...join, message }, 1);
    expect(load).toMatchObject({ type: 'load', afterVersion: 0, untilVersion: 2 });
    const logged = (seq: number, text: string): LoggedOperation => ({
      clientId: clientIdOf('ann'),
      seq,
      author: 'ann',
      at: 1,
      op: [text],
    });
    const operations = [logged(1, 'A'), logged(2, 'B')];
    const effects = owner.step(
      {
        type: 'loaded',
        session,
        clientId: clientIdOf('bob'),
        epoch: message.epoch,
        position: null,
        operations,
        untilVersion: 2,
        isTooLong: false,
      },
      2,
    );
    expect(bodyIn(effects, 'joined')).toMatchObject({ version: 2, tail: operations });
    expect(scene.effects).toEqual([]);
  });

  it('a client that diverged, and one that knows a later version', () => {
    const scene = new Scene();
    expect(bodyIn(scene.join('ann', { diverged: true }), 'resync')).toMatchObject({ version: 0 });
    const ahead = scene.join('bob', { version: 99 });
    expect(bodyIn(ahead, 'refused')).toMatchObject({ code: 'otherHistory', retryable: false });
  });

  it('two people never share a colour while ten suffice; one person keeps one', () => {
    const scene = new Scene();
    for (let person = 0; person < 10; person++) scene.join(`p${person}`);
    const effects = scene.join('tab', {}, 'user-p3');
    const { people } = bodyIn(effects, 'joined') as { people: { color: number; name: string }[] };
    expect(new Set(people.slice(0, 10).map(({ color }) => color)).size).toBe(10);
    expect(people[10]?.color).toBe(people[3]?.color);
  });
});

describe('limits (I8)', () => {
  it('more operations than allowed wait, and none is lost', () => {
    const scene = new Scene('', { ...defaultLimits, operationsPerSecond: 1, operationsBurst: 2 });
    scene.join('ann');
    const submit = (seq: number, passedMs: number) =>
      scene.submit('ann', seq, ['x'], scene.owner.version, passedMs);
    for (const seq of [1, 2]) {
      expect(bodyIn(submit(seq, 0), 'rejected')).toBeUndefined();
      scene.step({ type: 'appended' }, 0);
    }
    const limited = bodyIn(submit(3, 0), 'rejected');
    expect(limited).toMatchObject({ code: 'rateLimited', retryable: true });
    const { retryAfterMs } = limited as { retryAfterMs: number };
    scene.step({ type: 'timer', name: 'carets' }, retryAfterMs);
    expect(typesIn(scene.submit('ann', 3, ['x']))).toEqual(['append']);
  });

  it('the text does not outgrow its limit by concurrent insertions', () => {
    const scene = new Scene('12345', { ...defaultLimits, documentCodePoints: 8 });
    scene.join('ann');
    scene.join('bob');
    scene.submit('ann', 1, ['abc'], 0);
    scene.submit('bob', 1, ['def'], 0);
    const effects = scene.step({ type: 'appended' });
    expect(bodyIn(effects, 'rejected')).toMatchObject({ code: 'documentTooLarge' });
  });
});

describe('failures', () => {
  it.each([
    ['duplicate', 'moved'],
    ['unavailable', 'refused'],
  ] as const)('an append that is %s drops the state, and everybody is %s', (reason, type) => {
    const scene = new Scene();
    scene.join('ann');
    scene.join('bob');
    scene.submit('ann', 1, ['A']);
    const effects = scene.step({ type: 'appendFailed', reason });
    expect(messagesIn(effects).filter((message) => message.type === type)).toHaveLength(2);
    expect(effects.at(-1)).toEqual({ type: 'unload' });
    expect(scene.submit('ann', 1, ['A'])).toEqual([]);
  });
});

describe('memory', () => {
  it('checkpoints after a thousand versions, one at a time (I6)', () => {
    const scene = new Scene('');
    scene.join('ann');
    for (let seq = 1; seq <= 3 * CHECKPOINT_EVERY_VERSIONS; seq++) {
      scene.submit('ann', seq, ['x']);
      scene.step({ type: 'appended' });
    }
    const checkpoints = scene.effects.filter((effect) => effect.type === 'checkpoint');
    expect(checkpoints).toHaveLength(1);
    expect(checkpoints[0]).toMatchObject({ version: CHECKPOINT_EVERY_VERSIONS });
    expect(checkpoints[0]?.text.toString()).toBe('x'.repeat(CHECKPOINT_EVERY_VERSIONS));
    const next = scene.step({ type: 'checkpointed', version: CHECKPOINT_EVERY_VERSIONS });
    expect(next).toMatchObject([{ type: 'checkpoint', version: 3 * CHECKPOINT_EVERY_VERSIONS }]);
  });

  it('an idle document is checkpointed, then leaves', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    scene.step({ type: 'appended' });
    const left = scene.step({ type: 'left', session: scene.session('ann') });
    expect(left).toContainEqual({ type: 'startTimer', name: 'idle', ms: 60_000 });
    expect(typesIn(scene.step({ type: 'timer', name: 'idle' }))).toEqual(['checkpoint']);
    expect(typesIn(scene.step({ type: 'checkpointed', version: 1 }))).toEqual(['unload']);
  });

  it('a stop takes nothing more in, finishes, and sends everybody elsewhere', () => {
    const scene = new Scene();
    scene.join('ann');
    scene.submit('ann', 1, ['A']);
    expect(scene.step({ type: 'stop' })).toEqual([]);
    expect(scene.submit('ann', 2, ['B'])).toEqual([]);
    const effects = scene.step({ type: 'appended' });
    expect(messagesIn(effects).map(({ type }) => type)).toEqual(['operations', 'moved']);
    expect(effects.at(-1)).toMatchObject({ type: 'checkpoint', version: 1 });
    expect(typesIn(scene.step({ type: 'checkpointed', version: 1 }))).toEqual(['unload']);
  });
});

describe('carets', () => {
  it('are told at the head, each pushed along, and behind what their owner typed', () => {
    const scene = new Scene('one two');
    scene.join('ann');
    scene.join('bob');
    const presence = (name: string, position: number) =>
      scene.step({
        type: 'presence',
        session: scene.session(name),
        message: { version: scene.owner.version, anchor: position, head: position },
      });
    expect(presence('bob', 3)).toEqual([{ type: 'startTimer', name: 'carets', ms: 50 }]);
    scene.submit('ann', 1, ['zero ']);
    scene.step({ type: 'appended' });
    scene.submit('bob', 1, [8, '!!']);
    scene.step({ type: 'appended' });
    const effects = scene.step({ type: 'timer', name: 'carets' });
    const caret = { session: scene.session('bob'), version: 2, anchor: 10, head: 10 };
    expect(bodyIn(effects, 'carets')).toEqual({ carets: [caret] });
    const joined = scene.join('eve');
    expect(bodyIn(joined, 'carets')).toEqual({ carets: [caret] });
  });
});
