/**
 * The operations that joiners catch up by, in frames that many of them share: the same range is the same message
 * object, so that the gateway encodes it once however many people join. Pure.
 *
 * Frames end at multiples of TAIL_OPERATIONS versions, wherever a joiner begins, and before that when they become
 * large: two joiners at different versions share all frames but their first ones.
 */
import {
  TAIL_BYTES,
  TAIL_BYTES_MAX,
  TAIL_FRAME_BYTES,
  TAIL_OPERATIONS,
  TAIL_OPERATIONS_MAX,
  type ServerMessage,
} from '@concord/protocol';
import type { CommitLog } from './commit-log.ts';
import type { RecentOperations } from './recent-operations.ts';

/** Frames kept for the next joiner: 2 MB at most, until the next heartbeat. */
const FRAMES_MAX = 32;

export class SharedTail {
  /** By first and last version; longest unused first. */
  readonly #frames = new Map<string, ServerMessage>();

  /** The frames with the operations that produce the versions from `after + 1` to `until`. */
  frames(recent: RecentOperations, after: number, until: number): ServerMessage[] {
    const frames: ServerMessage[] = [];
    for (let version = after; version < until;) {
      const last = lastOfFrame(recent, version, until);
      frames.push(this.#frame(recent, version, last));
      version = last;
    }
    return frames;
  }

  /** Frees the frames: the next joiners come later, and need others. */
  clear(): void {
    this.#frames.clear();
  }

  #frame(recent: RecentOperations, after: number, last: number): ServerMessage {
    const key = `${after} ${last}`;
    const frame: ServerMessage = this.#frames.get(key) ?? {
      type: 'operations',
      body: { firstVersion: after + 1, operations: recent.between(after, last) },
    };
    this.#frames.delete(key);
    this.#frames.set(key, frame);
    if (this.#frames.size > FRAMES_MAX) {
      for (const oldest of this.#frames.keys()) {
        this.#frames.delete(oldest);
        break;
      }
    }
    return frame;
  }
}

/** The last version of the frame that begins after `after`: at least one operation, however large it is. */
function lastOfFrame(recent: RecentOperations, after: number, until: number): number {
  const aligned = after - (after % TAIL_OPERATIONS) + TAIL_OPERATIONS;
  const most = Math.min(until, aligned);
  let last = after + 1;
  while (last < most && recent.bytesBetween(after, last + 1) <= TAIL_FRAME_BYTES) last += 1;
  return last;
}

/** Whether what happened since a version is more than a join may bring: then a snapshot is less. */
export function isTailTooLong(log: CommitLog, version: number): boolean {
  const { head, recent } = log;
  if (version >= head) return false;
  if (head - version > TAIL_OPERATIONS_MAX) return true;
  const known = Math.max(version, recent.from);
  return recent.bytesBetween(known, head) > tailBytesMax(log);
}

/** A long text is worth a longer tail. */
export function tailBytesMax({ head, recent }: CommitLog): number {
  return Math.max(TAIL_BYTES, Math.min(TAIL_BYTES_MAX, recent.lengthAt(head)));
}
