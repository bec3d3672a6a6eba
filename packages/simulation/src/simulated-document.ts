/** Carries out a DocumentOwner's effects, as `document-runner.ts` does, on store, timers and sessions. */
import type { Role, ServerMessage } from '@concord/protocol';
import type {
  DocumentAccess,
  DocumentEffect,
  DocumentInput,
  DocumentOwner,
  DocumentTimer,
  EditRejection,
} from '@concord/server';
import { must } from './invariant-error.ts';
import type { Scheduled, Scheduler } from './scheduler.ts';
import type { SimulatedStore } from './simulated-store.ts';
import type { SimulatedTitles } from './simulated-titles.ts';

/** Start of virtual time, in milliseconds since 1970. */
export const WORLD_BEGINS_AT = 1_700_000_000_000;

export interface DocumentSessions {
  send(session: number, message: ServerMessage): void;
  broadcast(message: ServerMessage, except: ReadonlySet<number>): void;
  joined(session: number): void;
  unjoined(session: number): void;
  dismissed(session: number): void;
  edited(ticket: number, outcome: { version: number } | { code: EditRejection }): void;
  unloaded(): void;
}

export class SimulatedDocument {
  readonly owner: DocumentOwner;
  readonly #scheduler: Scheduler;
  readonly #store: SimulatedStore;
  readonly #titles: SimulatedTitles;
  readonly #sessions: DocumentSessions;
  readonly #timers = new Map<DocumentTimer, Scheduled>();
  #isGone = false;
  /** The access list that the owner was told last, and must enforce at once. */
  #access: DocumentAccess;

  constructor(
    owner: DocumentOwner,
    access: DocumentAccess,
    scheduler: Scheduler,
    store: SimulatedStore,
    titles: SimulatedTitles,
    sessions: DocumentSessions,
  ) {
    this.owner = owner;
    this.#access = access;
    this.#scheduler = scheduler;
    this.#store = store;
    this.#titles = titles;
    this.#sessions = sessions;
    this.dispatch({ type: 'read' });
  }

  /** A person's role by the access list that the owner was told last; null for none. */
  roleOf(userId: string): Role | null {
    return this.#access.people.get(userId) ?? null;
  }

  dispatch(input: DocumentInput): void {
    if (input.type === 'accessChanged' && input.access.epoch >= this.#access.epoch) {
      this.#access = input.access;
    }
    const now = WORLD_BEGINS_AT + this.#scheduler.now;
    for (const effect of this.owner.step(input, now)) this.#run(effect);
  }

  /** The process is gone: cancels everything that is pending. */
  kill(): void {
    this.#isGone = true;
    for (const timer of this.#timers.values()) timer.cancelled = true;
  }

  #run(effect: DocumentEffect): void {
    switch (effect.type) {
      case 'append':
        return this.#store.append(effect.batch, (outcome) => {
          if (outcome === 'appended') this.dispatch({ type: 'appended' });
          else this.dispatch({ type: 'appendFailed', reason: outcome });
        });
      case 'flushSoon': {
        const flush = (): void => {
          if (!this.#isGone) this.dispatch({ type: 'flush' });
        };
        // In the same turn: after other arrivals of this millisecond, or in the next one.
        this.#scheduler.after(this.#scheduler.now % 2, flush);
        return;
      }
      case 'broadcast':
        return this.#sessions.broadcast(effect.message, effect.except);
      case 'send':
        return this.#sessions.send(effect.session, effect.message);
      case 'joined':
        return this.#sessions.joined(effect.session);
      case 'unjoined':
        return this.#sessions.unjoined(effect.session);
      case 'dismissed':
        return this.#sessions.dismissed(effect.session);
      case 'load': {
        const { session, clientId, epoch, untilVersion } = effect;
        return this.#store.load(effect, (loaded) => {
          if (loaded === null) this.dispatch({ type: 'loadFailed', session });
          else this.dispatch({ type: 'loaded', session, clientId, epoch, ...loaded, untilVersion });
        });
      }
      case 'recheck':
        return this.#store.readAccess((access) => {
          if (this.#isGone || access === null) return;
          if (access.epoch !== effect.epoch) this.dispatch({ type: 'accessChanged', access });
          const named = this.#titles.current;
          if (named.titleVersion === effect.titleVersion) return;
          this.dispatch({ type: 'renamed', ...named, renameId: null });
        });
      case 'divergence':
        return must(!effect.isProven, 'divergence', () => `${effect.clientId} has another text`);
      case 'joinedInVain':
        return;
      case 'edited':
        return this.#sessions.edited(effect.ticket, { version: effect.version });
      case 'editRejected':
        return this.#sessions.edited(effect.ticket, { code: effect.code });
      case 'checkpoint': {
        const { version, text, effectState } = effect;
        const state = effectState === undefined ? {} : { effectState: JSON.stringify(effectState) };
        const checkpoint = { version, text: text.toString(), ...state };
        return this.#store.writeCheckpoint(checkpoint, (succeeded) =>
          this.dispatch(
            succeeded ? { type: 'checkpointed', version } : { type: 'checkpointFailed' },
          ),
        );
      }
      case 'startTimer': {
        const { name, ms } = effect;
        const former = this.#timers.get(name);
        if (former !== undefined) former.cancelled = true;
        const fire = (): void => {
          if (!this.#isGone) this.dispatch({ type: 'timer', name });
        };
        this.#timers.set(name, this.#scheduler.after(ms, fire));
        return;
      }
      case 'unload':
        this.kill();
        return this.#sessions.unloaded();
      default:
        effect satisfies never;
    }
  }
}
