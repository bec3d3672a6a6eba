/** The client of a connection, and the credential that proved its identity. */
import type { DocumentId } from '@concord/protocol';
import type { Principal } from '../access/principal.ts';

export interface Visitor {
  readonly userId: string;
  readonly documentId: DocumentId;
  readonly principal: Principal;
}

/** Id of the auth session or API token, whose end ends the connection; null for guests. */
export function proofOf(principal: Principal): string | null {
  if (principal.kind === 'account') return principal.authSessionId;
  return principal.kind === 'apiToken' ? principal.tokenId : null;
}

/** Expiry of the credential; milliseconds since 1970. A guest's does not expire. */
export function expiryOf(principal: Principal): number {
  return principal.kind === 'account' || principal.kind === 'apiToken'
    ? principal.expiresAt
    : Infinity;
}
