/** What must hold of a client after every step. */
import type { Buffer, ClientSession, DocumentStatus, Merge } from '@concord/client';
import type { DocumentText } from '@concord/ot';
import type { Limits, RejectionCode } from '@concord/protocol';
import { InvariantError, must } from './invariant-error.ts';
import type { Ledger, PersonLedger } from './ledger.ts';

export interface CheckedStep {
  readonly name: string;
  readonly session: ClientSession;
  /** The buffer before the step. */
  readonly before: Buffer;
  /** The owner rejected something in this step: what was in flight may have left for other reasons than the log. */
  readonly wasRejected: boolean;
  readonly editor: DocumentText;
  readonly status: DocumentStatus;
  readonly account: PersonLedger;
  readonly ledger: Ledger;
}

export function checkClient(step: CheckedStep): void {
  const { name, session, before, wasRejected, editor, status, account, ledger } = step;
  const { buffer } = session;
  if (buffer !== before) {
    const confirmed = buffer.confirmed.toString();
    must(
      ledger.textAt(buffer.version) === confirmed,
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
    // What was never sent has given its number back.
    if (isGone && buffer.nextSeq > decided.seq && !wasRejected) {
      const { clientId } = session.replica;
      must(
        ledger.lastSeqOf(clientId, account.userId) >= decided.seq,
        'I1',
        () => `${name} believes that ${decided.seq} is durable`,
      );
    }
  }
  if (status.kind === 'saved' || status.kind === 'merged') {
    const owed = ledger.owed(account);
    must(
      owed === null,
      'A2',
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

/** What a review shows are two branches of one text of the log. */
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

/** An honest client obeys every limit but the length of the whole document, which others change. */
export function checkRefusal(name: string, code: RejectionCode, limits: Limits): void {
  if (code === 'documentTooLarge' && limits.documentCodePoints < 100_000) return;
  throw new InvariantError('I5', `${name} was refused an edit: ${code}`);
}
