import { describe, expect, it } from 'vitest';
import { AccessToken, ATTEMPT, SESSION_FLAG, type RefreshAnswer } from './refresh.ts';

/** A browser whose tabs share storage, and a server whose responses the test controls. */
class Browser {
  readonly kept = new Map<string, string>();
  readonly attempts: string[] = [];
  readonly timers: { run: () => void; ms: number }[] = [];
  now = 1_000_000;
  answer: () => Promise<RefreshAnswer> = () => this.gives('first');
  #attempts = 0;
  #turn: Promise<unknown> = Promise.resolve();

  gives(token: string): Promise<RefreshAnswer> {
    return Promise.resolve({ kind: 'token', token, livesMs: 900_000 });
  }

  tab(): AccessToken {
    return new AccessToken({
      exchange: (attempt) => {
        this.attempts.push(attempt);
        return this.answer();
      },
      memory: {
        get: (key) => this.kept.get(key) ?? null,
        set: (key, value) => void this.kept.set(key, value),
        remove: (key) => void this.kept.delete(key),
      },
      exclusively: (run) => {
        const turn = this.#turn.then(run, run);
        this.#turn = turn;
        return turn;
      },
      newAttempt: () => `attempt ${++this.#attempts}`,
      now: () => this.now,
      setTimer: (run, ms) => {
        const timer = { run, ms };
        this.timers.push(timer);
        return () => void this.timers.splice(this.timers.indexOf(timer), 1);
      },
    });
  }
}

const signedInBrowser = (): Browser => {
  const browser = new Browser();
  browser.kept.set(SESSION_FLAG, '1');
  return browser;
};

describe('the access token of a page', () => {
  it('is not requested for guests', async () => {
    const browser = new Browser();
    expect(await browser.tab().token()).toBeNull();
    expect(browser.attempts).toEqual([]);
  });

  it('is requested once for concurrent callers', async () => {
    const browser = signedInBrowser();
    const tab = browser.tab();
    expect(await Promise.all([tab.token(), tab.token(), tab.token()])).toEqual(
      Array(3).fill('first'),
    );
    expect(await tab.token()).toBe('first');
    expect(browser.attempts).toEqual(['attempt 1']);
    expect(browser.kept.has(ATTEMPT)).toBe(false);
  });

  it('is renewed a minute before it expires, and passed to listeners', async () => {
    const browser = signedInBrowser();
    const tab = browser.tab();
    const told: (string | null)[] = [];
    tab.subscribe((token) => told.push(token));
    await tab.token();
    expect(browser.timers.map(({ ms }) => ms)).toEqual([840_000]);
    browser.now += 840_000;
    browser.answer = () => browser.gives('second');
    browser.timers[0]?.run();
    expect(await tab.token()).toBe('first');
    await tab.refresh();
    expect(await tab.token()).toBe('second');
    expect(told).toEqual(['first', 'second']);
  });

  it('reuses the attempt id after a lost response, also in another tab, and the session stays', async () => {
    const browser = signedInBrowser();
    browser.answer = () => Promise.reject(new Error('no network'));
    await expect(browser.tab().token()).rejects.toThrow('no network');
    const other = browser.tab();
    expect(other.mayBeSignedIn).toBe(true);
    browser.answer = () => browser.gives('second');
    expect(await other.token()).toBe('second');
    expect(browser.attempts).toEqual(['attempt 1', 'attempt 1']);
    await other.refresh();
    expect(browser.attempts[2]).toBe('attempt 2');
  });

  it('is requested by one tab at a time', async () => {
    const browser = signedInBrowser();
    const [one, two] = [browser.tab(), browser.tab()];
    await Promise.all([one.token(), two.token()]);
    expect(browser.attempts).toEqual(['attempt 1', 'attempt 2']);
  });

  it('is dropped when the server ends the session, and not requested again', async () => {
    const browser = signedInBrowser();
    const tab = browser.tab();
    await tab.token();
    const told: (string | null)[] = [];
    tab.subscribe((token) => told.push(token));
    browser.answer = () => Promise.resolve({ kind: 'signedOut' });
    expect(await tab.refresh()).toBeNull();
    expect(await tab.token()).toBeNull();
    expect(told).toEqual([null]);
    expect(browser.timers).toEqual([]);
    expect(browser.attempts).toHaveLength(2);
  });

  it('is requested again when the server refuses it as expired, although it is valid by the local clock', async () => {
    const browser = signedInBrowser();
    const tab = browser.tab();
    await tab.token();
    browser.answer = () => browser.gives('second');
    // The device was suspended: its monotonic clock stood still.
    browser.now += 60_000;
    tab.expired();
    expect(await tab.token()).toBe('second');
    // A server that refuses a token it has just issued is not asked in a loop.
    tab.expired();
    expect(await tab.token()).toBe('second');
    expect(browser.attempts).toHaveLength(2);
  });

  it('with a short lifetime is renewed in its last quarter', async () => {
    const browser = signedInBrowser();
    browser.answer = () => Promise.resolve({ kind: 'token', token: 'short', livesMs: 60_000 });
    await browser.tab().token();
    expect(browser.timers.map(({ ms }) => ms)).toEqual([45_000]);
  });

  it('comes with signing in', async () => {
    const browser = new Browser();
    const tab = browser.tab();
    tab.signedIn('given', 900_000);
    expect(await tab.token()).toBe('given');
    expect(browser.attempts).toEqual([]);
    expect(browser.tab().mayBeSignedIn).toBe(true);
    tab.signedOut();
    expect(await tab.token()).toBeNull();
  });
});
