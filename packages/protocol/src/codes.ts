/** Every code by which the owner refuses something: closed unions, so that a switch over them is checked. */

/** Why an operation was rejected. The retryable ones do not use up the sequence number. */
export const rejectionCodes = [
  'malformedOperation',
  'tooManyComponents',
  'operationTooLarge',
  'operationOutOfRange',
  'documentTooLarge',
  'invalidBaseVersion',
  'futureSequence',
  'staleSequence',
  /** The client asked for it: it cuts the operation anew and sends it under the next numbers. */
  'withdrawn',
  'readOnly',
  'rateLimited',
  'storeUnavailable',
  /** The space of the person, or of their network today, is used up. */
  'quotaExceeded',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** Why a session was refused or ended. `retryable` beside it says whether trying again can help. */
export const refusalCodes = [
  'malformedMessage',
  'notFound',
  'staleEpoch',
  'unsupportedProtocol',
  'tooManySessions',
  'storeUnavailable',
  /** Towards version 2: the client's version is beyond the head. */
  'ahead',
  /** The client's text belongs to a history that is not the server's. */
  'otherHistory',
  /** Nobody said who they are. */
  'forbidden',
  /** The role was taken away while the document was open. */
  'accessRevoked',
  /** The access token is too old: connect again with a new one. */
  'tokenExpired',
  /** The account's session was ended: sign in again. */
  'signedOut',
  'slowReader',
  /** Too many joins at once, of one person or from one address. */
  'rateLimited',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];
