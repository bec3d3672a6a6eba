/** Opening a share link: its token is looked up, its password checked, and its role given. */
import { documentPath } from '@concord/protocol';
import { tokenHash } from '../accounts/secrets.ts';
import { Problem } from '../http/problem.ts';
import type { ShareLinkRecord } from '../store/ports/access-store.ts';
import type { ApiContext } from './context.ts';

type OpeningContext = Pick<ApiContext, 'store' | 'events' | 'services'>;

/** As the body of the answer. */
export interface OpenedLink {
  readonly documentId: ShareLinkRecord['documentId'];
  readonly role: ShareLinkRecord['role'];
  readonly url: string;
}

/**
 * Rejects with a {@link Problem} 404 `noSuchLink`, 403 `linkPassword` (only who has the token is asked for it),
 * 409 `linkFull`, 429 `tooManyAttempts` or 503 `busy`.
 * @param address of the request
 */
export async function openShareLink(
  context: OpeningContext,
  address: string,
  userId: string,
  { token, password }: { readonly token: string; readonly password?: string | undefined },
): Promise<OpenedLink> {
  const { store, events } = context;
  const link = await store.access.linkOfToken(tokenHash(token));
  if (link === null || isExpired(link)) throw noSuchLink();
  const { documentId, role } = link;
  const [record, access] = await Promise.all([
    store.documents.get(documentId),
    store.access.getFor(documentId, userId),
  ]);
  // What lies in the trash is there for its owners alone.
  if (record === null || access === null || access.isTrashed) throw noSuchLink();
  if (link.passwordHash !== null) await checkPassword(context, link, address, password);
  if (access.opened.get(userId)?.includes(link.id) !== true) {
    context.services.attempts.begin('linkOpening', { subject: link.id, address });
    if (!(await store.access.openLink(link.id, userId))) throw linkFull();
    await events.publish({ type: 'accessChanged', documentId });
  }
  return { documentId, role, url: documentPath(documentId, record.title) };
}

function isExpired({ expiresAt }: ShareLinkRecord): boolean {
  return expiresAt !== null && expiresAt <= Date.now();
}

async function checkPassword(
  { services: { attempts, passwords } }: OpeningContext,
  { id, passwordHash }: ShareLinkRecord,
  address: string,
  password: string | undefined,
): Promise<void> {
  if (password === undefined) throw wrongPassword('This link asks for a password.');
  const attempt = attempts.begin('linkPassword', { subject: id, address });
  const isRight = await passwords.verify(passwordHash, password).catch((error: unknown) => {
    attempt.undone();
    throw error;
  });
  if (!isRight) throw wrongPassword('The password of the link is not right.');
  attempt.succeeded();
}

function linkFull(): Problem {
  const detail =
    'Too many people have opened links to this document, so that no more are let in by them. Ask its owner to let in ' +
    'anyone who has the address, or to give you a role of your own.';
  return new Problem(409, 'linkFull', 'Link full', detail);
}

function wrongPassword(detail: string): Problem {
  return new Problem(403, 'linkPassword', 'Password needed', detail);
}

function noSuchLink(): Problem {
  const detail = 'This link does not work (any more): ask the person who sent it for another.';
  return new Problem(404, 'noSuchLink', 'Not found', detail);
}
