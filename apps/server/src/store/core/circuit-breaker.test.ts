import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

const limits = { failures: 3, silentTicks: 4, waitTicks: 2, waitTicksMax: 8 };
let breaker: CircuitBreaker;
beforeEach(() => {
  breaker = new CircuitBreaker(limits);
});

function fail(times: number): void {
  for (let failure = 0; failure < times; failure += 1) breaker.failed();
}
function tick(times: number, isPending = false): void {
  for (let passed = 0; passed < times; passed += 1) breaker.tick(isPending);
}

describe('opening', () => {
  it('it opens after failures in a row, and refuses calls from then on', () => {
    fail(limits.failures - 1);
    expect(breaker.admit()).toBe('call');
    expect(breaker.failed()).toBe(true);
    expect(breaker.state).toBe('open');
    expect(breaker.admit()).toBe('refused');
  });

  it('an answer between failures keeps it closed', () => {
    fail(limits.failures - 1);
    breaker.answered();
    fail(limits.failures - 1);
    expect(breaker.state).toBe('closed');
  });

  it('it opens when pending calls get no answer for some ticks', () => {
    tick(limits.silentTicks - 1, true);
    expect(breaker.state).toBe('closed');
    expect(breaker.tick(true)).toBe(true);
    expect(breaker.state).toBe('open');
  });

  it('an answer ends a silence, and a store that nothing is asked of is not silent', () => {
    tick(limits.silentTicks - 1, true);
    breaker.answered();
    tick(limits.silentTicks, true);
    expect(breaker.state).toBe('closed');
    breaker.answered();
    tick(10 * limits.silentTicks, false);
    expect(breaker.state).toBe('closed');
  });

  it('failures while it is open do not make the wait longer', () => {
    fail(limits.failures);
    const before = breaker.ticksLeft;
    fail(10);
    expect(breaker.ticksLeft).toBe(before);
  });
});

describe('probing', () => {
  beforeEach(() => {
    fail(limits.failures);
    tick(limits.waitTicks);
  });

  it('after the wait one call is let through as a probe, and no second one beside it', () => {
    expect(breaker.state).toBe('halfOpen');
    expect(breaker.admit()).toBe('probe');
    expect(breaker.admit()).toBe('refused');
  });

  it('an answered probe closes it', () => {
    breaker.admit();
    expect(breaker.answered()).toBe(true);
    expect([breaker.state, breaker.admit()]).toEqual(['closed', 'call']);
  });

  it('a failed probe opens it for twice as long, up to a limit, and an answer resets that', () => {
    for (const wait of [4, 8, 8]) {
      breaker.admit();
      breaker.failed();
      expect([breaker.state, breaker.ticksLeft]).toEqual(['open', wait]);
      tick(wait);
    }
    breaker.admit();
    breaker.answered();
    fail(limits.failures);
    expect(breaker.ticksLeft).toBe(limits.waitTicks);
  });

  it('a probe without an answer opens it again', () => {
    breaker.admit();
    tick(limits.silentTicks, true);
    expect(breaker.state).toBe('open');
  });

  it('it waits for a probe however long old calls stay without an answer', () => {
    tick(10 * limits.silentTicks, true);
    expect(breaker.admit()).toBe('probe');
  });

  it('the answer to a call from before it opened closes it as well', () => {
    expect(breaker.answered()).toBe(true);
    expect(breaker.state).toBe('closed');
  });
});

it('whatever happened before, it lets a call through within the longest wait and a silence', () => {
  const event = fc.constantFrom('admit', 'answered', 'failed', 'tick', 'silent');
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      breaker = new CircuitBreaker(limits);
      for (const each of events) {
        if (each === 'tick' || each === 'silent') breaker.tick(each === 'silent');
        else breaker[each]();
      }
      let isAdmitted = breaker.admit() !== 'refused';
      // A probe may be under way: it fails by its silence at the latest.
      for (let ticks = limits.silentTicks + limits.waitTicksMax; ticks > 0; ticks -= 1) {
        breaker.tick(true);
        isAdmitted ||= breaker.admit() !== 'refused';
      }
      return isAdmitted;
    }),
  );
});
