/** Mutants of the owner and the validator: each removes one mechanism. */
import {
  inFolder,
  forgettingPages,
  joiningAgain,
  mutant,
  focused,
  longTailsFarApart,
  lostFrames,
  lostRoles,
  apiEdits,
  repeatedApiEdits,
  changingRoles,
  lonelyRoles,
  overtakingRoles,
  failingAppends,
  forgotten,
  hastyAndCut,
  failingLastAppends,
  goneRoles,
  leavers,
  malice,
  maliceAfterRestart,
  fullDocument,
  shortProofs,
  lateAndTooLarge,
  restored,
  unproven,
  type Mutant,
} from './mutant.ts';

const owner = inFolder('apps/server/src/documents/core');
const ot = inFolder('packages/ot/src');

export const ownerMutants: readonly Mutant[] = [
  focused(
    malice,
    mutant(
      'claimBelieved',
      'a reported divergence needs a proof of history (docs/protocol.md#divergence)',
      owner(`return head !== undefined && isSameOperation(head, own.entry);`, `return true;`),
      owner(`if (historyId !== own.historyId) return false;`, ``),
    ),
  ),
  focused(
    restored,
    mutant(
      'historyNotCompared',
      'a join whose head operation is not in the log belongs to another history (docs/protocol.md#another-history)',
      owner(
        `if (head !== undefined) return !isSameOperation(head, own.entry);`,
        `if (head !== undefined) return own.entry === null;`,
      ),
    ),
  ),
  focused(
    restored,
    mutant(
      'entryNeverRead',
      'a head operation older than the window is compared with the log (docs/protocol.md#another-history)',
      owner(
        `return head !== undefined && version > 0 && version <= own.head;`,
        `return head === undefined && version > 0 && version <= own.head;`,
      ),
    ),
  ),
  focused(
    unproven,
    mutant(
      'unprovenNotCompared',
      'a join without a head operation is compared by the checksum of its text (docs/protocol.md#another-history)',
      owner(
        `needsChecksum(join, own) && join.checksum !== own.checksum`,
        `needsChecksum(join, own) && own.checksum === -1`,
      ),
    ),
  ),
  mutant(
    'acknowledgedFirst',
    'durable, then acknowledged, then broadcast (durable first)',
    owner(
      `this.#effects.push({ type: 'append', batch });`,
      `this.#effects.push({ type: 'append', batch });\n    this.#committed(0);`,
    ),
    owner(
      `case 'appended':\n        return this.#committed(now);`,
      `case 'appended':\n        return;`,
    ),
  ),
  mutant(
    'noDedupe',
    'a decided sequence number is never decided again (docs/protocol.md#exactly-once)',
    owner(`if (seq <= client.decidedSeq) return this.#rejections.repeat(number, client, seq);`, ``),
    owner(`baseVersion > head || isBeforeOwn`, `baseVersion > head`),
  ),
  mutant(
    'dedupeForgotten',
    'an owner that starts reads decided sequence numbers from the log (exactly once)',
    owner(`const seq = position?.seq ?? 0;`, `const seq = 0;`),
    owner(`client.decidedSeq = client.durableSeq = seq;`, `client.durableSeq = seq;`),
    owner(
      `client.assignedSeq = seq;\n    client.assignedVersion = client.durableVersion`,
      `client.assignedVersion = client.durableVersion`,
    ),
  ),
  focused(
    fullDocument,
    mutant(
      'numberNotUsedUp',
      'a rejection consumes its sequence number, and a join says so after a restart (docs/protocol.md#rejected-numbers)',
      owner(
        `client.decidedSeq = seq;\n    client.rejection = rejection;`,
        `client.rejection = rejection;`,
      ),
      owner(`client.decidedSeq = Math.max(decided, nextSeq - 1);`, `void decided;`),
    ),
  ),
  focused(
    lateAndTooLarge,
    mutant(
      'rejectedTooEarly',
      'a rejection is deferred until no append of a former owner can land (docs/protocol.md#rejections)',
      owner(`#isSettled = false;`, `#isSettled = true;`),
    ),
  ),
  mutant(
    'noFence',
    'a join fences off the former session of its client (docs/protocol.md#epochs)',
    owner(
      `if (former !== undefined && former.number !== session) {`,
      `if (former !== undefined && former.number < 0) {`,
    ),
    owner(`if (epoch <= client.epoch) {`, `if (epoch < 0) {`),
  ),
  focused(
    maliceAfterRestart,
    mutant(
      'answersMixedUp',
      'a loaded client position is applied to that client only (exactly once)',
      owner(
        `if (join?.message.clientId !== clientId || join.message.epoch !== epoch) return;`,
        `if (join === undefined) return;`,
      ),
      owner(
        `const isUnknown = this.#clients.get(clientId, join.userId)`,
        `const isUnknown = this.#clients.get(join.message.clientId, join.userId)`,
      ),
      owner(
        `this.#clients.learn(clientId, join.userId, input.position);`,
        `this.#clients.learn(join.message.clientId, join.userId, input.position);`,
      ),
    ),
  ),
  focused(
    forgettingPages,
    mutant(
      'formerLifeIsOwn',
      'an operation that its page has lost is not the base of the next one (docs/protocol.md#exactly-once)',
      owner(
        `assignedVersion > session.ownBefore && baseVersion < assignedVersion`,
        `baseVersion < assignedVersion`,
      ),
    ),
  ),
  focused(
    joiningAgain,
    mutant(
      'answersOfAnotherJoin',
      'what is loaded for one join is not used for another join of the client (docs/protocol.md#another-history)',
      owner(
        `if (join?.message.clientId !== clientId || join.message.epoch !== epoch) return;`,
        `if (join?.message.clientId !== clientId) return;`,
      ),
    ),
  ),
  focused(
    malice,
    mutant(
      'anybodysClient',
      'a client id belongs to one person (scoped errors)',
      owner('`${clientId} ${userId}`', '`${clientId}`'),
    ),
  ),
  mutant(
    'baseNotTransformed',
    'a submission is transformed over all operations since its base',
    owner(
      `for (const { op: committed } of recent.between(baseVersion)) {`,
      `for (const { op: committed } of recent.between(baseVersion + 1)) {`,
    ),
  ),
  mutant(
    'windowGuessed',
    'operations older than the window are loaded from the log',
    owner(`version >= this.#log.recent.from || isResync;`, `version >= 0 || isResync;`),
  ),
  focused(
    failingAppends,
    mutant(
      'unknownOutcomeTrusted',
      'an owner whose append failed drops its state (log first)',
      owner(
        `return this.#giveUp(input.reason);`,
        `return input.reason === 'duplicate' ? this.#giveUp(input.reason) : this.#committed();`,
      ),
    ),
  ),
  focused(
    failingLastAppends,
    mutant(
      'positionTrusted',
      'a client position beyond the head reveals that another owner wrote the log (log first)',
      owner(`input.position.version > this.#log.head`, `input.position.version < 0`),
    ),
  ),
  focused(
    failingAppends,
    mutant(
      'duplicateIgnored',
      'a duplicate key reveals that another owner wrote the log (log first)',
      owner(
        `return this.#giveUp(input.reason);`,
        `return input.reason === 'unavailable' ? this.#giveUp(input.reason) : this.#committed();`,
      ),
    ),
  ),
  focused(
    lostFrames,
    mutant(
      'mute',
      'the owner sends the head to idle sessions as a heartbeat (I9)',
      owner(`this.#effects.broadcast({ type: 'head', body: { version: this.#log.head } });`, ``),
    ),
  ),
  mutant(
    'checkpointOfAnother',
    'a checkpoint is the text of its version (I6)',
    owner(
      `{ type: 'checkpoint', version: this.#log.head, text, effectState }`,
      `{ type: 'checkpoint', version: this.#log.head - 1, text, effectState }`,
    ),
  ),
  mutant(
    'tailTooShort',
    'the tail of a join leads up to the head',
    owner(
      `const tail = isShort ? recent.between(version, head) : [];`,
      `const tail = isShort ? recent.between(version, head - 1) : [];`,
    ),
  ),
  focused(
    malice,
    mutant(
      'pastTheEnd',
      'operations that reach past the end of the text are rejected (docs/protocol.md#operations)',
      ot(`if (read > baseLength) {`, `if (read > 1e12) {`),
    ),
  ),
  focused(
    malice,
    mutant(
      'loneSurrogates',
      'operations with lone surrogates are rejected (docs/protocol.md#operations)',
      ot(
        `component === '' || !isWellFormed(component)`,
        `component === '' || (isWellFormed(component), false)`,
      ),
    ),
  ),
  focused(
    changingRoles,
    mutant(
      'accessNeverReadAgain',
      'the access epoch is polled, which makes up for a lost notification (I7)',
      owner(`this.#effects.push({ type: 'recheck', epoch, titleVersion });`, ``),
    ),
  ),
  focused(
    lonelyRoles,
    mutant(
      'accessForgottenAlone',
      'the access list is kept up to date also while the document has no sessions (I7)',
      owner(
        `this.#effects.push({ type: 'recheck', epoch, titleVersion });`,
        `if (this.#room.sessions.size > 0) this.#effects.push({ type: 'recheck', epoch, titleVersion });`,
      ),
    ),
  ),
  focused(
    overtakingRoles,
    mutant(
      'roleToldToTheJoin',
      'the role is repeated also to a connection that has rejoined (I9)',
      owner(
        `else this.#room.remove(session);`,
        `else {\n      this.#room.remove(session);\n      this.#grants.left(session);\n    }`,
      ),
    ),
  ),
  focused(
    changingRoles,
    mutant(
      'rolesOfTheJoin',
      'roles are decided again when the access list changes (I7)',
      owner(`this.#decideRoles(now);`, ``),
    ),
  ),
  focused(
    changingRoles,
    mutant(
      'viewersWrite',
      'operations of viewers and commenters are rejected (I7)',
      owner(`if (!may(session.role, 'write')) {`, `if (session.role === null) {`),
    ),
  ),
  focused(
    goneRoles,
    mutant(
      'everybodyComesIn',
      'a join without access is refused (I7)',
      owner(`if (this.#grants.roleOf(asker, now).role === null) {`, `if (this.#grants === null) {`),
      owner(
        `const { role, until: roleUntil } = grants.roleOf(asker, now);`,
        `const { until: roleUntil } = grants.roleOf(asker, now);\n    const role = 'viewer' as const;`,
      ),
      owner(`const { role, until } = this.roleOf(session.asker, now);\n    if (role === null) {`, `const { role, until } = this.roleOf(session.asker, now);\n    if (role === null && session.role !== 'viewer') {`), // prettier-ignore
    ),
  ),
  focused(
    leavers,
    mutant(
      'leaversListen',
      'a connection that left receives no more frames (I7)',
      owner(`this.#effects.push({ type: 'unjoined', session: number });`, ``),
    ),
  ),
  focused(
    shortProofs,
    mutant(
      'proofsNeverEnd',
      'a session ends when its proof of identity expires (I7)',
      owner(`if (now >= session.authorizedUntil) {`, `if (now < 0) {`),
    ),
  ),
  focused(
    shortProofs,
    mutant(
      'endedProofsOpen',
      'a join with an expired proof of identity is refused (I7)',
      owner(`if (now >= join.authorizedUntil) return this.#grants.refuseExpired(session);`, ``),
    ),
  ),
  focused(
    lostRoles,
    mutant(
      'roleToldOnce',
      'a changed role is repeated with the heartbeat (I9)',
      owner(`if (this.#toldRoles.has(session.number)) this.#sendRole(session);`, ``),
    ),
  ),
  focused(
    hastyAndCut,
    mutant(
      'rateFilledByJoining',
      'the token bucket of operations belongs to the person, and is not refilled by rejoining (I8)',
      owner(
        `submissions: this.#allowances.of(userId, limits, now),`,
        `submissions: new SubmissionAllowances().of(userId, limits, now),`,
      ),
    ),
  ),
  focused(
    forgotten,
    mutant(
      'forgottenTooEarly',
      'a client with state that the log does not have is not evicted (I4)',
      owner(
        `this.#clients.forget((each) => this.#isNeeded(each, now));`,
        `this.#clients.forget((each) => each === client);`,
      ),
    ),
  ),
  focused(
    longTailsFarApart,
    mutant(
      'resyncTooEarly',
      'a resync waits until the operations that the client sent are durable (I4)',
      owner(`if (client.assignedVersion > this.#log.head) return this.#room.move(session);`, ``),
    ),
  ),
  focused(
    forgotten,
    mutant(
      'forgottenForGood',
      'the position of an evicted client is read from the log before it joins (I4)',
      owner(`if (client === undefined || !isWindowKnown`, `if (!isWindowKnown`),
      owner(
        `const client = this.#clients.get(clientId, userId);`,
        `const client = this.#clients.learn(clientId, userId, null);`,
      ),
    ),
  ),
  focused(
    apiEdits,
    mutant(
      'apiEditNotRebased',
      'a REST edit is transformed over all operations since its base',
      owner(
        `const committed = recent.between(baseVersion).map(({ op }) => op);`,
        `const committed = recent.between(baseVersion + 1).map(({ op }) => op);`,
      ),
    ),
  ),
  focused(
    repeatedApiEdits,
    mutant(
      'apiRepetitionNotLookedUp',
      'a retried REST edit is looked up in the log',
      owner(
        `this.#clients.learn(clientId, userId, position);\n    if (assignedSeq === 0) return false;`,
        `this.#clients.learn(clientId, userId, null);\n    if (assignedSeq === 0) return false;`,
      ),
    ),
  ),
  focused(
    repeatedApiEdits,
    mutant(
      'apiRepetitionTakenIn',
      'a retried REST edit that is in the log is answered, not committed again',
      owner(
        `if (once !== undefined && this.#isRepeated(edit, once.position)) return;`,
        `if (once !== undefined) this.#clients.learn(clientId, userId, once.position);`,
      ),
    ),
  ),
  focused(
    apiEdits,
    mutant(
      'apiEditsApart',
      'each operation of a REST edit is transformed over the others transformed over the ones before',
      owner(`      return past;`, `      return past.length < 0 ? past : other;`),
    ),
  ),
];
