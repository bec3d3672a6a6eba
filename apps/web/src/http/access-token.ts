/** The page's single access token, with the browser's storage, locks and timers. */
import { ATTEMPT_HEADER, parseAnswer, randomId, signedInSchema } from '@concord/protocol';
import { AccessToken, type RefreshAnswer } from './refresh.ts';
import { storage } from '../device/storage.ts';

const TIMEOUT_MS = 20_000;

async function exchange(attempt: string): Promise<RefreshAnswer> {
  const response = await fetch('/api/v1/sessions/refresh', {
    method: 'POST',
    headers: { [ATTEMPT_HEADER]: attempt },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status === 401) return { kind: 'signedOut' };
  if (!response.ok) throw new Error(`The refresh was answered with ${response.status}`);
  const { accessToken, livesMs } = parseAnswer(signedInSchema, await response.json());
  return { kind: 'token', token: accessToken, livesMs };
}

export const accessToken = new AccessToken({
  exchange,
  memory: storage,
  exclusively: (run) => {
    // Undefined outside secure contexts, contrary to its type.
    const locks = navigator.locks as LockManager | undefined;
    return locks === undefined ? run() : locks.request('concord.refresh', run);
  },
  newAttempt: randomId,
  now: () => performance.now(),
  setTimer: (run, ms) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});
