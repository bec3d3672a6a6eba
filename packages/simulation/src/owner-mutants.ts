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
      'a claim to have another text is proven by the history that the claimer knows (docs/protocol.md#divergence)',
      owner(`return head !== undefined && isSameOperation(head, own.entry);`, `return true;`),
      owner(`if (historyId !== own.historyId) return false;`, ``),
    ),
  ),
  focused(
    restored,
    mutant(
      'historyNotCompared',
      'a join whose operation the log does not have is of another history (docs/protocol.md#another-history)',
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
      'an operation before the window is read from the log to be compared (docs/protocol.md#another-history)',
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
      'a text that names no operation is compared with the log’s at its version (docs/protocol.md#another-history)',
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
    'a number that was decided is never decided again (docs/protocol.md#exactly-once)',
    owner(`if (seq <= client.decidedSeq) return this.#rejections.repeat(number, client, seq);`, ``),
    owner(`baseVersion > head || isBeforeOwn`, `baseVersion > head`),
  ),
  mutant(
    'dedupeForgotten',
    'what was decided is read from the log when the owner starts (exactly once)',
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
      'a rejection uses up its number, and a join says so after a restart (docs/protocol.md#rejected-numbers)',
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
      'a rejection waits until nothing of a former owner can land (docs/protocol.md#rejections)',
      owner(`#isSettled = false;`, `#isSettled = true;`),
    ),
  ),
  mutant(
    'noFence',
    'a join ends the former session of its client: late packets are dropped (docs/protocol.md#epochs)',
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
      'what the store knows of one client is never learned for another (exactly once)',
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
      'an operation of a page that lost what it sent is no base of what it sends next (docs/protocol.md#exactly-once)',
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
      'what the store knows of one join is never taken for another of the same client (docs/protocol.md#another-history)',
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
    'a stale submission is transformed over everything since',
    owner(
      `for (const { op } of recent.between(baseVersion)) {`,
      `for (const { op } of recent.between(baseVersion + 1)) {`,
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
      'after a failed append the state is dropped (log first)',
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
      'a position beyond the head says that somebody else wrote the log (log first)',
      owner(`input.position.version > this.#log.head`, `input.position.version < 0`),
    ),
  ),
  focused(
    failingAppends,
    mutant(
      'duplicateIgnored',
      'a duplicate key says that somebody else wrote the log (log first)',
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
      'the owner tells quiet sessions the head (I9)',
      owner(`this.#effects.broadcast({ type: 'head', body: { version: this.#log.head } });`, ``),
    ),
  ),
  mutant(
    'checkpointOfAnother',
    'a checkpoint is the text of its version (I6)',
    owner(
      `{ type: 'checkpoint', version: this.#log.head, text: this.current }`,
      `{ type: 'checkpoint', version: this.#log.head - 1, text: this.current }`,
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
      'operations that reach past the end are refused (docs/protocol.md#operations)',
      ot(`if (read > baseLength) {`, `if (read > 1e12) {`),
    ),
  ),
  focused(
    malice,
    mutant(
      'loneSurrogates',
      'lone surrogates are refused (docs/protocol.md#operations)',
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
      'a lost notification is made up for: the store is asked now and then (I7)',
      owner(`this.#effects.push({ type: 'recheck', epoch, titleVersion });`, ``),
    ),
  ),
  focused(
    lonelyRoles,
    mutant(
      'accessForgottenAlone',
      'the access list is kept up also while nobody is in the document (I7)',
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
      'a role is told again also to a connection that has joined anew (I9)',
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
      'roles are live: they are decided again when the access list changes (I7)',
      owner(`this.#decideRoles(now);`, ``),
    ),
  ),
  focused(
    changingRoles,
    mutant(
      'viewersWrite',
      'whoever may only read writes nothing (I7)',
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
      'whoever is not a session any more hears nothing (I7)',
      owner(`this.#effects.push({ type: 'unjoined', session: number });`, ``),
    ),
  ),
  focused(
    shortProofs,
    mutant(
      'proofsNeverEnd',
      'a proof of identity ends (I7)',
      owner(`if (now >= session.authorizedUntil) {`, `if (now < 0) {`),
    ),
  ),
  focused(
    shortProofs,
    mutant(
      'endedProofsOpen',
      'a proof that has ended opens nothing (I7)',
      owner(`if (now >= join.authorizedUntil) return this.#grants.refuseExpired(session);`, ``),
    ),
  ),
  focused(
    lostRoles,
    mutant(
      'roleToldOnce',
      'a new role is told again with the heartbeat (I9)',
      owner(`if (this.#toldRoles.has(session.number)) this.#sendRole(session);`, ``),
    ),
  ),
  focused(
    hastyAndCut,
    mutant(
      'rateFilledByJoining',
      'the allowance of operations is a person’s, and not filled up by joining again (I8)',
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
      'a client is not forgotten while something is known of it that the log does not have (I4)',
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
      'a client is sent to a snapshot only when what it sent before is durable (I4)',
      owner(`if (client.assignedVersion > this.#log.head) return this.#room.move(session);`, ``),
    ),
  ),
  focused(
    forgotten,
    mutant(
      'forgottenForGood',
      'of a client that was forgotten the log is asked before it joins (I4)',
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
      'an edit by the REST API is moved over everything since its base',
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
      'an edit by the REST API that is sent again is looked up in the log',
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
      'an edit by the REST API that is sent again is answered, not taken in',
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
      'of several operations each is moved over what the ones before leave of the others',
      owner(`      return past;`, `      return past.length < 0 ? past : other;`),
    ),
  ),
];
