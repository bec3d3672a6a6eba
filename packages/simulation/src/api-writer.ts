/** A program that writes by the REST API: consecutive operations for a text it read some time ago. */
import type { TextOperation } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import type { Cores } from './cores.ts';
import type { EventLog } from './event-log.ts';
import { must } from './invariant-error.ts';
import type { Ledger, PersonLedger } from './ledger.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { drawClientId } from './replica-row.ts';
import type { EditOutcome, SimulatedServer } from './simulated-server.ts';
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

export class ApiWriter {
  readonly #options: ApiWriterOptions;
  readonly #account: PersonLedger;

  constructor(options: ApiWriterOptions) {
    this.#options = options;
    this.#account = options.ledger.person(API_USER, API_USER);
  }

  /** Each edit is of a client of its own: a process that died takes its numbers along. */
  edit(): void {
    const { cores, random, server, ledger, log, person } = this.#options;
    const head = server.document?.owner.version;
    if (head === undefined) return;
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
    const clientId = drawClientId(random);
    ledger.owns(this.#account, clientId);
    const input = { userId: API_USER, atMost: null, clientId, baseVersion, operations } as const;
    log.record(API_USER, 'edits', `${baseVersion} ${JSON.stringify(operations)}`);
    server.edit(input, (outcome) => this.#answered(clientId, operations.length, outcome));
  }

  #answered(clientId: string, count: number, outcome: EditOutcome): void {
    const { ledger, store, log } = this.#options;
    log.record(API_USER, 'answered', JSON.stringify(outcome));
    if ('version' in outcome) {
      for (let place = 0; place < count; place++) {
        const version = outcome.version - count + 1 + place;
        const row = JSON.parse(store.row(version) ?? '{}') as { clientId?: string; seq?: number };
        must(
          row.clientId === clientId && row.seq === place + 1,
          'I1',
          () => `version ${version} is not operation ${place + 1} of the edit`,
        );
      }
    } else if (outcome.code !== 'storeUnavailable') {
      must(
        ledger.lastSeqOf(clientId, API_USER) === 0,
        'I4',
        () => `an edit that was refused (${outcome.code}) is in the log`,
      );
    }
  }
}
