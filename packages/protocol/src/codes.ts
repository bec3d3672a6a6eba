/** All codes of rejections and refusals, as closed unions, so that switches over them are checked. */

/** Why an operation was rejected. Retryable rejections do not consume the sequence number. */
export const rejectionCodes = [
  'malformedOperation',
  'tooManyComponents',
  'operationTooLarge',
  'operationOutOfRange',
  'documentTooLarge',
  'invalidBaseVersion',
  'futureSequence',
  'staleSequence',
  /** By `withdraw`: the client splits the operation again and sends it under the next numbers. */
  'withdrawn',
  /** Its effects are not taken in: the client sends the text again, without them, under the next number. */
  'effectsRefused',
  'readOnly',
  'rateLimited',
  'storeUnavailable',
  /** The quota of the person, or today's quota of their network, is used up. */
  'quotaExceeded',
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** Why a session was refused or ended. `retryable` in the message says whether a retry can help. */
export const refusalCodes = [
  'malformedMessage',
  'notFound',
  'staleEpoch',
  'unsupportedProtocol',
  'tooManySessions',
  'storeUnavailable',
  /** For clients of version 2: the client's version is beyond the head. */
  'ahead',
  /** The client's text belongs to a history that is not the server's. */
  'otherHistory',
  /** No proof of identity. */
  'forbidden',
  /** The role was revoked while the document was open. */
  'accessRevoked',
  /** The access token has expired: reconnect with a new one. */
  'tokenExpired',
  /** The account's session was ended: sign in again. */
  'signedOut',
  'slowReader',
  /** Joins of one person, or from one address, exceed the rate limit. */
  'rateLimited',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];
