/** REST calls for the own account, its tokens and sessions, and for administration. All reject with an `ApiError`. */
import {
  accountSchema,
  accountsSchema,
  apiTokensSchema,
  authSessionsSchema,
  createdApiTokenSchema,
  createdInvitationSchema,
  invitationsSchema,
  usageSchema,
  type Account,
  type ApiToken,
  type AuthSession,
  type CreatedApiToken,
  type CreatedInvitation,
  type Invitation,
  type TokenScope,
  type Usage,
} from '@concord/protocol';
import { request } from '../http/api.ts';

export async function changePassword(current: string, next: string): Promise<void> {
  const body = current === '' ? { next } : { current, next };
  await request('/me/password', null, { method: 'PUT', body });
}
export function getUsage(): Promise<Usage> {
  return request('/me/usage', usageSchema);
}
export async function deleteAccount(password: string): Promise<void> {
  const body = password === '' ? {} : { password };
  await request('/me', null, { method: 'DELETE', body });
}

export async function listSessions(): Promise<readonly AuthSession[]> {
  return (await request('/sessions', authSessionsSchema)).sessions;
}
export async function endSession(id: string): Promise<void> {
  await request(`/sessions/${id}`, null, { method: 'DELETE' });
}
export async function endOtherSessions(): Promise<void> {
  await request('/sessions', null, { method: 'DELETE' });
}

export async function listTokens(): Promise<readonly ApiToken[]> {
  return (await request('/tokens', apiTokensSchema)).tokens;
}
/** Rejects with the code `passwordNeeded` if the password was not entered recently. */
export function createToken(
  label: string,
  scopes: readonly TokenScope[],
  password?: string,
): Promise<CreatedApiToken> {
  const body = { label, scopes, ...(password !== undefined && { password }) };
  return request('/tokens', createdApiTokenSchema, { method: 'POST', body });
}
export async function deleteToken(id: string): Promise<void> {
  await request(`/tokens/${id}`, null, { method: 'DELETE' });
}

export async function listInvitations(): Promise<readonly Invitation[]> {
  return (await request('/invitations', invitationsSchema)).invitations;
}
export function createInvitation(label: string, isAdmin: boolean): Promise<CreatedInvitation> {
  const body = { isAdmin, ...(label.trim() !== '' && { label }) };
  return request('/invitations', createdInvitationSchema, { method: 'POST', body });
}
export async function deleteInvitation(id: string): Promise<void> {
  await request(`/invitations/${id}`, null, { method: 'DELETE' });
}

export function listAccounts(
  cursor: string | null,
): Promise<{ accounts: Account[]; nextCursor: string | null }> {
  return request(`/accounts${cursor === null ? '' : `?cursor=${encodeURIComponent(cursor)}`}`, accountsSchema); // prettier-ignore
}
export function changeAccount(
  userId: string,
  change: { isAdmin?: boolean; isDisabled?: boolean; password?: string },
): Promise<Account> {
  return request(`/accounts/${userId}`, accountSchema, { method: 'PATCH', body: change });
}
