/** Fills a store by its port, so that every section of a transfer has records; for the tests of transfers. */
import { gzipSync } from 'node:zlib';
import { DocumentText, textChecksum } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import { batchOf, documentId, operationBy, recordOf, renameTo } from '../test-batches.ts';
import {
  accountOf,
  documentInvitationOf,
  invitationOf,
  linkOf,
  sessionOf,
  tokenOf,
} from '../test-records.ts';
import type { Checkpoint, LoggedOperation, Store } from '../ports/store.ts';

export interface Filling {
  readonly documents: number;
  /** Batches of each document. */
  readonly batches: number;
  readonly people: number;
  /** Put into names, titles and texts. */
  readonly word: string;
}

export const filledDocument = (place: number): DocumentId => documentId(`filled-${place}`);

/** Names and titles that a store must order and keep as they are: quotes, other planes, combining marks. */
const odd = ['"', '\\', '😀', '\uffee', 'é', 'e\u0301', '\u0000', ' '];
const oddly = (place: number, word: string): string => `${word}${odd[place % odd.length]}${place}`;

/** Insertions that fit whatever text there is. */
function atTheStart(operations: readonly LoggedOperation[]): readonly LoggedOperation[] {
  return operations.map((operation) => ({ ...operation, op: [`${operation.seq} `] }));
}

function checkpointOf(text: string, version: number, effectState?: string): Checkpoint {
  const compressedText = gzipSync(text);
  const plain = { version, compressedText, checksum: textChecksum(text), lengthCodePoints: [...text].length }; // prettier-ignore
  return effectState === undefined ? plain : { ...plain, effectState };
}

export async function fillStore(
  store: Store,
  { documents, batches, people, word }: Filling,
): Promise<void> {
  const answer = {
    requestHash: 'r',
    status: 201,
    headers: { etag: `"${word}"` },
    body: word,
    at: 5,
  };
  for (let place = 0; place < people; place += 1) {
    const userId = oddly(place, 'user');
    await store.people.setName(userId, oddly(place, word));
    const account = accountOf(userId, { email: `${place}@example.org`, isAdmin: place === 0, disabledAt: place === 1 ? 9 : null }); // prettier-ignore
    await store.accounts.create(account, null);
    await store.authSessions.create(sessionOf(`session-${oddly(place, word)}`, userId, { attemptHash: 'a' })); // prettier-ignore
    await store.apiTokens.create(tokenOf(`token-${place}`, userId, { expiresAt: 7 }));
    await store.invitations.create(invitationOf(`invitation-${place}`));
  }
  await store.accounts.create(accountOf('gone'), null);
  await store.accounts.remove('gone');
  await store.keptAnswers.begin('begun', { requestHash: 'h', at: 3 }, 0);
  await store.keptAnswers.put('answered', answer);
  await store.secret('tokens');
  await store.signingKeys.begin(['access', 'refresh'], 4);
  await store.signingKeys.rotate([{ purpose: 'access', kid: 'second' }], 8, false);
  await store.retention.setTime({ creditedAt: 11, wallAt: 12 });
  await store.usage.keepDays([{ bucket: oddly(2, word), bytes: 100, at: 50 }], 0);
  for (let place = 0; place < documents; place += 1) {
    const id = filledDocument(place);
    const operations = place % 2 === 0 ? atTheStart([operationBy('ann', 1, word, 20)]) : [];
    await store.documents.createWithText({
      ...{ record: recordOf(id, { title: oddly(place, word) }), anyone: 'viewer', operations },
      folder: place % 3 === 0 ? oddly(place, 'folder') : '',
    });
    let version = operations.length;
    for (let batch = 0; batch < batches; batch += 1) {
      const count = 1 + ((batch + place) % 3);
      const name = batch % 2 === 0 ? 'ann' : 'ben';
      const added = batchOf(id, version + 1, count, name);
      const epoch = 1 + Math.floor(batch / 2);
      await store.log.append({ ...added, operations: atTheStart(added.operations), epoch });
      version += count;
    }
    if (version > 0) await store.checkpoints.write(id, checkpointOf(oddly(place, word), version, place % 2 === 0 ? '{"a":1}' : undefined)); // prettier-ignore
    await store.documents.rename(id, renameTo(oddly(place + 1, word), { renameId: `rename-${place}`.padEnd(22, '0') as never }), 30); // prettier-ignore
    await store.access.grant(id, oddly(0, 'user'), 'editor');
    await store.access.addLink(linkOf(`link-${place}`, id, { expiresAt: 1_000 }));
    await store.access.openLink(`link-${place}`, oddly(1, 'user'));
    await store.access.openLink(`link-${place}`, oddly(2, 'user'));
    await store.documentInvitations.invite(documentInvitationOf(`to-${place}`, id));
    if (place % 2 === 0) await store.documentInvitations.decline(`to-${place}`, 'eve', 2);
    await store.library.recordVisit(oddly(1, 'user'), id, 40);
    await store.library.setStarred(oddly(2, 'user'), id, true);
    await store.usage.charge([{ userId: 'ann', documentId: id, bytes: 10 + place }]);
    if (place % 4 === 3) await store.documents.setTrashed(id, 60);
  }
  const purged = documentId('purged');
  await store.documents.createWithText({ record: recordOf(purged), anyone: 'off', operations: [operationBy('ann', 1)], folder: '' }); // prettier-ignore
  await store.documents.remove(purged);
}

/** As {@link fillStore}, with checkpoints that are what the log gives: what is checked document by document is sound. */
export async function fillSoundStore(store: Store, filling: Filling): Promise<void> {
  await fillStore(store, filling);
  for (let place = 0; place < filling.documents; place += 1) {
    const id = filledDocument(place);
    await store.checkpoints.discardAfter(id, 0);
    let text = DocumentText.empty;
    const head = await store.log.headVersion(id);
    for (const { op } of await store.log.read(id, 0, head)) text = text.apply(op);
    await store.checkpoints.write(id, checkpointOf(text.toString(), head));
  }
}
