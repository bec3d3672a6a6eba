import { DocumentText, insertAt } from '@concord/ot';
import { randomClientId, randomDocumentId } from '@concord/protocol';
import { expect, it } from 'vitest';
import { branchesOf, mergeCopy } from './merge-copy.ts';
import { newReplica } from './new-replica.ts';
import { bufferOf } from './replica.ts';

const own = randomClientId();
const head = { clientId: own, seq: 3, at: 1 };
const serverText = (text: string) => ({
  version: 35,
  text: DocumentText.from(text),
  head,
  historyId: 'history',
});
const copyOf = (confirmed: string) => ({
  ...newReplica(randomDocumentId(), randomClientId(), 'ann'),
  version: 30,
  epoch: 9,
  nextSeq: 12,
  opened: true,
  confirmed: DocumentText.from(confirmed),
});

it('everything the copy has and the server lacks is inserted, and nothing of the server is deleted', () => {
  const copy = { ...copyOf('one\ntwo\nthree\n'), pending: insertAt(0, 'zero\n'), pendingEdits: 1 };
  const merged = mergeCopy(copy, serverText('one\nthree\nfour\n'), own, true);
  expect(bufferOf(merged).visible.toString()).toBe('zero\none\ntwo\nthree\nfour\n');
  expect(merged.pending.every((part) => typeof part !== 'object')).toBe(true);
});

it('a line that is different in both stands twice, and neither is made of pieces of both', () => {
  const merged = mergeCopy(copyOf('a\nsay yes now\nb'), serverText('a\nsay no now\nb'), own, true);
  expect(bufferOf(merged).visible.toString()).toBe('a\nsay no now\nsay yes now\nb');
});

it('the merged replica is a new client of the server’s history, for the same person', () => {
  const copy = copyOf('a');
  expect(mergeCopy(copy, serverText('b'), own, true)).toMatchObject({
    documentId: copy.documentId,
    clientId: own,
    userId: 'ann',
    ...{ epoch: 0, nextSeq: 1, inFlight: null, opened: true, isNew: false },
    ...{ version: 35, head, historyId: 'history', pendingEdits: 1 },
  });
});

it('a copy that has nothing more leaves nothing to send', () => {
  const merged = mergeCopy(copyOf('a\nb'), serverText('a\nb\nc'), own, true);
  expect(merged).toMatchObject({ pending: [], pendingEdits: 0 });
});

it('whoever may not write goes on with the server’s text', () => {
  const merged = mergeCopy(copyOf('mine'), serverText('theirs'), own, false);
  expect(bufferOf(merged).visible.toString()).toBe('theirs');
});

it('a review sees two branches of what both have, and the merged text has both', () => {
  const [server, copy] = [
    DocumentText.from('hi\nsay no now'),
    DocumentText.from('hi\nsay yes now!'),
  ];
  const { base, mine, theirs } = branchesOf(server, copy);
  expect(base.apply(mine).toString()).toBe(copy.toString());
  expect(base.apply(theirs).toString()).toBe(server.toString());
});
