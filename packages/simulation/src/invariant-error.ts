/** An invariant of ARCHITECTURE.md#invariants is violated. */
export class InvariantError extends Error {
  /** I1 to I9, or a principle of ARCHITECTURE.md#principles by its name. */
  readonly code: string;
  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}

/** Throws unless the condition holds; the detail is computed lazily. */
export function must(holds: boolean, code: string, detail: () => string): void {
  if (!holds) throw new InvariantError(code, detail());
}
