/** For tests: what a server answers to a join. */
import { defaultLimits, type JoinedMessage } from '@concord/protocol';

/** The answer to an editor who is alone in a document at version 0, with changes. */
export function joinedMessage(
  change: Partial<JoinedMessage> & Pick<JoinedMessage, 'epoch'>,
): JoinedMessage {
  return {
    version: 0,
    role: 'editor',
    lastSeq: 0,
    tail: [],
    limits: defaultLimits,
    people: [],
    peopleTotal: 1,
    self: 1,
    userId: 'me',
    title: '',
    historyId: 'history',
    ...change,
  };
}
