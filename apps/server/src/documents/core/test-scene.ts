/** An owner whose effects are looked at, for the tests of this directory. */
import { DocumentText, type TextOperation } from '@concord/ot';
import {
  defaultLimits,
  PROTOCOL_VERSION,
  type ClientId,
  type DocumentId,
  type JoinMessage,
  type ServerMessage,
} from '@concord/protocol';
import { privateAccess, type DocumentAccess } from '../../access/core/permissions.ts';
import type { LoggedOperation } from '../../store/ports/store.ts';
import type { DocumentEffect, DocumentInput } from './document-messages.ts';
import { DocumentOwner } from './document-owner.ts';

/** Whoever has the address may edit. */
export const everybodyEdits: DocumentAccess = { ...privateAccess('user-owner'), anyone: 'editor' };

export const documentId = 'd'.repeat(26) as DocumentId;
export const clientIdOf = (name: string): ClientId => name.padEnd(26, 'a') as ClientId;

/** An owner whose effects are looked at; a session's name is its client's and its user's. */
export class Scene {
  readonly owner: DocumentOwner;
  readonly effects: DocumentEffect[] = [];
  readonly #numbers = new Map<string, number>();
  #now = 1_000_000;
  #epoch = 0;

  constructor(
    text = 'text',
    limits = defaultLimits,
    tail: readonly LoggedOperation[] = [],
    access: DocumentAccess = everybodyEdits,
    version = 0,
  ) {
    this.owner = new DocumentOwner({
      documentId,
      historyId: 'history',
      title: 'Title',
      titleVersion: 0,
      limits,
      access,
      version,
      text: DocumentText.from(text),
      tail,
    });
  }

  get now(): number {
    return this.#now;
  }

  step(input: DocumentInput, passedMs = 1_000): readonly DocumentEffect[] {
    this.#now += passedMs;
    const effects = this.owner.step(input, this.#now);
    this.effects.push(...effects);
    return effects;
  }

  session(name: string): number {
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** Joins, with an answer from the store that nothing is known of the client. */
  join(
    name: string,
    change: Partial<JoinMessage> = {},
    userId = `user-${name}`,
    authorizedUntil = Infinity,
  ) {
    const effects = this.ask(name, change, userId, authorizedUntil);
    return effects.some(({ type }) => type === 'load') ? this.answer(name, effects) : effects;
  }

  /** Joins; what the store is asked for stays unanswered. */
  ask(
    name: string,
    change: Partial<JoinMessage>,
    userId = `user-${name}`,
    authorizedUntil = Infinity,
  ) {
    this.#epoch += 1;
    const message: JoinMessage = {
      docId: documentId,
      clientId: clientIdOf(name),
      epoch: this.#epoch,
      version: this.owner.version,
      nextSeq: 1,
      protocol: PROTOCOL_VERSION,
      ...change,
    };
    const who = { userId, name, atMost: null, authorizedUntil };
    return this.step({ type: 'join', session: this.session(name), ...who, message });
  }

  /** The store answers that nothing is known of the client. */
  answer(
    name: string,
    asked: readonly DocumentEffect[],
    entry?: LoggedOperation | null,
    checksum?: number | null,
  ) {
    const load = asked.find((effect) => effect.type === 'load');
    if (load === undefined) throw new Error('The store was not asked');
    const { clientId, epoch, untilVersion } = load;
    const found = { position: null, operations: [], isTooLong: false, entry, checksum };
    const session = this.session(name);
    return this.step({ type: 'loaded', session, clientId, epoch, untilVersion, ...found });
  }

  /** Submits; unless more of the same moment follows, the moment ends there. */
  submit(
    name: string,
    seq: number,
    op: TextOperation,
    baseVersion = this.owner.version,
    passedMs = 1_000,
  ) {
    const session = this.session(name);
    const message = { seq, baseVersion, op };
    const effects = this.step({ type: 'submit', session, message }, passedMs);
    if (!effects.some(({ type }) => type === 'flushSoon')) return effects;
    return this.step({ type: 'flush' }, 0);
  }

  /** Withdraws a number; the moment ends there. */
  withdraw(name: string, seq: number) {
    const session = this.session(name);
    const effects = this.step({ type: 'withdraw', session, message: { seq } });
    if (!effects.some(({ type }) => type === 'flushSoon')) return effects;
    return this.step({ type: 'flush' }, 0);
  }
}

export const messagesIn = (effects: readonly DocumentEffect[]): ServerMessage[] =>
  effects.flatMap((effect) =>
    effect.type === 'send' || effect.type === 'broadcast' ? [effect.message] : [],
  );
export const typesIn = (effects: readonly DocumentEffect[]): string[] =>
  effects.map(({ type }) => type);
export const bodyIn = (effects: readonly DocumentEffect[], type: ServerMessage['type']): unknown =>
  messagesIn(effects).find((message) => message.type === type)?.body;
