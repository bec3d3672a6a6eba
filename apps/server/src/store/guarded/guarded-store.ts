/** Puts the gate (store-gate.ts) in front of every method of a store, whichever implementation it is. */
import type { BreakerState } from '../core/circuit-breaker.ts';
import type { Store } from '../ports/store.ts';
import { StoreGate, TICK_MS, type CallKind, type StoreGateMetrics } from './store-gate.ts';

/** Leases and what nodes tell each other have deadlines of their own, and go on while requests are refused. */
type PassedOn = 'cluster' | 'shared';
type RepositoryName = Exclude<
  keyof Store,
  PassedOn | 'historyId' | 'room' | 'secret' | 'listen' | 'close'
>;
type MethodPath = {
  [Name in RepositoryName]: `${Name}.${Extract<keyof Store[Name], string>}`;
}[RepositoryName];

/** All others are requests. */
const kinds: Readonly<Partial<Record<string, CallKind>>> = {
  // The owner of a document decides what becomes of them, and acknowledges nothing meanwhile.
  'log.append': 'own',
  'checkpoints.write': 'own',
  'checkpoints.discardAfter': 'own',
  // One question each, asked every few seconds: what was revoked is noticed as soon as the store answers.
  'access.revisions': 'own',
  'authSessions.alive': 'own',
  'apiTokens.alive': 'own',
  // They read or write as much as there is.
  'accounts.remove': 'long',
  'documents.ids': 'long',
  'documents.remove': 'long',
  'library.list': 'long',
  'log.epochs': 'long',
  'log.isOnlyBy': 'long',
  'retention.newestRecordAt': 'long',
  'search.behind': 'long',
  'search.put': 'long',
} satisfies Partial<Record<MethodPath, CallKind>>;

export interface GuardedStoreOptions {
  readonly metrics: StoreGateMetrics & {
    opened(): void;
    observe(gauges: {
      readonly breakerState: () => BreakerState;
      readonly inFlight: () => number;
      readonly waiting: () => number;
    }): void;
  };
  readonly log: {
    error(about: object, what: string): void;
    info(about: object, what: string): void;
  };
}

/** The same store behind a gate, until it is closed. */
export function guardStore(store: Store, { metrics, log }: GuardedStoreOptions): Store {
  let isAnswering = true;
  const changed = (state: BreakerState): void => {
    if (state === 'open') metrics.opened();
    if (state === 'open' && isAnswering) {
      isAnswering = false;
      log.error({}, 'the store does not answer: requests are refused, and saving is paused, until it does'); // prettier-ignore
    } else if (state === 'closed') {
      isAnswering = true;
      log.info({}, 'the store answers again');
    }
  };
  const gate = new StoreGate({ metrics, changed });
  metrics.observe({
    breakerState: () => gate.state,
    inFlight: () => gate.inFlight,
    waiting: () => gate.waiting,
  });
  const ticks = setInterval(() => gate.tick(), TICK_MS);
  ticks.unref();
  const guarded = <Name extends RepositoryName>(name: Name): Store[Name] =>
    withMethods(store[name], (method, ask) =>
      gate.run(name, kinds[`${name}.${method}`] ?? 'request', ask),
    );
  return {
    // What is no repository has rules of its own: a node must be able to renew its lease.
    ...store,
    close: () => {
      clearInterval(ticks);
      gate.close();
      return store.close();
    },
    secret: (name) => gate.run('secret', 'request', () => store.secret(name)),
    usage: guarded('usage'),
    log: guarded('log'),
    checkpoints: guarded('checkpoints'),
    documents: guarded('documents'),
    people: guarded('people'),
    access: guarded('access'),
    documentInvitations: guarded('documentInvitations'),
    library: guarded('library'),
    search: guarded('search'),
    accounts: guarded('accounts'),
    authSessions: guarded('authSessions'),
    apiTokens: guarded('apiTokens'),
    invitations: guarded('invitations'),
    keptAnswers: guarded('keptAnswers'),
    signingKeys: guarded('signingKeys'),
    retention: guarded('retention'),
  };
}

type Methods = Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>;

/** An object with the methods of a repository, each called through `run`. */
function withMethods<Repository extends object>(
  repository: Repository,
  run: (method: string, ask: () => Promise<unknown>) => Promise<unknown>,
): Repository {
  const methods = repository as unknown as Methods;
  const wrapped = methodNames(repository).map((name) => [
    name,
    (...given: unknown[]) => run(name, () => methods[name]?.(...given) ?? notThere(name)),
  ]);
  return Object.fromEntries(wrapped) as Repository;
}

/** Its own, and those of its class. */
function methodNames(repository: object): readonly string[] {
  const names = new Set<string>();
  for (
    let at: object | null = repository;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  names.delete('constructor');
  return [...names];
}

function notThere(name: string): Promise<never> {
  return Promise.reject(new TypeError(`The store has no method ${name}.`));
}
