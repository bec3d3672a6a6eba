/**
 * Client ids of the REST API. They begin alike, so that the log says of each operation whether it came by the API:
 * a text that only its caller wrote, and only by the API, can be replaced without naming a version.
 *
 * The prefix proves nothing about a person: a client is a client id of one user, so that who forges it only
 * concerns their own operations.
 */
import type { ClientId } from '@concord/protocol';
import type { LoggedOperation } from '../../store/ports/store.ts';

/** The remaining 19 characters hold 95 bits; a random client id begins like this once in 2^35. */
export const API_CLIENT_PREFIX = 'restapi';

/** @param id 26 characters of lower-case base32 */
export function apiClientId(id: string): ClientId {
  return `${API_CLIENT_PREFIX}${id.slice(API_CLIENT_PREFIX.length)}` as ClientId;
}

/** Whether the operation is the person's own, and came by the API. */
export function isOwnByApi(
  { clientId, author }: Pick<LoggedOperation, 'clientId' | 'author'>,
  userId: string,
): boolean {
  return author === userId && clientId.startsWith(API_CLIENT_PREFIX);
}
