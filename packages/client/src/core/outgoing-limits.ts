/**
 * What the client may send. Beyond `messageBytes` the server cuts the connection before anything is read, so that a
 * message is measured before every send, as it is encoded: moving an operation over others' makes it larger.
 */
import { operationBytes, type Effect, type TextOperation } from '@concord/ot';
import type { Limits } from '@concord/protocol';
import type { CuttingLimits } from './buffer.ts';
import { sentBytes } from './buffer-effects.ts';

/** A submission as it goes over the wire. */
export interface Submission {
  readonly seq: number;
  readonly baseVersion: number;
  readonly op: TextOperation;
  readonly effects?: readonly Effect[] | undefined;
}

/** Whether the submission is within the limits of an operation and of a message. */
export function fitsLimits(submission: Submission, limits: Limits): boolean {
  const { op, effects } = submission;
  const bytes = operationBytes(op);
  return (
    op.length <= limits.operationComponents &&
    bytes <= limits.operationBytes &&
    envelopeBytes(submission) + bytes + sentBytes(effects) <= limits.messageBytes
  );
}

/** Limits for cutting an operation: with the largest numbers beside it, the message fits as well. */
export function cuttingLimits(limits: Limits): CuttingLimits {
  const largest = { seq: Number.MAX_SAFE_INTEGER, baseVersion: Number.MAX_SAFE_INTEGER };
  const messageBytes = limits.messageBytes - envelopeBytes(largest);
  return {
    components: limits.operationComponents,
    bytes: Math.min(limits.operationBytes, messageBytes),
    messageBytes,
  };
}

/** Bytes of a submission's Socket.IO packet without its operation; ASCII only. */
function envelopeBytes({ seq, baseVersion }: Omit<Submission, 'op' | 'effects'>): number {
  return `42${JSON.stringify(['submit', { seq, baseVersion, op: 0 }])}`.length - '0'.length;
}
