/** What is told of a store whose contents `concord migrate` moved to another place: it is kept, and no longer served. */

/**
 * @param store what was moved, as the beginning of a sentence
 * @param to where it is now; names no password
 * @param undo how it is served again
 */
export const movedSentence = (store: string, { to, at }: Moved, undo: string): string =>
  `${store} was moved to ${to} on ${at} by concord migrate, and nothing here was changed since. ` +
  'A server on it would serve documents that go on elsewhere: start it on the new place. ' +
  `To come back to this one, and give up what was written there since, ${undo}.`;

export interface Moved {
  readonly to: string;
  /** A date and time for people. */
  readonly at: string;
}
