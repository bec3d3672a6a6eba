/**
 * Errors of what people may want and cannot have: a class for each folder that has them, a `code` for each case, and the
 * sentence that the person gets. Which status and problem that is by HTTP, `http/problem-of-domain-error.ts` says alone.
 */
export abstract class DomainError<Code extends string = string> extends Error {
  readonly code: Code;
  /** When it is worth trying again; null for something that does not change by itself. */
  readonly retryAfterSeconds: number | null;

  /** @param message for the person who gets it: what happened, what is safe, what to do */
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
