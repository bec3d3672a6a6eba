/** The cookie of the refresh token: scripts cannot read it, other sites cannot send it. */
import { ProofCookie } from '../platform/cookies.ts';

/** Only where it is exchanged and ended. */
export const refreshCookie = new ProofCookie({
  name: 'concord_refresh',
  path: '/api/v1/sessions',
  sameSite: 'strict',
});
