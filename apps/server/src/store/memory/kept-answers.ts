/** Kept answers of idempotent requests, in memory. */
import type { KeptAnswer, KeptAnswerRepository } from '../ports/account-store.ts';
import { StoreError } from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import type { MemoryState } from './memory-state.ts';

export function keptAnswers(state: MemoryState, { read, write }: Boundary): KeptAnswerRepository {
  const { requests } = state;
  return {
    get: read((key) => requests.get(key)?.answer ?? null),
    begin: write('keptAnswers.begin', (key, request, newerThan) => {
      const known = requests.get(key);
      if (known !== undefined && known.begun.at > newerThan) return known.begun;
      const begun = { requestHash: request.requestHash, at: request.at };
      requests.set(key, { begun, answer: null });
      return begun;
    }),
    put: write('keptAnswers.put', (key, answer) => keepAnswer(state, key, answer)),
    removeBefore: write(
      'keptAnswers.removeBefore',
      (at) => void requests.deleteWhere(({ begun }) => begun.at < at),
    ),
  };
}

/** Within a write. An answer of nothing in particular would be given to every request: it is refused. */
export function keepAnswer({ requests }: MemoryState, key: string, answer: KeptAnswer): void {
  const { requestHash, at } = answer;
  if (typeof requestHash !== 'string') {
    throw new StoreError('An answer is kept with the hash of its request.', false);
  }
  requests.set(key, { begun: { requestHash, at }, answer });
}
