import { beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../ports/store-unavailable.ts';
import {
  CorruptionError,
  DuplicateBatchError,
  DuplicateRecordError,
  StoreAnsweredError,
  StoreError,
  StoreFullError,
} from '../ports/store.ts';
import { CALLS_MAX, DEADLINE_TICKS, StoreGate, WAITING_MAX, type CallKind } from './store-gate.ts';

/** Enough for the breaker to open by silence, and to wait for a probe after it did. */
const SILENCE = 8;
const FIRST_WAIT = 2;
const FAILURES = 5;

let gate: StoreGate;
let refused: string[];
let failed: number;
let states: string[];
beforeEach(() => {
  refused = [];
  states = [];
  failed = 0;
  gate = new StoreGate({
    metrics: {
      answered: () => {},
      failed: () => void (failed += 1),
      refused: (reason) => void refused.push(reason),
    },
    changed: (state) => void states.push(state),
  });
});

interface Asked {
  readonly answer: (value: string) => void;
  readonly fail: (error: Error) => void;
  /** What its caller got. */
  readonly outcome: Promise<string>;
  /** Whether the store was asked. */
  readonly isBegun: () => boolean;
}

function ask(kind: CallKind = 'request'): Asked {
  let answer!: (value: string) => void;
  let fail!: (error: Error) => void;
  let isBegun = false;
  const stored = new Promise<string>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  const asked = (): Promise<string> => {
    isBegun = true;
    return stored;
  };
  const outcome = gate
    .run('log', kind, asked)
    .catch((error: unknown) =>
      error instanceof StoreUnavailableError ? error.reason : (error as Error).message,
    );
  return { answer, fail, outcome, isBegun: () => isBegun };
}

const down = (): StoreError => new StoreError('down', false);
function tick(times: number): void {
  for (let passed = 0; passed < times; passed += 1) gate.tick();
}
/** Until promises that are settled have told those who wait for them. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function fail(times: number, error = down()): Promise<void> {
  for (let failure = 0; failure < times; failure += 1) {
    const asked = ask();
    asked.fail(error);
    await asked.outcome;
  }
}

describe('a store that fails', () => {
  it('is not asked any more after failures in a row, and requests are told when to come again', async () => {
    await fail(FAILURES);
    expect(gate.state).toBe('open');
    const error = await gate
      .run('log', 'request', () => Promise.resolve())
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ reason: 'open', fatal: false });
    expect((error as StoreUnavailableError).retryAfterMs).toBeGreaterThan(0);
    expect([failed, refused, states]).toEqual([FAILURES, ['open'], ['open']]);
  });

  it.each([
    ['a conflict of appends', new DuplicateBatchError('taken')],
    ['a taken name', new DuplicateRecordError()],
    ['a full disk', new StoreFullError()],
    ['damage', new CorruptionError('damaged')],
    ['a refusal by the database', new StoreAnsweredError('refused')],
    ['a bug of the caller', new TypeError('bug')],
  ])('%s is an answer, which never opens the breaker', async (_what, error) => {
    await fail(2 * FAILURES, error as StoreError);
    expect([gate.state, failed]).toEqual(['closed', 0]);
  });

  it('is asked again by one probe, and by all once that was answered', async () => {
    await fail(FAILURES);
    tick(FIRST_WAIT);
    const [probe, beside] = [ask(), ask()];
    expect([probe.isBegun(), beside.isBegun()]).toEqual([true, false]);
    probe.answer('here');
    expect(await probe.outcome).toBe('here');
    await settled();
    expect(gate.state).toBe('closed');
    expect(ask().isBegun()).toBe(true);
  });
});

describe('a store that hangs', () => {
  it('opens the breaker before the deadline of the calls that wait for it', () => {
    const asked = ask();
    tick(SILENCE + 1);
    expect(gate.state).toBe('open');
    expect(SILENCE + 1).toBeLessThan(DEADLINE_TICKS);
    expect(asked.isBegun()).toBe(true);
  });

  it('a request is given up at its deadline, and its late answer closes the breaker', async () => {
    const asked = ask();
    tick(DEADLINE_TICKS);
    expect(await asked.outcome).toBe('late');
    expect(gate.state).not.toBe('closed');
    asked.answer('late, but here');
    await settled();
    expect(gate.state).toBe('closed');
  });

  it('a call that was given up fails once, however it ends', async () => {
    const asked = ask();
    tick(DEADLINE_TICKS);
    asked.fail(down());
    await settled();
    expect(failed).toBe(1);
  });

  it('a call that may take its time is waited for, and is no sign of silence', async () => {
    const asked = ask('long');
    tick(4 * DEADLINE_TICKS);
    expect(gate.state).toBe('closed');
    asked.answer('all of it');
    expect(await asked.outcome).toBe('all of it');
  });

  it('a probe does not wait behind the calls that hang', async () => {
    for (let call = 0; call < CALLS_MAX; call += 1) ask();
    tick(SILENCE + 1 + FIRST_WAIT);
    const probe = ask();
    expect(probe.isBegun()).toBe(true);
    probe.answer('here');
    await settled();
    expect(gate.state).toBe('closed');
  });
});

describe('too many calls', () => {
  it('so many are in flight, others wait in order, and more than that are refused', async () => {
    const inFlight = Array.from({ length: CALLS_MAX }, () => ask());
    const waiting = Array.from({ length: WAITING_MAX }, () => ask());
    expect(inFlight.every((call) => call.isBegun())).toBe(true);
    expect(waiting.some((call) => call.isBegun())).toBe(false);
    expect(await ask().outcome).toBe('busy');
    expect([gate.inFlight, gate.waiting, refused]).toEqual([CALLS_MAX, WAITING_MAX, ['busy']]);
    inFlight[3]?.answer('done');
    await settled();
    expect(waiting.map((call) => call.isBegun()).indexOf(false)).toBe(1);
  });

  it('a call that waited until its deadline is refused, and never asked', async () => {
    const inFlight = Array.from({ length: CALLS_MAX }, () => ask('long'));
    const waiting = ask();
    for (let passed = 0; passed < DEADLINE_TICKS; passed += 1) {
      // Answers of others: the store is busy, not silent.
      gate.tick();
      void gate.run('log', 'own', () => Promise.resolve('own'));
      await settled();
    }
    expect(await waiting.outcome).toBe('busy');
    for (const call of inFlight) call.answer('done');
    await settled();
    expect([waiting.isBegun(), gate.inFlight, gate.waiting]).toEqual([false, 0, 0]);
  });

  it('what waits is refused at once when the breaker opens', async () => {
    for (let call = 0; call < CALLS_MAX; call += 1) ask();
    const waiting = ask();
    tick(SILENCE + 1);
    expect(await waiting.outcome).toBe('open');
  });

  it('a call that was given up keeps its place until the store has settled it', async () => {
    const inFlight = Array.from({ length: CALLS_MAX }, () => ask());
    tick(DEADLINE_TICKS);
    await inFlight[0]?.outcome;
    // An answer of the server's own call closes the breaker: requests are accepted again, and wait.
    await gate.run('log', 'own', () => Promise.resolve('own'));
    await settled();
    const next = ask();
    expect([gate.state, next.isBegun()]).toEqual(['closed', false]);
    inFlight[0]?.fail(down());
    await settled();
    expect(next.isBegun()).toBe(true);
  });
});

describe('the server’s own calls', () => {
  it('pass an open breaker, and one that succeeds closes it', async () => {
    await fail(FAILURES);
    const own = ask('own');
    expect(own.isBegun()).toBe(true);
    own.answer('appended');
    expect(await own.outcome).toBe('appended');
    await settled();
    expect([gate.state, states]).toEqual(['closed', ['open', 'closed']]);
  });

  it('have no deadline of the gate: the store has its own', async () => {
    const own = ask('own');
    tick(3 * DEADLINE_TICKS);
    own.fail(down());
    expect(await own.outcome).toBe('down');
  });

  it('count as failures and as silence, so that a typing crowd notices a dead store', async () => {
    const appends = Array.from({ length: FAILURES }, () => ask('own'));
    for (const append of appends) append.fail(down());
    await settled();
    expect(gate.state).toBe('open');
  });

  it('get the very promise of the store, so that an append waits for nothing more', () => {
    const stored = Promise.resolve('appended');
    expect(gate.run('log', 'own', () => stored)).toBe(stored);
  });
});
