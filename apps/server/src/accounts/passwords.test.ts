import { parseOptions, verify } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { DECOY_HASH, Passwords, type PasswordFunctions } from './passwords.ts';

/** Password functions that finish when the test tells them to. */
function scene() {
  const calls: string[] = [];
  const finishers: (() => void)[] = [];
  const slow = (what: string): Promise<void> => {
    calls.push(what);
    return new Promise((resolve) => finishers.push(resolve));
  };
  const functions: PasswordFunctions = {
    hash: async (password) => {
      await slow(`hash ${password}`);
      return `hash of ${password}`;
    },
    verify: async (passwordHash, password) => {
      await slow(`verify ${passwordHash}`);
      return passwordHash === `hash of ${password}` || passwordHash === DECOY_HASH;
    },
  };
  let work = 0;
  const passwords = new Passwords({ functions, onWork: () => (work += 1) });
  return { passwords, calls, finishers, work: () => work };
}

/** Runs all pending microtasks and immediates. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('passwords', () => {
  it('are hashed by argon2id with 19 MiB, two passes and one lane, and salted', async () => {
    const passwords = new Passwords();
    const [one, other] = await Promise.all([
      passwords.hash('correct horse'),
      passwords.hash('correct horse'),
    ]);
    expect(one).not.toBe(other);
    expect(parseOptions(one)).toMatchObject({
      algorithm: 2,
      memoryCost: 19_456,
      timeCost: 2,
      parallelism: 1,
    });
    await expect(passwords.verify(one, 'correct horse')).resolves.toBe(true);
    await expect(passwords.verify(one, 'Correct horse')).resolves.toBe(false);
  });

  it('match whether a letter is typed as one code point or as two', async () => {
    const passwords = new Passwords();
    const composed = await passwords.hash('caf\u00e9 au lait');
    await expect(passwords.verify(composed, 'cafe\u0301 au lait')).resolves.toBe(true);
  });

  it('of a login that does not exist are compared with a decoy of the same cost, and never match', async () => {
    const { passwords, calls, finishers, work } = scene();
    const answer = passwords.verify(null, 'anything');
    await settle();
    finishers[0]?.();
    await expect(answer).resolves.toBe(false);
    expect(calls).toEqual([`verify ${DECOY_HASH}`]);
    expect(work()).toBe(1);
    const real = await new Passwords().hash('anything');
    expect({ ...parseOptions(DECOY_HASH) }).toEqual({ ...parseOptions(real) });
    await expect(verify(DECOY_HASH, 'anything')).resolves.toBe(false);
  });

  it('are hashed two at a time, first come, first served', async () => {
    const { passwords, calls, finishers } = scene();
    const all = ['a', 'b', 'c', 'd'].map((password) => passwords.hash(password));
    await settle();
    expect(calls).toEqual(['hash a', 'hash b']);
    finishers[0]?.();
    await settle();
    expect(calls).toEqual(['hash a', 'hash b', 'hash c']);
    finishers[1]?.();
    await settle();
    finishers[2]?.();
    finishers[3]?.();
    await expect(Promise.all(all)).resolves.toEqual([
      'hash of a',
      'hash of b',
      'hash of c',
      'hash of d',
    ]);
  });

  it('beyond the queue limit are refused with a retry time, and those in the queue are served', async () => {
    const { passwords, finishers } = scene();
    const waiting = Array.from({ length: 66 }, (_, n) => passwords.hash(String(n)));
    await expect(passwords.hash('late')).rejects.toMatchObject({
      code: 'passwordsBusy',
      retryAfterSeconds: 2,
    });
    while (finishers.length > 0) {
      finishers.shift()?.();
      await settle();
    }
    await expect(Promise.all(waiting)).resolves.toHaveLength(66);
    const again = passwords.hash('again');
    await settle();
    finishers[0]?.();
    await expect(again).resolves.toBe('hash of again');
  });

  it('whose hashing fails release their slot to the next in the queue', async () => {
    let fail = true;
    const passwords = new Passwords({
      functions: {
        hash: async (password) => {
          if (fail) throw new Error('out of memory');
          return password;
        },
        verify: async () => true,
      },
    });
    for (let n = 0; n < 5; n += 1) {
      await expect(passwords.hash('x')).rejects.toThrow('out of memory');
    }
    fail = false;
    await expect(passwords.hash('x')).resolves.toBe('x');
  });
});
