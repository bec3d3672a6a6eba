/**
 * What the client may send. Beyond `messageBytes` the server cuts the connection before anything is read, so that a
 * message is measured before every send, as it is encoded: moving an operation over others' makes it larger.
 */
import { operationBytes, type OperationLimits, type TextOperation } from '@concord/ot';
import type { Limits } from '@concord/protocol';

/** A submission as it goes over the wire. */
export interface Submission {
  readonly seq: number;
  readonly baseVersion: number;
  readonly op: TextOperation;
}

/** Whether the submission is within the limits of an operation and of a message. */
export function fitsLimits(submission: Submission, limits: Limits): boolean {
  const { op } = submission;
  const bytes = operationBytes(op);
  return (
    op.length <= limits.operationComponents &&
    bytes <= limits.operationBytes &&
    envelopeBytes(submission) + bytes <= limits.messageBytes
  );
}

/** Limits for cutting an operation: with the largest numbers beside it, the message fits as well. */
export function cuttingLimits(limits: Limits): Pick<OperationLimits, 'components' | 'bytes'> {
  const largest = { seq: Number.MAX_SAFE_INTEGER, baseVersion: Number.MAX_SAFE_INTEGER };
  return {
    components: limits.operationComponents,
    bytes: Math.min(limits.operationBytes, limits.messageBytes - envelopeBytes(largest)),
  };
}

/** Bytes of a submission's Socket.IO packet without its operation; ASCII only. */
function envelopeBytes({ seq, baseVersion }: Omit<Submission, 'op'>): number {
  return `42${JSON.stringify(['submit', { seq, baseVersion, op: 0 }])}`.length - '0'.length;
}
