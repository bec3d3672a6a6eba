/** Invariants of a client, checked after every step. */
import type { Buffer, ClientSession, DocumentStatus, Merge } from '@concord/client';
import type { DocumentText } from '@concord/ot';
import type { Limits, RejectionCode } from '@concord/protocol';
import { isTracked } from './characters.ts';
import { InvariantError, must } from './invariant-error.ts';
import type { Ledger, PersonLedger } from './ledger.ts';
import type { MarkLedger } from './mark-ledger.ts';

export interface CheckedStep {
  readonly name: string;
  readonly session: ClientSession;
  /** The buffer before the step. */
  readonly before: Buffer;
  /** The step had a rejection, so the in-flight operation may be gone without being in the log. */
  readonly wasRejected: boolean;
  /** The page runs in memory only, so it says nothing about the device. */
  readonly isSpare: boolean;
  readonly editor: DocumentText;
  readonly status: DocumentStatus;
  readonly account: PersonLedger;
  readonly ledger: Ledger;
  /** Null for an app that knows no effects. */
  readonly marks: MarkLedger | null;
}

export function checkClient(step: CheckedStep): void {
  const { name, session, before, wasRejected, isSpare, editor, status, account, ledger } = step;
  const { marks } = step;
  const { buffer } = session;
  if (buffer !== before) {
    marks?.checkStateAt(name, buffer.version, buffer.effects.state);
    marks?.checkShown(
      name,
      () => session.effectState,
      () => buffer.visible.toString(),
    );
    const confirmed = buffer.confirmed.toString();
    must(
      ledger.isTextAt(buffer.version, confirmed),
      'I2',
      () =>
        `${name} at version ${buffer.version} has ${confirmed} for ${ledger.textAt(buffer.version)}`,
    );
    must(
      buffer.version >= before.version,
      'I3',
      () => `${name} went from version ${before.version} back to ${buffer.version}`,
    );
    const inFlight = buffer.inFlight?.op ?? [];
    const derived = buffer.confirmed.apply(inFlight).apply(buffer.pending).toString();
    const visible = buffer.visible.toString();
    must(derived === visible, 'visible', () => `${name} shows ${visible} for ${derived}`);
    must(
      editor.toString() === visible,
      'editor',
      () => `${name}'s editor shows ${editor.toString()}`,
    );
    const decided = before.inFlight;
    const isGone = decided !== null && buffer.inFlight?.seq !== decided.seq;
    const { clientId } = session.replica;
    // An operation that was never sent gave its sequence number back, or the number was skipped.
    const wasSent =
      decided !== null && ledger.wasSent(`${clientId} ${account.userId}`, decided.seq);
    if (isGone && wasSent && buffer.nextSeq > decided.seq && !wasRejected) {
      must(
        ledger.lastSeqEverOf(clientId, account.userId) >= decided.seq,
        'I1',
        () => `${name} believes that ${decided.seq} is durable`,
      );
    }
  }
  const isSaid = status.kind === 'notKept' && status.unsent === 0 && !isSpare;
  if (status.kind === 'saved' || status.kind === 'merged' || isSaid) {
    const owed = ledger.owed(account) ?? marks?.owed(account) ?? null;
    must(
      owed === null,
      'durable first',
      () => `${name} shows "${status.kind}" with the ${owed} not in the log`,
    );
  }
  for (const { anchor, head } of session.carets.values()) {
    const length = buffer.visible.lengthCodePoints;
    must(
      anchor >= 0 && head >= 0 && anchor <= length && head <= length,
      'carets',
      () => `${name} shows a caret at ${anchor}–${head} of ${length}`,
    );
  }
}

/**
 * A character may leave the screen only if an operation of the log deleted it, or if the person is told.
 * @param vanished characters that remote changes removed in one step
 */
export function checkVanished(
  name: string,
  vanished: ReadonlySet<string>,
  visible: DocumentText,
  ledger: Ledger,
): void {
  for (const character of vanished) {
    must(
      !isTracked(character) || ledger.wasDeleted(character) || hasCharacter(visible, character),
      'history',
      () => `${character} vanished from the screen of ${name}, and no operation deleted it`,
    );
  }
}

/** Exact, since code points in UTF-16 never contain each other. */
const hasCharacter = (text: DocumentText, character: string): boolean =>
  text.toString().includes(character);

/** Only a version that the restored log lacks, or has with another operation, belongs to another history. */
export function checkOtherHistory(
  name: string,
  { buffer, stopped, replica }: ClientSession,
  ledger: Ledger,
): void {
  if (stopped?.code !== 'otherHistory') return;
  // Without a proof the histories cannot be compared, and are taken as different.
  if (replica.head === null) return;
  must(
    buffer.version > ledger.commonUntil,
    'history',
    () => `${name} at version ${buffer.version} was taken for one of another history`,
  );
}

/** A row is overtaken only if a page went on without its device; nothing is dropped that the server lacks. */
export function checkOvertaken(
  name: string,
  isBehind: boolean,
  isDropped: boolean,
  copy: DocumentText,
  server: DocumentText,
): void {
  must(
    isBehind,
    'device first',
    () => `${name} sent what its device did not have, and did not say so`,
  );
  if (!isDropped) return;
  const characters = new Set(server.toString());
  for (const character of copy.toString()) {
    must(
      characters.has(character),
      'I4',
      () => `${character} of the row of ${name} was dropped, and the server does not have it`,
    );
  }
}

/** All characters of the copy are in the merged text. */
export function checkMergedCopy(name: string, copy: DocumentText, merged: DocumentText): void {
  const characters = new Set(merged.toString());
  for (const character of copy.toString()) {
    must(
      characters.has(character),
      'history',
      () => `${character} of the copy of ${name} is not in the merged text`,
    );
  }
}

/** A review shows two branches of a text of the log. */
export function checkMerge(name: string, { base, mine, theirs }: Merge, ledger: Ledger): void {
  const text = base.toString();
  must(ledger.hasText(text), 'merge', () => `${name} reviews a merge from ${text}, no version's`);
  base.apply(mine);
  must(
    ledger.hasText(base.apply(theirs).toString()),
    'merge',
    () => `${name} reviews what others wrote as ${JSON.stringify(theirs)}`,
  );
}

/** An honest client can exceed only the document length, which depends on others' edits. */
export function checkRefusal(name: string, code: RejectionCode, limits: Limits): void {
  if (code === 'documentTooLarge' && limits.documentCodePoints < 100_000) return;
  throw new InvariantError('I5', `${name} was refused an edit: ${code}`);
}
