/** Mutants of the client: each removes one mechanism. */
import {
  inFolder,
  mutant,
  focused,
  dyingPages,
  failingDevices,
  lostFrames,
  malice,
  fullDocument,
  slowStore,
  outgrowing,
  briefConnections,
  restored,
  unproven,
  madeOffline,
  robbed,
  robbedAndFailing,
  robbedUnawares,
  standingStill,
  standingStillAndCut,
  standingStillOffline,
  answeringLate,
  type Mutant,
} from './mutant.ts';

const client = inFolder('packages/client/src/core');
const ot = inFolder('packages/ot/src');

export const clientMutants: readonly Mutant[] = [
  mutant(
    'acknowledgedHeadForgotten',
    'a replica tracks the operation that produced its version, own ones included (docs/protocol.md#another-history)',
    client(
      `this.#head = identityOf(operations[place + count - 1] as CommittedOperation);`,
      `if (!isOwn) this.#head = identityOf(operations[place + count - 1] as CommittedOperation);`,
    ),
  ),
  mutant(
    'firstOfARun',
    'of operations that are composed to catch up, the last produced the version (docs/protocol.md#another-history)',
    client(`operations[place + count - 1] as`, `operations[place] as`),
  ),
  mutant(
    'snapshotHeadForgotten',
    'a snapshot names the operation that produced its version (docs/protocol.md#another-history)',
    client(`this.#head = snapshot.head;`, ``),
  ),
  focused(
    restored,
    mutant(
      'headNotKept',
      'the device stores the operation that produced the version (docs/protocol.md#another-history)',
      client(`this.#head = replica.head;`, `this.#head = null;`),
      client(`(head === null && version > 0)`, `(head === null && version < 0)`),
    ),
  ),
  focused(
    unproven,
    mutant(
      'unprovenSaysNothing',
      'a join without a head operation proves its text by a checksum (docs/protocol.md#another-history)',
      client(`(head === null && version > 0)`, `(head === null && version < 0)`),
    ),
  ),
  focused(
    restored,
    mutant(
      'copyReplaced',
      'a copy of another history is merged, not replaced by the server’s text (docs/protocol.md#another-history)',
      client(`mayWrite ? transformUncommitted(`, `!mayWrite ? transformUncommitted(`),
    ),
  ),
  focused(
    restored,
    mutant(
      'copyDeletes',
      'merging a copy deletes nothing of the server’s text (docs/protocol.md#another-history)',
      client(
        `  transformUncommitted,\n  uniteLines,`,
        `  diffTexts,\n  transformUncommitted,\n  uniteLines,`,
      ),
      client(
        `mayWrite ? transformUncommitted(mine, theirs) : noOperation`,
        `mayWrite ? diffTexts(confirmed.toString(), bufferOf(copy).visible.toString()) : transformUncommitted(mine, theirs)`,
      ),
    ),
  ),
  focused(
    dyingPages,
    mutant(
      'sendFirst',
      'the frozen operation is durable before it is sent (device first)',
      client(
        `this.#freezeTicket = this.save('strict');\n    return false;`,
        `this.save('strict');\n    return true;`,
      ),
    ),
  ),
  focused(
    dyingPages,
    mutant(
      'lazyQueue',
      'the freeze is a strict write: relaxed ones roll back (device first)',
      client(
        `this.#freezeTicket = this.save('strict');\n    return false;`,
        `this.#freezeTicket = this.save('relaxed');\n    return false;`,
      ),
    ),
  ),
  focused(
    failingDevices,
    mutant(
      'unwrittenIsSent',
      'an operation is sent only after the row on the device is up to date (I4)',
      client(
        `const isWaitedFor = ticket === this.#freezeTicket && this.#isKept && !succeeded;`,
        `const isWaitedFor = ticket === this.#freezeTicket && this.#nextTicket < 0;`,
      ),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'overtakenIsSent',
      'edits of an overtaken row are never sent without the person (docs/protocol.md#devices)',
      client(
        `if (!this.#mayBeOvertaken || lastSeq < nextSeq) return false;`,
        `if (!this.#mayBeOvertaken || lastSeq > 0 || nextSeq > 0) return false;`,
      ),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'overtakenIsForgotten',
      'of an overtaken row only edits that the server has are dropped (docs/protocol.md#devices)',
      client(`if (!isDropped) return false;`, ``),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'numberReusedInMemory',
      'without the device, sequence numbers are counted on in memory (docs/protocol.md#devices)',
      client(
        `if (this.#parts.device.saveFrozen()) return this.#submit();`,
        `if (this.#parts.device.saveFrozen()) {
          if (this.#buffer.inFlight !== null) this.#buffer = { ...this.#buffer, nextSeq: this.#buffer.inFlight.seq };
          return this.#submit();
        }`,
      ),
    ),
  ),
  focused(
    answeringLate,
    mutant(
      'lateAnswerIsTaken',
      'only the result of its own write confirms that the in-flight operation is on the device (device first)',
      client(
        `if (ticket === this.#freezeTicket && !isWaitedFor) {`,
        `if (this.#freezeTicket !== null && !isWaitedFor) {`,
      ),
    ),
  ),
  focused(
    standingStillAndCut,
    mutant(
      'numberGivenTwice',
      'without the device, a sequence number that was given back is skipped (docs/protocol.md#devices)',
      client(`if (this.#givenBack === 0) return false;`, `if (this.#givenBack >= 0) return false;`),
    ),
  ),
  focused(
    standingStillOffline,
    mutant(
      'numberGivenTwiceOffline',
      'a sequence number given back while the device was stalled is skipped (docs/protocol.md#devices)',
      client(`if (device.isWithoutDevice) this.passGivenBack();`, ``),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'firstAnswerIsEnough',
      'a device that answers again counts as behind until its row is up to date (docs/protocol.md#devices)',
      client(`this.#catchUpTicket = this.save('strict');`, `this.save('relaxed');`),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'freshUnderAKeptId',
      'a replica made while the device is stalled never takes the client id of a stored one (docs/protocol.md#devices)',
      client(
        `return { replica: fresh, isWithoutDevice: true };`,
        `return { replica: { ...fresh, clientId: found.keptId ?? fresh.clientId }, isWithoutDevice: true };`,
      ),
    ),
  ),
  focused(
    outgrowing,
    mutant(
      'outgrownIsSent',
      'the in-flight operation is measured before every send, since an oversized message ends the connection (docs/protocol.md#withdrawing)',
      client(`if (fitsLimits(body, this.#limits)) effects.send`, `if (body.seq > 0) effects.send`),
    ),
  ),
  focused(
    outgrowing,
    mutant(
      'outgrownIsCutAtOnce',
      'an operation that outgrew the limits is split again only after its number is decided (docs/protocol.md#withdrawing)',
      client(
        `else effects.send({ type: 'withdraw', body: { seq } });`,
        `else { this.#buffer = buffers.unfreezeRejected(this.#buffer); this.#decided(); this.sendWhatIsDue(); }`,
      ),
    ),
  ),
  focused(
    briefConnections,
    mutant(
      'joinIsProgress',
      'only progress resets the reconnection backoff, a mere join does not (I9)',
      client(
        `this.#effects.startTimer('steady', STEADY_MS);`,
        `this.#backoff.progressed();\n    void STEADY_MS;`,
      ),
    ),
  ),
  mutant(
    'sequenceReused',
    'the device stores the next sequence number (exactly once)',
    client(`nextSeq: replica.nextSeq,`, `nextSeq: replica.inFlight?.seq ?? 1,`),
    client(`if (!this.#catchUp.isUndecided) this.#operations.passNumber(joined.lastSeq);`, ``),
  ),
  mutant(
    'recomposedOffline',
    'nothing is composed into the in-flight operation (docs/protocol.md#in-flight)',
    client(
      `this.#buffer = buffers.edit(this.#buffer, operation, edits, effects);`,
      `this.#buffer = buffers.edit(this.#buffer, operation, edits, effects);
      if (this.#parts.link.state === 'offline' && this.#buffer.inFlight !== null) {
        const { seq, edits } = this.#buffer.inFlight;
        const { pending, ...rest } = buffers.unfreezeRejected(this.#buffer);
        this.#buffer = { ...rest, pending: noOperation, pendingEdits: 0, inFlight: { seq, edits, op: pending } };
      }`,
    ),
  ),
  mutant(
    'newNumberAfterReconnect',
    'the in-flight operation keeps its number when it is resent (docs/protocol.md#exactly-once)',
    client(
      `if (this.#isFresh) {\n      this.#givenBack = this.#buffer.inFlight?.seq ?? 0;\n      this.#buffer = buffers.unfreezeUnsent(this.#buffer);`,
      `if (this.#buffer.inFlight !== null) {\n      this.#buffer = buffers.unfreezeRejected(this.#buffer);`,
    ),
  ),
  mutant(
    'noGapCheck',
    'a gap in the versions leads to a rejoin',
    client(`if (version > expected) return false;`, ``),
    client(`if (version === expected) {`, `if (version >= expected) {`),
  ),
  mutant(
    'repeatedVersions',
    'operations of known versions are ignored',
    client(`if (version === expected) {`, `if (version <= expected) {`),
  ),
  focused(
    malice,
    mutant(
      'clientIdIsProof',
      'an own operation is recognised by client id and author (scoped errors)',
      client(`&& author === this.#userId;`, `;`),
    ),
  ),
  focused(
    fullDocument,
    mutant(
      'joinForgetsNumber',
      'the join names the next sequence number, since rejections are not in the log (docs/protocol.md#rejected-numbers)',
      client(`nextSeq: inFlight?.seq ?? nextSeq,`, `nextSeq: 1,`),
    ),
  ),
  focused(
    lostFrames,
    mutant(
      'deafToHeartbeat',
      'the heartbeat reveals lost frames (I9)',
      client(`version > this.#operations.buffer.version) this.rejoin();`, `false) this.rejoin();`),
    ),
  ),
  mutant(
    'noAcknowledgementTimeout',
    'the client rejoins after the acknowledgement timeout',
    client(`if (link.isLive) this.#joining.rejoin();\n        return;`, `return;`),
  ),
  focused(
    lostFrames,
    mutant(
      'noJoinTimeout',
      'an unanswered join is retried',
      client(
        `if (link.state === 'joining') this.#joining.reconnectLater();\n        return;`,
        `return;`,
      ),
    ),
  ),
  mutant(
    'resyncSendsAgain',
    'a resync says whether the snapshot contains the in-flight operation (docs/protocol.md#away-for-long)',
    client(`wanted.lastCommittedVersion <= version`, `false`),
  ),
  focused(
    outgrowing,
    mutant(
      'outgrownIsLost',
      'an operation that outgrew the limits by rebasing is split again (docs/protocol.md#withdrawing)',
      client(
        `this.#buffer = buffers.unfreezeRejected(this.#buffer);`,
        `this.#buffer = buffers.dropInFlight(this.#buffer).buffer;`,
      ),
    ),
  ),
  mutant(
    'uncutPaste',
    'large operations are split before they are frozen (docs/protocol.md#large-operations)',
    client(
      `const [op, rest] = splitOperation(buffer.pending, limits);`,
      `void limits; void splitOperation; const [op, rest] = [buffer.pending, noOperation];`,
    ),
  ),
  focused(
    fullDocument,
    mutant(
      'refusedStaysUnder',
      'pending is transformed over the inverse of a rejected operation',
      client(`pending: transformUncommitted(pending, inverse),`, `pending,`),
    ),
  ),
  mutant(
    'pendingNotMoved',
    'pending is transformed over remote operations',
    client(`pending: transformUncommitted(pending, afterInFlight),`, `pending,`),
  ),
  mutant(
    'wrongSide',
    'one helper decides which of two insertions stands left (docs/protocol.md#sides)',
    ot(`loose(uncommitted), 'left')`, `loose(uncommitted), 'right')`),
  ),
  focused(
    slowStore,
    mutant(
      'pausedForEver',
      'a decision ends the pause that a retryable rejection began (I9)',
      client(
        `this.#savingPaused = false;\n    this.#quotaExceeded = null;`,
        `this.#quotaExceeded = null;`,
      ),
    ),
  ),
  focused(
    robbed,
    mutant(
      'supersededGoesOn',
      'a session that lost the lead to another tab ends (I4)',
      client(
        `return this.#joining.stop('superseded', 'Another tab goes on with this document.');`,
        `return this.#joining.deviceAnswered(-1, true);`,
      ),
      client(
        `this.#storageFailed = !succeeded;`,
        `if (ticket < 0) ticket = this.#joinTicket ?? this.#freezeTicket ?? 0;
        this.#storageFailed = !succeeded;`,
      ),
    ),
  ),
  focused(
    robbedUnawares,
    mutant(
      'unwrittenIsKeptInFlight',
      'an operation that was never sent gives its number back before a join (I4)',
      client(`if (this.#isFresh) {`, `if (this.#isFresh && this.#givenBack < 0) {`),
    ),
  ),
  focused(
    robbedAndFailing,
    mutant(
      'sentFromAFailingDevice',
      'the in-flight operation is resent only after its row is on the device (device first)',
      client(`this.#isKept && !succeeded && hasInFlight`, `this.#nextTicket < 0`),
    ),
  ),
  focused(
    madeOffline,
    mutant(
      'creationNotKept',
      'the device stores that a document is not created on the server yet',
      client(
        `this.#isNew = replica.isNew;`,
        `this.#isNew = replica.isNew && replica.epoch === 0 && replica.pendingEdits === 0;`,
      ),
    ),
  ),
  mutant(
    'savedTooEarly',
    'the status says "saved" only after the acknowledgement (durable first)',
    client(`if (unsent > 0) return { kind: 'saving'`, `if (unsent > 1) return { kind: 'saving'`),
  ),
];
