/** REST calls for sharing. All reject with an `ApiError`. */
import {
  acceptedInvitationSchema,
  accessPeopleSchema,
  accessPersonSchema,
  createdShareLinkSchema,
  documentInvitationSchema,
  documentSchema,
  openedShareLinkSchema,
  receivedInvitationsSchema,
  shareLinkSchema,
  shareLinksSchema,
  type AcceptedInvitation,
  type AccessPeople,
  type AccessPerson,
  type AddPerson,
  type AnyoneAccess,
  type ChangeShareLink,
  type CreatedShareLink,
  type CreateShareLink,
  type DocumentId,
  type DocumentInvitation,
  type DocumentResource,
  type OpenedShareLink,
  type ReceivedInvitation,
  type Role,
  type ShareLink,
} from '@concord/protocol';
import { request } from '../http/api.ts';

/** People with a role, and pending invitations. */
export function listPeople(id: DocumentId): Promise<AccessPeople> {
  return request(`/documents/${id}/people`, accessPeopleSchema);
}

/** Invites a person, who gets the role by accepting. The response does not disclose whether the person exists. */
export function invitePerson(id: DocumentId, person: AddPerson): Promise<DocumentInvitation> {
  return request(`/documents/${id}/people`, documentInvitationSchema, {
    method: 'POST',
    body: person,
  });
}

export async function withdrawInvitation(id: DocumentId, invitationId: string): Promise<void> {
  await request(`/documents/${id}/invitations/${invitationId}`, null, { method: 'DELETE' });
}

/** Invitations that the person has received; oldest first. */
export async function listReceivedInvitations(): Promise<readonly ReceivedInvitation[]> {
  return (await request('/me/invitations', receivedInvitationsSchema)).invitations;
}

export function acceptInvitation(invitationId: string): Promise<AcceptedInvitation> {
  return request(`/me/invitations/${invitationId}/accept`, acceptedInvitationSchema, {
    method: 'POST',
  });
}

export async function declineInvitation(invitationId: string): Promise<void> {
  await request(`/me/invitations/${invitationId}`, null, { method: 'DELETE' });
}

export function changePerson(id: DocumentId, userId: string, role: Role): Promise<AccessPerson> {
  return request(`/documents/${id}/people/${userId}`, accessPersonSchema, {
    method: 'PATCH',
    body: { role },
  });
}

/** Removes a person; with the own id, leaves the document. */
export async function removePerson(id: DocumentId, userId: string): Promise<void> {
  await request(`/documents/${id}/people/${userId}`, null, { method: 'DELETE' });
}

export async function listLinks(id: DocumentId): Promise<readonly ShareLink[]> {
  return (await request(`/documents/${id}/links`, shareLinksSchema)).shareLinks;
}

/** Creates a link. Its address is only in this response. */
export function createLink(id: DocumentId, link: CreateShareLink): Promise<CreatedShareLink> {
  return request(`/documents/${id}/links`, createdShareLinkSchema, { method: 'POST', body: link });
}

export function changeLink(
  id: DocumentId,
  linkId: string,
  change: ChangeShareLink,
): Promise<ShareLink> {
  return request(`/documents/${id}/links/${linkId}`, shareLinkSchema, {
    method: 'PATCH',
    body: change,
  });
}

export async function removeLink(id: DocumentId, linkId: string): Promise<void> {
  await request(`/documents/${id}/links/${linkId}`, null, { method: 'DELETE' });
}

export function setAnyone(id: DocumentId, anyone: AnyoneAccess): Promise<DocumentResource> {
  return request(`/documents/${id}`, documentSchema, { method: 'PATCH', body: { anyone } });
}

/** Rejects with the code `linkPassword` if the password is missing or wrong. */
export function openShareLink(token: string, password?: string): Promise<OpenedShareLink> {
  return request('/links/open', openedShareLinkSchema, {
    method: 'POST',
    body: { token, ...(password !== undefined && { password }) },
  });
}
