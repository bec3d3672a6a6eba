/** Refusals of sharing use cases. */
import { DomainError } from '../platform/domain-error.ts';

export type SharingErrorCode =
  | 'lastOwner'
  | 'linkFull'
  | 'linkNotFound'
  | 'linkPassword'
  | 'noSuchInvitation'
  | 'noSuchLink'
  | 'noSuchPerson'
  | 'ownerByInvitation'
  | 'tooManyInvitations'
  | 'tooManyLinks'
  | 'tooManyPeople';

export class SharingError extends DomainError<SharingErrorCode> {}
