/**
 * Base of domain errors (refused use cases): a class per folder, a `code` per case, and a message for the person. Only
 * `http/problem-of-domain-error.ts` maps codes to HTTP status and problem.
 */
export abstract class DomainError<Code extends string = string> extends Error {
  readonly code: Code;
  /** When a retry may succeed; null if it cannot without a change. */
  readonly retryAfterSeconds: number | null;

  /** @param message shown to the person: what happened, what is safe, what to do */
  constructor(
    code: Code,
    message: string,
    { retryAfterSeconds = null }: { readonly retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
