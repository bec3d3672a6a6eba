/** Use cases of share links: addresses that give a role to who opens them (docs/security.md#ids-and-links). */
import { randomId, type DocumentId, type LinkRole } from '@concord/protocol';
import type { Identified, Principal } from '../access/principal.ts';
import { userIdOf } from '../access/principal.ts';
import type { Passwords } from '../accounts/passwords.ts';
import { tokenHash } from '../accounts/secrets.ts';
import { requireDocument, requireScopeFor } from '../documents/document-access.ts';
import type { Attempts } from '../platform/attempts.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import type { ListedShareLink, ShareLinkRecord } from '../store/ports/access-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { WriteThrough } from '../store/ports/write-through.ts';
import { SharingError } from './sharing-error.ts';

/** All of them are read for every request that asks who may do what. */
const LINKS_MAX = 100;

export interface ShareLinksOptions {
  readonly store: Store;
  readonly events: Pick<DomainEvents, 'publish'>;
  readonly attempts: Attempts;
  readonly passwords: Passwords;
}

export interface WantedLink {
  readonly role: LinkRole;
  readonly label: string;
  readonly password: string | null;
  readonly expiresAt: number | null;
}

export interface AddedLink {
  readonly link: ListedShareLink;
  /** Told once: the store keeps its hash. */
  readonly token: string;
}

/** What is left out stays as it is. */
export interface LinkChange {
  readonly role?: LinkRole | undefined;
  readonly label?: string | undefined;
  /** Null takes it away. */
  readonly password?: string | null | undefined;
  readonly expiresAt?: number | null | undefined;
}

export interface OpenedLink {
  readonly documentId: DocumentId;
  readonly title: string;
  readonly role: LinkRole;
}

export class ShareLinks {
  readonly #options: ShareLinksOptions;

  constructor(options: ShareLinksOptions) {
    this.#options = options;
  }

  /** Oldest first. Rejects as {@link requireDocument}. */
  async list(actor: Principal, documentId: DocumentId): Promise<readonly ListedShareLink[]> {
    const { store } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    return store.access.links(documentId);
  }

  /** Rejects as {@link requireDocument}, with {@link SharingError} `tooManyLinks`, or AccountError `passwordsBusy`. */
  async add(
    actor: Principal,
    documentId: DocumentId,
    { role, label, password, expiresAt }: WantedLink,
    through: WriteThrough<AddedLink>,
  ): Promise<AddedLink> {
    const { store, events, passwords } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    if ((await store.access.links(documentId)).length >= LINKS_MAX) {
      const detail = `A document has at most ${LINKS_MAX} links: take one back that is not used.`;
      throw new SharingError('tooManyLinks', detail);
    }
    const token = randomId();
    const record: ShareLinkRecord = {
      id: randomId(),
      documentId,
      role,
      label,
      tokenHash: tokenHash(token),
      passwordHash: password === null ? null : await passwords.hash(password),
      createdBy: userIdOf(actor) ?? '',
      createdAt: Date.now(),
      expiresAt,
    };
    const added = { link: { ...record, people: 0 }, token };
    await store.access.addLink(record, through(added));
    await events.publish({ type: 'accessChanged', documentId });
    return added;
  }

  /** A new password invalidates all openings of the link. Rejects as {@link add}, or with `linkNotFound`. */
  async change(
    actor: Principal,
    documentId: DocumentId,
    linkId: string,
    { role, label, password, expiresAt }: LinkChange,
  ): Promise<ListedShareLink> {
    const { store, events, passwords } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    await this.#linkOf(documentId, linkId);
    await store.access.changeLink(documentId, linkId, {
      ...(role !== undefined && { role }),
      ...(label !== undefined && { label }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(password !== undefined && {
        passwordHash: password === null ? null : await passwords.hash(password),
      }),
    });
    await events.publish({ type: 'accessChanged', documentId });
    return this.#linkOf(documentId, linkId);
  }

  /** People who opened it lose what it gave. Rejects as {@link requireDocument}, or with `linkNotFound`. */
  async remove(
    actor: Principal,
    documentId: DocumentId,
    linkId: string,
    through: WriteThrough,
  ): Promise<void> {
    const { store, events } = this.#options;
    await requireDocument(store, actor, documentId, 'share');
    if (!(await store.access.removeLink(documentId, linkId, through()))) throw linkNotFound();
    await events.publish({ type: 'accessChanged', documentId });
  }

  /**
   * Looks the token up, checks the password, and gives the role. Rejects with ScopeNeededError, {@link SharingError}
   * `noSuchLink`, `linkPassword` (only who has the token is asked for it) or `linkFull`, TooManyAttemptsError, or
   * AccountError `passwordsBusy`.
   * @param address of the request
   */
  async open(
    actor: Identified,
    address: string,
    { token, password }: { readonly token: string; readonly password?: string | undefined },
  ): Promise<OpenedLink> {
    const { store, events, attempts } = this.#options;
    requireScopeFor(actor, 'share');
    const { userId } = actor;
    const link = await store.access.linkOfToken(tokenHash(token));
    if (link === null || isExpired(link)) throw noSuchLink();
    const { documentId, role } = link;
    const [record, access] = await Promise.all([
      store.documents.get(documentId),
      store.access.getFor(documentId, userId),
    ]);
    // What lies in the trash is there for its owners alone.
    if (record === null || access === null || access.isTrashed) throw noSuchLink();
    if (link.passwordHash !== null) await this.#checkPassword(link, address, password);
    if (access.opened.get(userId)?.includes(link.id) !== true) {
      await attempts.begin('linkOpening', { subject: link.id, address });
      if (!(await store.access.openLink(link.id, userId))) throw linkFull();
      await events.publish({ type: 'accessChanged', documentId });
    }
    return { documentId, role, title: record.title };
  }

  async #checkPassword(
    { id, passwordHash }: ShareLinkRecord,
    address: string,
    password: string | undefined,
  ): Promise<void> {
    const { attempts, passwords } = this.#options;
    if (password === undefined) throw wrongPassword('This link asks for a password.');
    const attempt = await attempts.begin('linkPassword', { subject: id, address });
    const isRight = await passwords.verify(passwordHash, password).catch(async (error: unknown) => {
      await attempt.undone();
      throw error;
    });
    if (!isRight) throw wrongPassword('The password of the link is not right.');
    await attempt.succeeded();
  }

  async #linkOf(documentId: DocumentId, linkId: string): Promise<ListedShareLink> {
    const links = await this.#options.store.access.links(documentId);
    const link = links.find(({ id }) => id === linkId);
    if (link === undefined) throw linkNotFound();
    return link;
  }
}

function isExpired({ expiresAt }: ShareLinkRecord): boolean {
  return expiresAt !== null && expiresAt <= Date.now();
}

function linkFull(): SharingError {
  const detail =
    'Too many people have opened links to this document, so that no more are let in by them. Ask its owner to let in ' +
    'anyone who has the address, or to give you a role of your own.';
  return new SharingError('linkFull', detail);
}

function wrongPassword(detail: string): SharingError {
  return new SharingError('linkPassword', detail);
}

function noSuchLink(): SharingError {
  const detail = 'This link does not work (any more): ask the person who sent it for another.';
  return new SharingError('noSuchLink', detail);
}

function linkNotFound(): SharingError {
  return new SharingError('linkNotFound', 'The document has no such link.');
}
