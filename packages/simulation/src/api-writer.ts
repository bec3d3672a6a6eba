/**
 * A program that writes by the REST API: consecutive operations based on a text that it read some time ago. Half of the
 * edits carry an idempotency key, and are retried after a lost response: the process was killed, or the store failed.
 */
import type { TextOperation } from '@concord/ot';
import type { ClientId, DocumentId } from '@concord/protocol';
import type { LoggedOperation } from '@concord/server';
import type { Cores } from './cores.ts';
import type { EventLog } from './event-log.ts';
import { must } from './invariant-error.ts';
import type { Ledger, PersonLedger } from './ledger.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { drawClientId } from './replica-row.ts';
import type { SimulatedDocument } from './simulated-document.ts';
import type { SimulatedServer } from './simulated-server.ts';
import type { SimulatedStore } from './simulated-store.ts';

export const API_USER = 'api';

export interface ApiWriterOptions {
  readonly cores: Cores;
  readonly random: Random;
  readonly server: SimulatedServer;
  readonly store: SimulatedStore;
  readonly ledger: Ledger;
  readonly log: EventLog;
  readonly person: Person;
  readonly documentId: DocumentId;
}

/** An edit with an idempotency key, retried unchanged until it is answered. */
interface KeyedEdit {
  readonly clientId: ClientId;
  readonly baseVersion: number;
  readonly operations: readonly TextOperation[];
}

export class ApiWriter {
  readonly #options: ApiWriterOptions;
  readonly #keyedRandom: Random;
  /** The keyed edit in doubt: no response came, or the store was unavailable. */
  #unanswered: KeyedEdit | null = null;
  readonly #account: PersonLedger;
  readonly #clientIds = new WeakMap<SimulatedDocument, ClientId>();
  /** Sequence number of the last operation reported as committed, by client. */
  readonly #told = new Map<ClientId, number>();

  constructor(options: ApiWriterOptions) {
    this.#options = options;
    this.#keyedRandom = options.random.fork('keys');
    this.#account = options.ledger.person(API_USER, API_USER);
  }

  /** An older backup was restored: the program drops its edit in doubt. */
  forget(): void {
    this.#unanswered = null;
  }

  /** As in production, edits without a key share one client id while the document is in memory. */
  edit(): void {
    const { cores, random, server, ledger, log, person } = this.#options;
    if (this.#unanswered !== null && this.#keyedRandom.chance(0.7)) {
      return this.#send(this.#unanswered);
    }
    const { document } = server;
    if (document === null) return;
    const head = document.owner.version;
    const baseVersion = Math.max(0, head - random.skewed(0, 8));
    let text = cores.DocumentText.from(ledger.textAt(baseVersion) ?? '');
    const operations: TextOperation[] = [];
    for (let count = random.integer(1, 3); count > 0; count--) {
      person.reloaded();
      const operation = person.nextEdit(text);
      if (operation.length === 0) continue;
      ledger.edited(this.#account, text, operation);
      text = text.apply(operation);
      operations.push(operation);
    }
    if (operations.length === 0) return;
    if (this.#unanswered === null && this.#keyedRandom.chance(0.5)) {
      const edit = { clientId: drawClientId(this.#keyedRandom), baseVersion, operations };
      ledger.owns(this.#account, edit.clientId);
      this.#unanswered = edit;
      return this.#send(edit);
    }
    const clientId = this.#clientIds.get(document) ?? drawClientId(random);
    this.#clientIds.set(document, clientId);
    ledger.owns(this.#account, clientId);
    const { version, undurable } = document.owner;
    const count = operations.length;
    const input = { userId: API_USER, atMost: null, clientId, baseVersion, operations } as const;
    log.record(API_USER, 'edits', `${baseVersion} ${JSON.stringify(operations)}`);
    server.edit(input, (outcome) => {
      log.record(API_USER, 'answered', JSON.stringify(outcome));
      if ('version' in outcome) return this.#checkCommitted(clientId, count, outcome.version);
      // A synchronous refusal must have no effect.
      must(
        outcome.code === 'storeUnavailable' ||
          document.owner.version + document.owner.undurable === version + undurable,
        'I4',
        () => `an edit that was refused (${outcome.code}) was taken in`,
      );
    });
  }

  #send(edit: KeyedEdit): void {
    const { server, store, log } = this.#options;
    const { clientId, operations } = edit;
    log.record(API_USER, 'edits once', `${clientId} ${JSON.stringify(operations)}`);
    server.editOnce({ userId: API_USER, atMost: null, ...edit }, (outcome) => {
      log.record(API_USER, 'answered', JSON.stringify(outcome));
      if ('code' in outcome && outcome.code === 'storeUnavailable') return;
      if (this.#unanswered === edit) this.#unanswered = null;
      if (!('version' in outcome)) return;
      // The ledger checks for duplicates; here the edit must be complete and end at the reported version.
      const row = JSON.parse(store.row(outcome.version) ?? '{}') as Partial<LoggedOperation>;
      must(
        row.clientId === clientId && row.seq === operations.length,
        'I1',
        () => `version ${outcome.version} is not the end of the edit of ${clientId}`,
      );
    });
  }

  /** The operations of an edit must be contiguous, in order, and end at the reported version. */
  #checkCommitted(clientId: ClientId, count: number, version: number): void {
    let last: number | null = null;
    for (let at = version - count + 1; at <= version; at++) {
      const row = JSON.parse(this.#options.store.row(at) ?? '{}') as Partial<LoggedOperation>;
      const { seq = 0 } = row;
      const follows: boolean = last === null || seq === last + 1;
      must(
        row.clientId === clientId && row.author === API_USER && follows,
        'I1',
        () => `version ${at} is not of the edit whose ${count} operations end at ${version}`,
      );
      last = seq;
    }
    const next = JSON.parse(
      this.#options.store.row(version - count + 1) ?? '{}',
    ) as LoggedOperation;
    must(
      this.#told.get(clientId) === undefined || next.seq === (this.#told.get(clientId) ?? 0) + 1,
      'I4',
      () => `the edit that ends at ${version} does not follow the one before it`,
    );
    this.#told.set(clientId, last ?? 0);
  }
}
