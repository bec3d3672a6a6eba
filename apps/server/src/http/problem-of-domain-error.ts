/** Maps domain errors to problems (RFC 9457): the only place that assigns HTTP statuses. */
import { ScopeNeededError, type AccessErrorCode } from '../access/access-error.ts';
import type { AccountErrorCode } from '../accounts/account-error.ts';
import { TextChangedError, type DocumentErrorCode } from '../documents/document-error.ts';
import type { AttemptErrorCode } from '../platform/attempts.ts';
import type { DomainError } from '../platform/domain-error.ts';
import type { SharingErrorCode } from '../sharing/sharing-error.ts';
import { Problem } from './problem.ts';

type DomainErrorCode =
  AccessErrorCode | AccountErrorCode | AttemptErrorCode | DocumentErrorCode | SharingErrorCode;

interface ProblemForm {
  readonly status: number;
  readonly title: string;
  /** The code in the problem, where it differs: shared by errors that programs treat alike. */
  readonly code?: string;
}

const forms: Readonly<Record<DomainErrorCode, ProblemForm>> = {
  // access/
  forbidden: { status: 403, title: 'Forbidden' },
  scopeNeeded: { status: 403, title: 'Forbidden' },
  // accounts/
  accountNotFound: { status: 404, title: 'Not found', code: 'notFound' },
  adminsOnly: { status: 409, title: 'Closed', code: 'signUpClosed' },
  emailTaken: { status: 409, title: 'Taken' },
  invitationInvalid: { status: 403, title: 'Invitation not valid' },
  invitationNeeded: { status: 403, title: 'Invitation needed' },
  invitationNotFound: { status: 404, title: 'Not found', code: 'notFound' },
  lastAdmin: { status: 409, title: 'Last administrator' },
  passwordNeeded: { status: 403, title: 'Password needed' },
  passwordsBusy: { status: 503, title: 'Busy', code: 'busy' },
  sessionNotFound: { status: 404, title: 'Not found', code: 'notFound' },
  signInAgain: { status: 403, title: 'Sign in again' },
  signUpClosed: { status: 403, title: 'Closed' },
  signedOut: { status: 401, title: 'Not signed in' },
  signedUpAlready: { status: 409, title: 'Signed up already' },
  tokenNotFound: { status: 404, title: 'Not found', code: 'notFound' },
  tooManyTokens: { status: 409, title: 'Too many' },
  userNameTaken: { status: 409, title: 'Taken' },
  wrongLogin: { status: 401, title: 'Not signed in' },
  wrongPassword: { status: 403, title: 'Wrong password' },
  // documents/
  accountNeeded: { status: 403, title: 'Forbidden' },
  baseNeeded: { status: 428, title: 'Precondition required' },
  changedMeanwhile: { status: 412, title: 'Changed meanwhile', code: 'preconditionFailed' },
  composedVersionAhead: { status: 409, title: 'Version ahead', code: 'versionAhead' },
  compositionsBusy: { status: 503, title: 'Busy', code: 'busy' },
  conflict: { status: 409, title: 'Conflict' },
  diffsBusy: { status: 503, title: 'Busy', code: 'busy' },
  documentTooLarge: { status: 413, title: 'Too long' },
  editForbidden: { status: 403, title: 'Forbidden', code: 'forbidden' },
  editsPaused: { status: 503, title: 'Unavailable', code: 'storeUnavailable' },
  inTrash: { status: 409, title: 'In the trash' },
  notFound: { status: 404, title: 'Not found' },
  notInTrash: { status: 409, title: 'Not in the trash' },
  otherHistory: { status: 409, title: 'Another history' },
  quotaExceeded: { status: 403, title: 'Quota exceeded' },
  rangeTooLong: { status: 422, title: 'Range too long' },
  searchesBusy: { status: 503, title: 'Busy', code: 'busy' },
  searchesWaiting: { status: 429, title: 'Too many searches', code: 'busy' },
  tooManyCompositions: { status: 429, title: 'Too many requests' },
  tooManyDiffs: { status: 429, title: 'Too many at once' },
  tooManyWords: { status: 400, title: 'Too many words' },
  versionAhead: { status: 409, title: 'Not yet' },
  // sharing/
  lastOwner: { status: 409, title: 'Last owner' },
  linkFull: { status: 409, title: 'Link full' },
  linkNotFound: { status: 404, title: 'Not found', code: 'notFound' },
  linkPassword: { status: 403, title: 'Password needed' },
  noSuchInvitation: { status: 404, title: 'Not found' },
  noSuchLink: { status: 404, title: 'Not found' },
  noSuchPerson: { status: 404, title: 'Not found' },
  ownerByInvitation: { status: 409, title: 'Needs an invitation' },
  tooManyInvitations: { status: 409, title: 'Too many' },
  tooManyLinks: { status: 409, title: 'Too many' },
  tooManyPeople: { status: 409, title: 'Too many' },
  // platform/
  tooManyAttempts: { status: 429, title: 'Too many attempts' },
};

/** Null for an error that is not in the table, which is a bug. */
export function problemOfDomainError(error: DomainError): Problem | null {
  const form = (forms as Readonly<Record<string, ProblemForm | undefined>>)[error.code];
  if (form === undefined) return null;
  const { status, title, code = error.code } = form;
  return new Problem(status, code, title, error.message, headersOf(error));
}

function headersOf(error: DomainError): Record<string, string> {
  if (error.retryAfterSeconds !== null) return { 'retry-after': String(error.retryAfterSeconds) };
  if (error instanceof TextChangedError) return { etag: error.tag };
  if (error instanceof ScopeNeededError) {
    const scope = error.scope === null ? '' : `, scope="${error.scope}"`;
    return { 'www-authenticate': `Bearer error="insufficient_scope"${scope}` };
  }
  return {};
}
