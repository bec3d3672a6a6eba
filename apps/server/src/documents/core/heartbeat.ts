/** Tells the sessions the head now and then, so that a lost frame is noticed (I9). */
import { HEARTBEAT_MS } from '@concord/protocol';
import type { CommitLog } from './commit-log.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Grants } from './grants.ts';
import type { Sessions } from './sessions.ts';

/** Heartbeats of a document at rest back off exponentially up to this. */
const HEARTBEAT_MAX_MS = 60_000;

export class Heartbeat {
  readonly #sessions: Sessions;
  readonly #log: CommitLog;
  readonly #grants: Grants;
  readonly #effects: EffectSink;
  #ms = HEARTBEAT_MS;
  #isBeating = false;
  /** Operations were broadcast since the last beat. */
  #isBusy = false;

  constructor(sessions: Sessions, log: CommitLog, grants: Grants, effects: EffectSink) {
    this.#sessions = sessions;
    this.#log = log;
    this.#grants = grants;
    this.#effects = effects;
  }

  start(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#effects.startTimer('heartbeat', this.#ms);
  }

  /** Operations are broadcast: the next beats come at the shortest interval again. */
  operationsBroadcast(): void {
    this.#isBusy = true;
  }

  beat(): void {
    this.#isBeating = this.#sessions.size > 0;
    if (!this.#isBeating) return;
    this.#ms = this.#isBusy ? HEARTBEAT_MS : Math.min(2 * this.#ms, HEARTBEAT_MAX_MS);
    this.#effects.broadcast({ type: 'head', body: { version: this.#log.head } });
    this.#grants.repeatRoles();
    this.#isBusy = false;
    this.#effects.startTimer('heartbeat', this.#ms);
  }
}
