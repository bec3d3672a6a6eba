/** How the tables of the memory store are the sections of a transfer. */
import { crc32 } from 'node:zlib';
import type { AnyoneAccess, LinkRole, RenameId, Role, TokenScope } from '@concord/protocol';
import { compareText } from '../../platform/core/text-order.ts';
import type { Batch, Checkpoint } from '../ports/store.ts';
import type { RecordOf, SectionName } from '../ports/transfer-store.ts';
import { batchOfRecord, idOf, recordOfBatch } from '../transfer/batch-records.ts';
import { removeDocument } from './documents.ts';
import type { MemoryState, PersonalRow } from './memory-state.ts';
import { keyOf } from './tables.ts';

/** Operations in one record of a log, which the memory store keeps without batches. */
const BATCH = 200;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

export const recordsIn: {
  readonly [S in SectionName]: (state: MemoryState) => readonly RecordOf<S>[];
} = {
  secrets: ({ secrets }) =>
    [...secrets.keys()].map((name) => ({ name, value: base64(secrets.get(name) ?? new Uint8Array()) })), // prettier-ignore
  signingKeys: ({ signingKeys }) =>
    signingKeys.values().map(({ purpose, kid, value, createdAt, retiredAt }) => ({
      ...{ purpose, kid, value: base64(value), createdAt, retiredAt },
    })),
  retentionTime: ({ retentionTime }) =>
    retentionTime.values().map(({ creditedAt, wallAt }) => ({ creditedAt, wallAt })),
  people: ({ names }) => [...names.keys()].map((userId) => ({ userId, name: names.get(userId) ?? '' })), // prettier-ignore
  accounts: ({ accounts }) =>
    accounts.values().map((each) => ({
      ...{ userId: each.userId, userName: each.userName, email: each.email },
      ...{ passwordHash: each.passwordHash, subject: each.subject, isAdmin: each.isAdmin },
      ...{ createdAt: each.createdAt, disabledAt: each.disabledAt },
    })),
  authSessions: ({ sessions }) =>
    sessions.values().map((each) => ({
      ...{ id: each.id, userId: each.userId, tokenHash: each.tokenHash },
      ...{ formerTokenHash: each.formerTokenHash, attemptHash: each.attemptHash },
      ...{ rotatedAt: each.rotatedAt, createdAt: each.createdAt, lastUsedAt: each.lastUsedAt },
      ...{ expiresAt: each.expiresAt, provenAt: each.provenAt, userAgent: each.userAgent },
      address: each.address,
    })),
  apiTokens: ({ tokens }) =>
    tokens.values().map((each) => ({
      ...{ id: each.id, userId: each.userId, label: each.label, tokenHash: each.tokenHash },
      ...{ scopes: [...each.scopes], createdAt: each.createdAt, lastUsedAt: each.lastUsedAt },
      expiresAt: each.expiresAt,
    })),
  invitations: ({ invitations }) =>
    invitations.values().map((each) => ({
      ...{ id: each.id, tokenHash: each.tokenHash, label: each.label, isAdmin: each.isAdmin },
      ...{ createdBy: each.createdBy, createdAt: each.createdAt, expiresAt: each.expiresAt },
      usedBy: each.usedBy,
    })),
  keptAnswers: ({ requests }) =>
    [...requests.keys()].flatMap((key) => {
      const row = requests.get(key);
      if (row === undefined) return [];
      const { begun, answer } = row;
      const kept =
        answer === null
          ? null
          : { status: answer.status, headers: { ...answer.headers }, body: answer.body };
      return [{ key, requestHash: begun.requestHash, at: begun.at, answer: kept }];
    }),
  storageDays: ({ storageDays }) =>
    storageDays.values().map(({ bucket, bytes, at }) => ({ bucket, bytes, at })),
  documents: ({ documents }) =>
    documents.values().map(({ stored, anyone, epoch, trashedAt, people, renames }) => ({
      ...{ documentId: stored.id, title: stored.title, titleVersion: stored.titleVersion },
      ...{ createdBy: stored.createdBy, createdAt: stored.createdAt, updatedAt: stored.updatedAt },
      ...{ anyone, accessEpoch: epoch, trashedAt },
      people: [...people]
        .map(([userId, role]) => ({ userId, role }))
        .sort((one, other) => compareText(one.userId, other.userId)),
      renames: renames
        .map(({ renameId, titleVersion }) => ({ renameId, titleVersion }))
        .sort((one, other) => one.titleVersion - other.titleVersion || compareText(one.renameId, other.renameId)), // prettier-ignore
    })),
  shareLinks: ({ links }) =>
    links.values().map(({ record: each }) => ({
      ...{ id: each.id, documentId: each.documentId, role: each.role, label: each.label },
      ...{ tokenHash: each.tokenHash, passwordHash: each.passwordHash, createdBy: each.createdBy },
      ...{ createdAt: each.createdAt, expiresAt: each.expiresAt },
    })),
  linkOpenings: ({ links }) =>
    links
      .values()
      .flatMap(({ record: { id: linkId, documentId }, openedBy }) =>
        [...openedBy].map((userId) => ({ linkId, userId, documentId })),
      ),
  documentInvitations: ({ documentInvitations }) =>
    documentInvitations.values().map(({ record: each, declinedAt, isWithdrawn }) => ({
      ...{ id: each.id, documentId: each.documentId, invitedBy: each.invitedBy },
      ...{ invited: each.invited, userId: each.userId, role: each.role },
      ...{ createdAt: each.createdAt, expiresAt: each.expiresAt, declinedAt, isWithdrawn },
    })),
  personal: ({ documents }) =>
    documents.values().flatMap(({ stored: { id: documentId }, personal }) =>
      [...personal].map(([userId, { visitedAt, starred, folder }]) => ({
        ...{ documentId, userId, visitedAt, starred, folder },
      })),
    ),
  storageUsage: ({ documents }) =>
    documents
      .values()
      .flatMap(({ stored: { id: documentId }, usage }) =>
        [...usage].map(([userId, bytes]) => ({ documentId, userId, bytes })),
      ),
  checkpoints: (state) =>
    [...state.checkpoints.keys()]
      .filter((documentId) => state.documents.has(documentId))
      .flatMap((documentId) =>
        (state.checkpoints.get(documentId) ?? []).map((each) => ({
          ...{ documentId, version: each.version, compressedText: base64(each.compressedText) },
          ...{ checksum: each.checksum, lengthCodePoints: each.lengthCodePoints },
          effectState: each.effectState ?? null,
          rowChecksum: crc32(each.effectState ?? '', crc32(each.compressedText)),
        })),
      ),
  batches: (state) =>
    [...state.documents.keys()].flatMap((documentId) => batchesOf(state, documentId)),
  formerAccounts: ({ formerAccounts }) => [...formerAccounts.keys()].map((userId) => ({ userId })),
  removedDocuments: ({ removedDocuments }) =>
    [...removedDocuments.keys()].map((documentId) => ({ documentId })),
};

function batchesOf(state: MemoryState, documentId: Batch['documentId']): RecordOf<'batches'>[] {
  const operations = state.logs.get(documentId) ?? [];
  const starts = state.ownerEpochs.get(documentId) ?? [];
  return starts.flatMap(({ version, epoch }, place) => {
    const end = starts[place + 1]?.version ?? operations.length + 1;
    const batches: RecordOf<'batches'>[] = [];
    for (let firstVersion = version; firstVersion < end; firstVersion += BATCH) {
      const some = operations.slice(firstVersion - 1, Math.min(firstVersion + BATCH, end) - 1);
      const batch = { documentId, firstVersion, operations: some };
      batches.push(recordOfBatch(epoch === 0 ? batch : { ...batch, epoch }));
    }
    return batches;
  });
}

export const writers: {
  readonly [S in SectionName]: (state: MemoryState, record: RecordOf<S>) => void;
} = {
  secrets: ({ secrets }, { name, value }) => secrets.set(name, bytesOf(value)),
  signingKeys: ({ signingKeys }, { value, ...key }) =>
    signingKeys.set(keyOf(key.purpose, key.kid), { ...key, value: bytesOf(value) }),
  retentionTime: ({ retentionTime }, time) => retentionTime.set('only', time),
  people: ({ names }, { userId, name }) => names.set(userId, name),
  accounts: ({ accounts }, account) => accounts.set(account.userId, account),
  authSessions: ({ sessions }, session) => sessions.set(session.id, session),
  apiTokens: ({ tokens }, { scopes, ...token }) =>
    tokens.set(token.id, { ...token, scopes: scopes as TokenScope[] }),
  invitations: ({ invitations }, invitation) => invitations.set(invitation.id, invitation),
  keptAnswers: ({ requests }, { key, requestHash, at, answer }) =>
    requests.set(key, {
      begun: { requestHash, at },
      answer: answer === null ? null : { requestHash, ...answer, at },
    }),
  storageDays: ({ storageDays }, day) => storageDays.set(day.bucket, day),
  documents: ({ documents }, record) => {
    const { documentId, anyone, accessEpoch, trashedAt, people, renames, ...stored } = record;
    const id = idOf(documentId);
    if (documents.has(id)) return;
    documents.set(id, {
      stored: { id, ...stored },
      anyone: anyone as AnyoneAccess,
      epoch: accessEpoch,
      trashedAt,
      people: new Map(people.map(({ userId, role }) => [userId, role as Role])),
      personal: new Map(),
      renames: renames.map(({ renameId, titleVersion }) => ({ renameId: renameId as RenameId, titleVersion })), // prettier-ignore
      usage: new Map(),
    });
  },
  shareLinks: (state, { documentId, role, ...link }) => {
    const id = idOf(documentId);
    if (!state.documents.has(id)) return;
    const openedBy = state.links.get(link.id)?.openedBy ?? new Set<string>();
    state.links.set(link.id, { record: { ...link, documentId: id, role: role as LinkRole }, openedBy }); // prettier-ignore
  },
  linkOpenings: ({ links }, { linkId, userId }) => {
    const row = links.get(linkId);
    if (row !== undefined) links.set(linkId, { ...row, openedBy: new Set([...row.openedBy, userId]) }); // prettier-ignore
  },
  documentInvitations: (state, { declinedAt, isWithdrawn, documentId, role, ...record }) => {
    const id = idOf(documentId);
    if (!state.documents.has(id)) return;
    const own = { ...record, documentId: id, role: role as Role };
    state.documentInvitations.set(record.id, { record: own, declinedAt, isWithdrawn });
  },
  personal: (state, { documentId, userId, visitedAt, starred, folder }) => {
    const row: PersonalRow = { visitedAt, starred, folder };
    state.changeDocument(idOf(documentId), ({ personal }) => ({
      personal: new Map(personal).set(userId, row),
    }));
  },
  storageUsage: (state, { documentId, userId, bytes }) =>
    state.changeDocument(idOf(documentId), ({ usage }) => ({
      usage: new Map(usage).set(userId, bytes),
    })),
  checkpoints: (state, { documentId, compressedText, effectState, ...record }) => {
    const id = idOf(documentId);
    if (!state.documents.has(id)) return;
    const { version, checksum, lengthCodePoints } = record;
    const text = { version, compressedText: bytesOf(compressedText), checksum, lengthCodePoints };
    const added: Checkpoint = effectState === null ? text : { ...text, effectState };
    const others = (state.checkpoints.get(id) ?? []).filter((each) => each.version !== version);
    state.checkpoints.set(id, [...others, added].sort((one, other) => one.version - other.version)); // prettier-ignore
  },
  batches: (state, record) => {
    const id = idOf(record.documentId);
    const { firstVersion, epoch = 0, operations } = batchOfRecord(record);
    const head = state.headVersion(id);
    if (!state.documents.has(id) || firstVersion <= head) return;
    state.logs.set(id, [...(state.logs.get(id) ?? []), ...operations]);
    const starts = state.ownerEpochs.get(id) ?? [];
    if (starts.at(-1)?.epoch !== epoch) {
      state.ownerEpochs.set(id, [...starts, { version: firstVersion, epoch }]);
    }
  },
  formerAccounts: (state, { userId }) => {
    state.accounts.delete(userId);
    state.sessions.deleteWhere((session) => session.userId === userId);
    state.tokens.deleteWhere((token) => token.userId === userId);
    state.formerAccounts.set(userId, true);
  },
  removedDocuments: (state, { documentId }) => {
    const id = idOf(documentId);
    removeDocument(state, id);
    state.removedDocuments.set(id, true);
  },
};

/** What of a state a transfer carries, and why it does not carry the rest. A table that is added does not compile. */
type NotData =
  'historyId' | 'journal' | 'headVersion' | 'linksOf' | 'changeDocument' | 'raiseEpoch';
export const tableDecisions: Readonly<Record<Exclude<keyof MemoryState, NotData>, string>> = {
  documents: 'documents, personal, storageUsage',
  removedDocuments: 'removedDocuments',
  logs: 'batches',
  ownerEpochs: 'batches',
  checkpoints: 'checkpoints',
  links: 'shareLinks, linkOpenings',
  documentInvitations: 'documentInvitations',
  names: 'people',
  accounts: 'accounts',
  formerAccounts: 'formerAccounts',
  invitations: 'invitations',
  sessions: 'authSessions',
  tokens: 'apiTokens',
  requests: 'keptAnswers',
  secrets: 'secrets',
  signingKeys: 'signingKeys',
  storageDays: 'storageDays',
  retentionTime: 'retentionTime',
  indexedTexts: 'none: derived from the texts',
};
