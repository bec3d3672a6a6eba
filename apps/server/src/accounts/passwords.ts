/**
 * Password hashes: argon2id as OWASP's password storage cheat sheet asks (19 MiB, two passes, one lane). A
 * semaphore with a bounded queue: each hash takes memory and tens of milliseconds of a core that documents need
 * too (docs/security.md#passwords).
 */
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { AccountError } from './account-error.ts';

/** The package's `Algorithm.Argon2id`, a `const enum` without a value at run time. */
const ARGON2ID = 2;
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const MAX_CONCURRENT = 2;
/** About two seconds of work; who comes later hears that the server is busy. */
const WAITING_MAX = 64;
const RETRY_AFTER_SECONDS = 2;

/**
 * Hash of 32 random bytes that were discarded. Verified when a login has no hash, so that the time taken does not
 * reveal whether the login exists.
 */
export const DECOY_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Wk8uKQkSm2pGFAySVLYkZg$5bpiKDysPtSMiVM0MVy24BQmP9O0w8IR6vux7ZuSizQ';

/** The slow functions, replaceable so that tests can count the calls. */
export interface PasswordFunctions {
  hash(password: string): Promise<string>;
  verify(passwordHash: string, password: string): Promise<boolean>;
}

const argon2id: PasswordFunctions = {
  hash: (password) => hash(password, PARAMETERS),
  verify: (passwordHash, password) => verify(passwordHash, password),
};

export interface PasswordsOptions {
  readonly functions?: PasswordFunctions;
  /** Called after each hash or verification, successful or not. */
  readonly onWork?: () => void;
}

export class Passwords {
  readonly #functions: PasswordFunctions;
  readonly #onWork: () => void;
  readonly #limit = pLimit(MAX_CONCURRENT);

  constructor({ functions = argon2id, onWork = () => {} }: PasswordsOptions = {}) {
    this.#functions = functions;
    this.#onWork = onWork;
  }

  /** In PHC format. Rejects with an {@link AccountError} `passwordsBusy`. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => this.#functions.hash(normalized(password)));
  }

  /**
   * Rejects with an {@link AccountError} `passwordsBusy`.
   * @param passwordHash null when the login has none: resolves to false after the same work
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    const isRight = await this.#inTurn(() =>
      this.#functions.verify(passwordHash ?? DECOY_HASH, normalized(password)),
    );
    return isRight && passwordHash !== null;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limit.pendingCount >= WAITING_MAX) throw busy();
    return this.#limit(() => {
      this.#onWork();
      return work();
    });
  }
}

/** Keyboards type the same letter as one code point or as two (NIST SP 800-63B 5.1.1.2). */
function normalized(password: string): string {
  return password.normalize('NFKC');
}

function busy(): AccountError {
  const detail = 'Too many people are signing in now. Nothing was changed; try again in a moment.';
  return new AccountError('passwordsBusy', detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
