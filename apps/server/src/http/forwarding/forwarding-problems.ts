/** What is answered for a request that could not be forwarded. */
import { Problem } from '../problem.ts';

/** Nothing reached the owner, or nothing that changes anything. */
export const ownerUnreachable = (): Problem =>
  new Problem(
    503,
    'documentMoving',
    'Moving',
    'The server that has the document does not answer. Nothing was changed; another one takes it in a moment: try again.',
    { 'retry-after': '1' },
  );

/** The connection to the owner broke after a request that writes was sent. */
export const outcomeUnknown = (): Problem =>
  new Problem(
    502,
    'outcomeUnknown',
    'Outcome unknown',
    'The connection to the server that has the document broke, so that it is not known whether the change was made. ' +
      'Read the document again before you repeat it, or repeat it with the same Idempotency-Key.',
  );

export const tooMuchForwarded = (): Problem =>
  new Problem(
    503,
    'busy',
    'Busy',
    'This server passes on too much at once. Nothing was changed; try again in a moment.',
    { 'retry-after': '2' },
  );
