import { DocumentText, insertAt } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import { describe, expect, it } from 'vitest';
import { newReplica } from '../../core/new-replica.ts';
import type { Replica } from '../../core/replica.ts';
import type { DocumentStatus } from '../../document-client-api.ts';
import { Leadership } from './leadership.ts';
import type { LeadershipEffect, LeadershipInput, LedSession } from './leadership-io.ts';
import type { SharedState, TabMessage } from './tab-messages.ts';
import { unknownState } from './tab-view.ts';

const replica: Replica = { ...newReplica(randomDocumentId(), randomClientId()), opened: true };

const sessionOf = (text: string, status: DocumentStatus = { kind: 'saved' }): LedSession => ({
  ...{ documentText: DocumentText.from(text), status },
  ...{ title: 'Plan', isTitleKnown: true, isTitleSaved: true },
  ...{ people: [], peopleTotal: 0, self: 1, role: 'editor', version: 3, unsent: 0 },
  visibleCarets: [],
});

/** A tab without an adapter: inputs go in one by one, and what they cause is looked at. */
class Tab {
  readonly leadership = new Leadership();
  nowMs = 0;

  step(input: LeadershipInput): readonly LeadershipEffect[] {
    return this.leadership.step(input, this.nowMs);
  }

  message(message: TabMessage): readonly LeadershipEffect[] {
    return this.step({ type: 'message', message });
  }

  /** Takes the lead that is free. */
  lead(text = ''): readonly LeadershipEffect[] {
    this.step({ type: 'start' });
    this.step({ type: 'lockTaken' });
    const effects = this.step({ type: 'loaded', session: sessionOf(text), firstCount: 100 });
    this.step({ type: 'opened' });
    return effects;
  }

  /** Another tab leads, and shows this text. */
  mirror(text = ''): void {
    this.step({ type: 'start' });
    this.step({ type: 'lockDenied' });
    this.message({ type: 'text', text, count: 7 });
  }
}

const typesOf = (effects: readonly LeadershipEffect[]): readonly string[] =>
  effects.map((effect) => (effect.type === 'post' ? `post ${effect.message.type}` : effect.type));

describe('a tab that is opened', () => {
  it('leads when no tab does, with what was typed before the replica was loaded', () => {
    const tab = new Tab();
    expect(typesOf(tab.step({ type: 'start' }))).toEqual(['startTimer', 'take']);
    tab.step({ type: 'edit', operation: insertAt(0, '!') });
    expect(tab.step({ type: 'lockTaken' })).toEqual([{ type: 'load', former: undefined }]);
    const effects = tab.step({ type: 'loaded', session: sessionOf('one'), firstCount: 1 });
    expect(typesOf(effects)).toEqual(['run', 'show', 'post leads', 'tell']);
    expect(effects[0]).toMatchObject({ typed: [3, '!'], edits: 1 });
    expect(tab.leadership.mode).toBe('leading');
  });

  it('requests the lead when it is looked at, and asks for the text when it is not', () => {
    const [looked, unlooked] = [new Tab(), new Tab()];
    for (const tab of [looked, unlooked]) tab.step({ type: 'start' });
    looked.step({ type: 'looked', isLookedAt: true });
    expect(typesOf(looked.step({ type: 'lockDenied' }))).toEqual(['post requestLead', 'take']);
    expect(typesOf(unlooked.step({ type: 'lockDenied' }))).toEqual(['post hello', 'startTimer']);
    expect(typesOf(unlooked.step({ type: 'timer', name: 'answer' }))).toContain('post requestLead');
  });
});

describe('a tab that leads', () => {
  it('hands over when it has led for long enough, once its queue is written', () => {
    const tab = new Tab();
    tab.lead('one');
    expect(tab.message({ type: 'requestLead' })).toEqual([
      { type: 'startTimer', name: 'handOver', ms: 300 },
    ]);
    expect(typesOf(tab.step({ type: 'timer', name: 'handOver' }))).toEqual(['flush']);
    expect(tab.message({ type: 'requestLead' })).toEqual([]);
    expect(typesOf(tab.step({ type: 'flushed', isWritten: true }))).toEqual(['settle', 'tell']);
    expect(tab.leadership.mode).toBe('mirroring');
    expect(typesOf(tab.step({ type: 'settled', kept: replica, now: replica }))).toEqual([
      'release',
    ]);
  });

  it('keeps the lead when its queue cannot be written', () => {
    const tab = new Tab();
    tab.lead();
    tab.nowMs = 300;
    expect(typesOf(tab.message({ type: 'requestLead' }))).toEqual(['flush']);
    expect(typesOf(tab.step({ type: 'flushed', isWritten: false }))).toEqual(['post leadRefused']);
    expect(tab.leadership.mode).toBe('leading');
    expect(typesOf(tab.message({ type: 'requestLead' }))).toEqual(['flush']);
  });

  it('steps down when its lock was taken by force, and types anew what the device does not have', () => {
    const tab = new Tab();
    tab.lead();
    expect(tab.step({ type: 'lockLost', attempt: 0 })).toEqual([]);
    expect(typesOf(tab.step({ type: 'lockLost', attempt: 1 }))).toEqual(['settle', 'tell']);
    const now = { ...replica, pending: insertAt(0, 'late'), pendingEdits: 1 };
    const effects = tab.step({ type: 'settled', kept: replica, now });
    expect(typesOf(effects).slice(0, 2)).toEqual(['release', 'post requestLead']);
    expect(tab.leadership.view.documentText.toString()).toBe('late');
    expect(tab.leadership.view.status).toEqual({ kind: 'saving', slow: false });
  });

  it('steps down when its replica has another writer, though its lock says nothing', () => {
    const tab = new Tab();
    tab.step({ type: 'start' });
    tab.step({ type: 'lockTaken' });
    const status = { kind: 'stopped', code: 'superseded', detail: '' } as const;
    tab.step({ type: 'loaded', session: sessionOf('', status), firstCount: 1 });
    expect(typesOf(tab.step({ type: 'stateChanged' }))).toEqual(['settle', 'tell']);
  });

  it('has nothing to refuse when it was robbed while its queue was being written', () => {
    const tab = new Tab();
    tab.lead();
    tab.nowMs = 300;
    tab.message({ type: 'requestLead' });
    tab.step({ type: 'lockLost', attempt: 1 });
    expect(tab.step({ type: 'flushed', isWritten: false })).toEqual([]);
  });

  it('keeps what is typed while it settles, though an old refusal reaches it then', () => {
    const tab = new Tab();
    tab.lead();
    tab.step({ type: 'lockLost', attempt: 1 });
    tab.step({ type: 'edit', operation: insertAt(0, 'more') });
    expect(typesOf(tab.message({ type: 'leadRefused' }))).toEqual(['post hello', 'startTimer']);
    tab.step({ type: 'edit', operation: insertAt(4, '!') });
    tab.step({ type: 'settled', kept: replica, now: replica });
    expect(tab.leadership.view.typed).toEqual(['more!']);
  });

  it('leaves alone what is handed off to the tab whose lead it took over, or that took its own', () => {
    const tab = new Tab();
    tab.lead('one');
    const handedOff = { type: 'handOffEdits', base: 'one', edits: 1, title: null } as const;
    const operation = insertAt(3, ' two');
    expect(tab.message({ ...handedOff, operation, to: 7 })).toEqual([]);
    expect(typesOf(tab.message({ ...handedOff, operation, to: 100 }))).toEqual(['edit']);
    // It led for the second time when that arrived.
    tab.step({ type: 'lockLost', attempt: 1 });
    tab.step({ type: 'want' });
    tab.step({ type: 'settled', kept: replica, now: replica });
    tab.step({ type: 'lockTaken' });
    tab.step({ type: 'loaded', session: sessionOf('one'), firstCount: 500 });
    expect(typesOf(tab.message({ ...handedOff, operation, to: 100 }))).toEqual(['edit']);
  });

  it('takes over what a tab that goes away hands off, and one that never led does not', () => {
    const [leader, mirror] = [new Tab(), new Tab()];
    leader.lead('one');
    mirror.mirror('one');
    const title = { base: 'Plan', title: 'Plan B' };
    const operation = insertAt(3, ' two');
    const handedOff = { type: 'handOffEdits', base: 'one', operation, edits: 1, title } as const;
    expect(leader.message(handedOff)).toEqual([
      { type: 'edit', operation, origin: 'remote' },
      { type: 'rename', ...{ title: 'Plan B', base: 'Plan' } },
    ]);
    expect(mirror.message(handedOff)).toEqual([]);
  });
});

describe('a tab that takes the lead', () => {
  it('gives it back when the lock was lost before the replica was loaded', () => {
    const tab = new Tab();
    tab.step({ type: 'start' });
    tab.step({ type: 'lockTaken' });
    tab.step({ type: 'lockLost', attempt: 1 });
    const effects = tab.step({ type: 'loaded', session: sessionOf(''), firstCount: 1 });
    expect(typesOf(effects)).toEqual(['discard']);
    expect(typesOf(tab.step({ type: 'discarded' }))).toContain('release');
    expect(tab.leadership.mode).toBe('mirroring');
  });

  it('takes it by force only from a leader that does not answer', () => {
    const tab = new Tab();
    tab.mirror('one');
    tab.step({ type: 'edit', operation: insertAt(3, '!') });
    expect(tab.leadership.mayForce).toBe(true);
    const effects = tab.message({ type: 'leadRefused' });
    expect(typesOf(effects).slice(0, 2)).toEqual(['post handOffEdits', 'post hello']);
    expect(tab.leadership.mayForce).toBe(false);
    expect(effects[0]).toMatchObject({ message: { to: 7 } });
    expect(tab.leadership.view.isWaiting).toBe(false);
    expect(tab.leadership.view.documentText.toString()).toBe('one!');
  });

  it('shows what it handed off as unsaved until the leader has told its text again', () => {
    const tab = new Tab();
    tab.mirror('one');
    const { shown } = tab.leadership.view;
    const state = { ...shown, status: { kind: 'saved' }, unsent: 0 } as const;
    tab.message({ type: 'state', state });
    tab.step({ type: 'edit', operation: insertAt(3, '!') });
    tab.message({ type: 'leadRefused' });
    tab.message({ type: 'state', state });
    expect(tab.leadership.view.status).toEqual({ kind: 'saving', slow: false });
    expect(tab.leadership.view.unsent).toBe(1);
    tab.message({ type: 'text', text: 'one!', count: 8 });
    expect(tab.leadership.view.status).toEqual({ kind: 'saved' });
  });

  it('waits for its former session to be closed', () => {
    const tab = new Tab();
    tab.lead();
    tab.step({ type: 'lockLost', attempt: 1 });
    expect(tab.step({ type: 'want' })).toEqual([]);
    const effects = tab.step({ type: 'settled', kept: replica, now: replica });
    expect(typesOf(effects)).toEqual(['release', 'post requestLead', 'take']);
  });
});

describe('a tab that mirrors', () => {
  it('asks again, once, when several texts come from two leaders in turn', () => {
    const tab = new Tab();
    tab.mirror('one');
    const asked = [2 ** 40, 8, 2 ** 41, 9].flatMap((count) =>
      typesOf(tab.message({ type: 'text', text: 'two', count })),
    );
    expect(asked.filter((type) => type === 'startTimer')).toHaveLength(1);
    expect(asked).not.toContain('post hello');
  });

  it('asks again when it is told a text by another leader than the one that led last', () => {
    const tab = new Tab();
    tab.mirror('one');
    tab.message({ type: 'leads', count: 2 ** 40 });
    expect(typesOf(tab.message({ type: 'text', text: 'two', count: 2 ** 40 }))).toEqual([
      'cancelTimer',
      'show',
    ]);
    const late = tab.message({ type: 'text', text: 'one', count: 8 });
    expect(typesOf(late)).toEqual(['cancelTimer', 'show', 'startTimer']);
    expect(typesOf(tab.step({ type: 'timer', name: 'doubt' }))).toContain('post hello');
  });
});

describe('a title typed in a tab that mirrors', () => {
  const shared: SharedState = { ...unknownState, title: 'Café notes', isTitleKnown: true };
  const typed = { type: 'rename', title: 'Renamed by Bob', base: 'Café notes' } as const;

  it('before any title is known renames the one that the page showed', () => {
    const tab = new Tab();
    tab.mirror('text');
    tab.step(typed);
    tab.message({ type: 'state', state: unknownState });
    expect(tab.leadership.view.title).toBe('Renamed by Bob');
    tab.message({ type: 'state', state: { ...shared, title: 'Our Café notes' } });
    expect(tab.leadership.view.title).toBe('Our Renamed by Bob');
  });

  it('is typed over the title of a leader of a former build, which does not say whether it knows one', () => {
    const tab = new Tab();
    tab.mirror('text');
    const { isTitleKnown: _, ...former } = shared;
    tab.message({ type: 'state', state: { ...former, title: 'Our Café notes' } });
    tab.step(typed);
    expect(tab.leadership.view.title).toBe('Our Renamed by Bob');
  });
});

describe('a tab whose leader left', () => {
  it('tries to succeed it a few times, and then only when it is wanted', () => {
    const tab = new Tab();
    tab.mirror();
    const waits: (number | undefined)[] = [];
    let effects = tab.message({ type: 'leaderLeft' });
    for (let tries = 0; tries < 4; tries++) {
      waits.push(effects[0]?.type === 'startTimer' ? effects[0].ms : undefined);
      expect(tab.step({ type: 'timer', name: 'succeed' })).toMatchObject([{ how: 'ifFree' }]);
      effects = tab.step({ type: 'lockDenied' });
    }
    expect(waits).toEqual([30, 100, 200, 500]);
    expect(effects).toEqual([]);
  });
});

describe('a tab that is closed', () => {
  it('puts what was typed in it into the queue first, and hands it off when it cannot', () => {
    const [leading, denied] = [new Tab(), new Tab()];
    for (const tab of [leading, denied]) {
      tab.mirror('one');
      tab.step({ type: 'edit', operation: insertAt(3, '!') });
      expect(tab.step({ type: 'close' })).toEqual([]);
    }
    leading.step({ type: 'lockTaken' });
    const led = leading.step({ type: 'loaded', session: sessionOf('one'), firstCount: 1 });
    expect(led[0]).toMatchObject({ type: 'run', typed: [3, '!'] });
    expect(typesOf(led).at(-1)).toBe('end');
    expect(typesOf(leading.step({ type: 'ended' }))).toEqual([
      'release',
      'post leaderLeft',
      'closed',
    ]);

    expect(typesOf(denied.step({ type: 'lockDenied' }))).toEqual(['post requestLead', 'take']);
    expect(typesOf(denied.step({ type: 'lockDenied' }))[0]).toBe('post handOffEdits');
    expect(typesOf(denied.step({ type: 'ended' }))).toEqual(['release', 'closed']);
  });

  it('gives back a lock that it is given afterwards', () => {
    const tab = new Tab();
    tab.step({ type: 'start' });
    tab.step({ type: 'close' });
    expect(tab.step({ type: 'lockTaken' })).toEqual([{ type: 'release' }]);
    expect(tab.leadership.mayForce).toBe(false);
  });
});
