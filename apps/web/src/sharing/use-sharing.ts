/** State of the share dialog and its changes, each of which reports its result. */
import {
  may,
  type AccessPerson,
  type AddPerson,
  type AnyoneAccess,
  type ChangeShareLink,
  type CreatedShareLink,
  type CreateShareLink,
  type DocumentId,
  type DocumentInvitation,
  type DocumentResource,
  type Role,
  type ShareLink,
} from '@concord/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { getDocument, getMe } from '../http/api.ts';
import {
  changeLink,
  changePerson,
  createLink,
  invitePerson,
  listLinks,
  listPeople,
  removeLink,
  removePerson,
  setAnyone,
  withdrawInvitation,
} from './sharing-api.ts';

export interface Sharing {
  readonly document: DocumentResource;
  /** Time of the request, in milliseconds since 1970. */
  readonly readAt: number;
  /** The reader's user id. */
  readonly selfId: string;
  /** Only for owners; empty for others. */
  readonly people: readonly AccessPerson[];
  readonly invited: readonly DocumentInvitation[];
  readonly links: readonly ShareLink[];
}

export type SharingState =
  | { readonly phase: 'loading' }
  | { readonly phase: 'failed' }
  | { readonly phase: 'loaded'; readonly sharing: Sharing };

/** All reject with an `ApiError`; the state is refetched after each, successful or not. */
export interface SharingChanges {
  readonly setAnyone: (anyone: AnyoneAccess) => Promise<void>;
  readonly invitePerson: (person: AddPerson) => Promise<DocumentInvitation>;
  readonly withdrawInvitation: (invitationId: string) => Promise<void>;
  readonly changePerson: (userId: string, role: Role) => Promise<void>;
  readonly removePerson: (userId: string) => Promise<void>;
  readonly createLink: (link: CreateShareLink) => Promise<CreatedShareLink>;
  readonly changeLink: (linkId: string, change: ChangeShareLink) => Promise<void>;
  readonly removeLink: (linkId: string) => Promise<void>;
}

async function readSharing(id: DocumentId): Promise<Sharing> {
  const [document, { userId: selfId }] = await Promise.all([getDocument(id), getMe()]);
  const [{ people, invited }, links] = may(document.role, 'share')
    ? await Promise.all([listPeople(id), listLinks(id)])
    : [{ people: [], invited: [] }, []];
  return { document, readAt: Date.now(), selfId, people, invited, links };
}

/** @param role in the live session; a change refetches everything */
export function useSharing(
  id: DocumentId,
  role: Role | null,
): { readonly state: SharingState; readonly changes: SharingChanges; readonly reload: () => void } {
  const client = useQueryClient();
  const queryKey = useMemo(() => ['sharing', id] as const, [id]);
  const { data: sharing, isError } = useQuery({ queryKey, queryFn: () => readSharing(id) });
  const load = useCallback(
    // Cancels a pending request, whose response may be outdated. The former state stays if this one fails.
    () => client.refetchQueries({ queryKey }),
    [client, queryKey],
  );
  const roleRead = useRef(role);
  useEffect(() => {
    if (roleRead.current === role) return;
    roleRead.current = role;
    void load();
  }, [load, role]);

  const changes = useMemo((): SharingChanges => {
    const change = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } finally {
        await load();
      }
    };
    return {
      setAnyone: async (anyone) => void (await change(setAnyone(id, anyone))),
      invitePerson: (person) => change(invitePerson(id, person)),
      withdrawInvitation: (invitationId) => change(withdrawInvitation(id, invitationId)),
      changePerson: async (userId, newRole) =>
        void (await change(changePerson(id, userId, newRole))),
      removePerson: (userId) => change(removePerson(id, userId)),
      createLink: (link) => change(createLink(id, link)),
      changeLink: async (linkId, what) => void (await change(changeLink(id, linkId, what))),
      removeLink: (linkId) => change(removeLink(id, linkId)),
    };
  }, [id, load]);

  return {
    state: stateOf(sharing, isError),
    changes,
    reload: () => void client.resetQueries({ queryKey }),
  };
}

function stateOf(sharing: Sharing | undefined, hasFailed: boolean): SharingState {
  if (sharing !== undefined) return { phase: 'loaded', sharing };
  return { phase: hasFailed ? 'failed' : 'loading' };
}
