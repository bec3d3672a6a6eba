/** Use cases of people with a role of their own in a document. Owners change and remove them; each person may leave. */
import { ROLES_ASCENDING, type AccessPerson, type DocumentId, type Role } from '@concord/protocol';
import { guestName } from '../access/guest-names.ts';
import { userIdOf, type Principal } from '../access/principal.ts';
import { requireDocument, requireScopeFor, requireVerb } from '../documents/document-access.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import { LastOwnerError } from '../store/ports/access-store.ts';
import type { Store } from '../store/ports/store.ts';
import type { WriteThrough } from '../store/ports/write-through.ts';
import { SharingError } from './sharing-error.ts';

export interface SharingOptions {
  readonly store: Store;
  readonly events: Pick<DomainEvents, 'publish'>;
}

export class People {
  readonly #store: Store;
  readonly #events: Pick<DomainEvents, 'publish'>;

  constructor({ store, events }: SharingOptions) {
    this.#store = store;
    this.#events = events;
  }

  /** Owners first, then by name. Rejects as {@link requireDocument}. */
  async list(actor: Principal, documentId: DocumentId): Promise<readonly AccessPerson[]> {
    const { access } = await requireDocument(this.#store, actor, documentId, 'share');
    return (await this.#named([...access.people])).sort(byRoleThenName);
  }

  /**
   * Rejects as {@link requireDocument}, or with {@link SharingError} `noSuchPerson`, `lastOwner`, or
   * `ownerByInvitation`: a person becomes an owner only by accepting an invitation.
   */
  async setRole(
    actor: Principal,
    documentId: DocumentId,
    userId: string,
    role: Role,
  ): Promise<AccessPerson> {
    const { access } = await requireDocument(this.#store, actor, documentId, 'share');
    const own = access.people.get(userId);
    if (own === undefined) throw noSuchPerson();
    if (role === 'owner' && own !== 'owner') throw ownerByInvitation();
    await this.#store.access.grant(documentId, userId, role).catch(refuseLastOwner);
    await this.#events.publish({ type: 'accessChanged', documentId });
    const [person] = await this.#named([[userId, role]]);
    if (person === undefined) throw noSuchPerson();
    return person;
  }

  /**
   * Revokes a person's own role, and the roles that links gave them so far: for owners, and for the person. Rejects as
   * {@link requireDocument}, or with {@link SharingError} `noSuchPerson` or `lastOwner`.
   */
  async revoke(
    actor: Principal,
    documentId: DocumentId,
    userId: string,
    through: WriteThrough,
  ): Promise<void> {
    const accessed = await requireDocument(this.#store, actor, documentId, 'read');
    requireScopeFor(actor, 'share');
    if (userId !== userIdOf(actor)) requireVerb(accessed, 'share');
    const isRevoked = await this.#store.access
      .revoke(documentId, userId, through())
      .catch(refuseLastOwner);
    if (!isRevoked) throw noSuchPerson();
    await this.#events.publish({ type: 'accessChanged', documentId });
  }

  async #named(people: readonly (readonly [string, Role])[]): Promise<AccessPerson[]> {
    const names = await this.#store.people.namesOf(people.map(([userId]) => userId));
    return people.map(([userId, role]) => {
      const known = names.get(userId);
      const name = known?.name ?? guestName(userId);
      return { userId, name, userName: known?.userName ?? null, role };
    });
  }
}

function byRoleThenName(one: AccessPerson, other: AccessPerson): number {
  return (
    ROLES_ASCENDING.indexOf(other.role) - ROLES_ASCENDING.indexOf(one.role) ||
    one.name.localeCompare(other.name) ||
    (one.userId < other.userId ? -1 : 1)
  );
}

function refuseLastOwner(error: unknown): never {
  if (!(error instanceof LastOwnerError)) throw error;
  const detail = 'A document always has an owner: make another person one first.';
  throw new SharingError('lastOwner', detail);
}

function ownerByInvitation(): SharingError {
  const detail = 'A person becomes an owner only by agreeing: invite this person as an owner.';
  return new SharingError('ownerByInvitation', detail);
}

function noSuchPerson(): SharingError {
  const detail = 'This person has no access of their own to the document.';
  return new SharingError('noSuchPerson', detail);
}
