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
    'the operation that produced the version is kept up, own ones included (docs/protocol.md#another-history)',
    client(
      `this.#head = identityOf(operations[place + count - 1] as CommittedOperation);`,
      `if (!isOwn) this.#head = identityOf(operations[place + count - 1] as CommittedOperation);`,
    ),
  ),
  mutant(
    'firstOfARun',
    'of operations that are moved over as one, the last produced the version (docs/protocol.md#another-history)',
    client(`operations[place + count - 1] as`, `operations[place] as`),
  ),
  mutant(
    'snapshotHeadForgotten',
    'a snapshot tells which operation produced its version (docs/protocol.md#another-history)',
    client(`this.#head = snapshot.head;`, ``),
  ),
  focused(
    restored,
    mutant(
      'headNotKept',
      'the device keeps the operation that produced the version (docs/protocol.md#another-history)',
      client(`this.#head = replica.head;`, `this.#head = null;`),
      client(`(head === null && version > 0)`, `(head === null && version < 0)`),
    ),
  ),
  focused(
    unproven,
    mutant(
      'unprovenSaysNothing',
      'a text that names no operation is proven by its checksum (docs/protocol.md#another-history)',
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
      'a device that has an older row is waited for (I4)',
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
      'what a row holds that was overtaken is never sent by itself (Devices)',
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
      'of an overtaken row nothing is dropped that the server does not have (Devices)',
      client(`if (!isDropped) return false;`, ``),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'numberReusedInMemory',
      'without the device numbers go on in memory (Devices)',
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
      'only the answer to its own write tells that what is in flight is on the device (device first)',
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
      'without the device a number that was given back is passed over (Devices)',
      client(`if (this.#givenBack === 0) return false;`, `if (this.#givenBack >= 0) return false;`),
    ),
  ),
  focused(
    standingStillOffline,
    mutant(
      'numberGivenTwiceOffline',
      'a number is passed over that was given back while the device did not answer (Devices)',
      client(`if (device.isWithoutDevice) this.passGivenBack();`, ``),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'firstAnswerIsEnough',
      'a device that answers again is behind until everything was written (Devices)',
      client(`this.#catchUpTicket = this.save('strict');`, `this.save('relaxed');`),
    ),
  ),
  focused(
    standingStill,
    mutant(
      'freshUnderAKeptId',
      'without an answer of the device a new replica never takes the id of a kept one (Devices)',
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
      'what is in flight is measured before every send: beyond the limit of a message the connection is cut (docs/protocol.md#withdrawing)',
      client(`if (fitsLimits(body, this.#limits)) effects.send`, `if (body.seq > 0) effects.send`),
    ),
  ),
  focused(
    outgrowing,
    mutant(
      'outgrownIsCutAtOnce',
      'an operation that outgrew the limits is cut anew only when its number is decided (docs/protocol.md#withdrawing)',
      client(
        `else effects.send({ type: 'withdraw', body: { seq: inFlight.seq } });`,
        `else { this.#buffer = buffers.unfreezeRejected(this.#buffer); this.#decided(); this.sendWhatIsDue(); }`,
      ),
    ),
  ),
  focused(
    briefConnections,
    mutant(
      'joinIsProgress',
      'only progress ends the backoff: a connection that dies after its join is made anew later and later (I9)',
      client(
        `this.#effects.startTimer('steady', STEADY_MS);`,
        `this.#backoff.progressed();\n    void STEADY_MS;`,
      ),
    ),
  ),
  mutant(
    'sequenceReused',
    'the next sequence number is kept on the device (exactly once)',
    client(`nextSeq: replica.nextSeq,`, `nextSeq: replica.inFlight?.seq ?? 1,`),
    client(`if (!this.#catchUp.isUndecided) this.#operations.passNumber(joined.lastSeq);`, ``),
  ),
  mutant(
    'recomposedOffline',
    'nothing is composed into what is in flight (docs/protocol.md#in-flight)',
    client(
      `this.#buffer = buffers.edit(this.#buffer, operation, edits);`,
      `this.#buffer = buffers.edit(this.#buffer, operation, edits);
      if (this.#parts.link.state === 'offline' && this.#buffer.inFlight !== null) {
        const { seq, edits } = this.#buffer.inFlight;
        const { pending, ...rest } = buffers.unfreezeRejected(this.#buffer);
        this.#buffer = { ...rest, pending: noOperation, pendingEdits: 0, inFlight: { seq, edits, op: pending } };
      }`,
    ),
  ),
  mutant(
    'newNumberAfterReconnect',
    'in-flight keeps its number when it is sent again (docs/protocol.md#exactly-once)',
    client(
      `if (this.#isFresh) {\n      this.#givenBack = this.#buffer.inFlight?.seq ?? 0;\n      this.#buffer = buffers.unfreezeUnsent(this.#buffer);`,
      `if (this.#buffer.inFlight !== null) {\n      this.#buffer = buffers.unfreezeRejected(this.#buffer);`,
    ),
  ),
  mutant(
    'noGapCheck',
    'a gap leads to a rejoin, never to a guess',
    client(`if (version > expected) return false;`, ``),
    client(`if (version === expected) {`, `if (version >= expected) {`),
  ),
  mutant(
    'repeatedVersions',
    'versions that are known are ignored',
    client(`if (version === expected) {`, `if (version <= expected) {`),
  ),
  focused(
    malice,
    mutant(
      'clientIdIsProof',
      'an own operation is known by client id and person (scoped errors)',
      client(`&& author === this.#userId;`, `;`),
    ),
  ),
  focused(
    fullDocument,
    mutant(
      'joinForgetsNumber',
      'the join says which number comes next, for rejections are not in the log (docs/protocol.md#rejected-numbers)',
      client(`nextSeq: inFlight?.seq ?? nextSeq,`, `nextSeq: 1,`),
    ),
  ),
  focused(
    lostFrames,
    mutant(
      'deafToHeartbeat',
      'the heartbeat tells of frames that were lost (I9)',
      client(`version > this.#operations.buffer.version) this.rejoin();`, `false) this.rejoin();`),
    ),
  ),
  mutant(
    'noAcknowledgementTimeout',
    'without an acknowledgement in time the client rejoins',
    client(`if (link.isLive) this.#joining.rejoin();\n        return;`, `return;`),
  ),
  focused(
    lostFrames,
    mutant(
      'noJoinTimeout',
      'an unanswered join is tried again',
      client(
        `if (link.state === 'joining') this.#joining.reconnectLater();\n        return;`,
        `return;`,
      ),
    ),
  ),
  mutant(
    'resyncSendsAgain',
    'a resync says whether the snapshot contains what is in flight (docs/protocol.md#away-for-long)',
    client(`wanted.lastCommittedVersion <= version`, `false`),
  ),
  focused(
    outgrowing,
    mutant(
      'outgrownIsLost',
      'an operation that outgrew the limits by rebasing is cut anew (docs/protocol.md#withdrawing)',
      client(
        `this.#buffer = buffers.unfreezeRejected(this.#buffer);`,
        `this.#buffer = buffers.dropInFlight(this.#buffer).buffer;`,
      ),
    ),
  ),
  mutant(
    'uncutPaste',
    'large operations are cut before they are frozen (docs/protocol.md#large-operations)',
    client(
      `const [op, rest] = splitOperation(buffer.pending, limits);`,
      `void limits; void splitOperation; const [op, rest] = [buffer.pending, noOperation];`,
    ),
  ),
  focused(
    fullDocument,
    mutant(
      'refusedStaysUnder',
      'pending moves over the inverse of what was refused',
      client(`pending: transformUncommitted(pending, inverse),`, `pending,`),
    ),
  ),
  mutant(
    'pendingNotMoved',
    'pending moves over foreign operations',
    client(`pending: transformUncommitted(pending, afterInFlight),`, `pending,`),
  ),
  mutant(
    'wrongSide',
    'one helper decides who stands left (docs/protocol.md#sides)',
    ot(`loose(uncommitted), 'left')`, `loose(uncommitted), 'right')`),
  ),
  focused(
    slowStore,
    mutant(
      'pausedForEver',
      'a decision ends the pause that a slow store had begun (I9)',
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
      'a tab whose replica another one took over ends (I4)',
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
      'what was never sent gives its number back before a join (I4)',
      client(`if (this.#isFresh) {`, `if (this.#isFresh && this.#givenBack < 0) {`),
    ),
  ),
  focused(
    robbedAndFailing,
    mutant(
      'sentFromAFailingDevice',
      'what is in flight is sent again only from a device that was written (device first)',
      client(`this.#isKept && !succeeded && hasInFlight`, `this.#nextTicket < 0`),
    ),
  ),
  focused(
    madeOffline,
    mutant(
      'creationNotKept',
      'the device knows that the server does not have a document yet',
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
