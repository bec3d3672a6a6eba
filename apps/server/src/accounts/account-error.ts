/** Refusals of account use cases. */
import { DomainError } from '../platform/domain-error.ts';

export type AccountErrorCode =
  | 'accountNotFound'
  | 'adminsOnly'
  | 'emailTaken'
  | 'invitationInvalid'
  | 'invitationNeeded'
  | 'invitationNotFound'
  | 'lastAdmin'
  | 'passwordNeeded'
  | 'passwordsBusy'
  | 'sessionNotFound'
  | 'signInAgain'
  | 'signUpClosed'
  | 'signedOut'
  | 'signedUpAlready'
  | 'tokenNotFound'
  | 'tooManyTokens'
  | 'userNameTaken'
  | 'wrongLogin'
  | 'wrongPassword';

export class AccountError extends DomainError<AccountErrorCode> {}
