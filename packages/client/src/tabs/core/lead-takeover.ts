/**
 * What a tab still holds when another took over its lead: the device, and with it the new leader, knows its edits up
 * to the last write that succeeded. Later ones are typed again, into the text that the new leader has.
 */
import { diffTexts, isNoOperation } from '@concord/ot';
import { adoptSnapshot } from '../../core/buffer.ts';
import { bufferOf, type Replica } from '../../core/replica.ts';
import { Mirror } from './mirror.ts';

/**
 * The text as the device has it, with the edits that it does not have typed on top.
 * @param kept as the device has it
 * @param now as the session has it, with nothing being written any more
 */
export function mirrorAfterTakeover(kept: Replica, now: Replica): Mirror {
  const seq = kept.inFlight?.seq;
  // A number that is used up and is not in flight any more was committed, or refused and shown to its author.
  const isSettled = seq !== undefined && now.nextSeq > seq && now.inFlight?.seq !== seq;
  const snapshot = { version: now.version, text: now.confirmed, operation: null };
  const onDevice = adoptSnapshot(bufferOf(kept), snapshot, isSettled).buffer.visible;
  const mirror = new Mirror(onDevice);
  const edits = diffTexts(onDevice.toString(), bufferOf(now).visible.toString());
  if (!isNoOperation(edits)) mirror.edit(edits);
  return mirror;
}

/**
 * As `mirrorAfterTakeover`, with what was typed into the former mirror while the session was being closed.
 * @param typed its text without that may have more than the session had: what was handed off meanwhile
 */
export function mirrorOfSettled(kept: Replica, now: Replica, typed: Mirror): Mirror {
  const mirror = mirrorAfterTakeover(kept, now);
  if (!typed.isWaiting) return mirror;
  typed.replaced(mirror.visible, 0);
  mirror.edit(typed.typed, typed.typedEdits);
  return mirror;
}
