import { documentPath } from '@concord/protocol';
import { expect, test } from 'vitest';
import { routeOfPath } from './routes.ts';

const id = 'abcdefghijklmnopqrstuvwx23';

test('addresses and the pages that they show', () => {
  expect(routeOfPath('/')).toEqual({ name: 'list' });
  expect(routeOfPath('/new')).toEqual({ name: 'new' });
  expect(routeOfPath(`/d/${id}`)).toEqual({ name: 'document', documentId: id });
  expect(routeOfPath(documentPath(id, 'Ça va? Übung / 漢字'))).toMatchObject({ documentId: id });
  expect(routeOfPath('/d/too-short')).toEqual({ name: 'notFound' });
  expect(routeOfPath(`/d/${id}/history/3`)).toEqual({ name: 'notFound' });
  expect(routeOfPath(`/s/${id}`)).toEqual({ name: 'shareLink', token: id });
  expect(routeOfPath('/elsewhere')).toEqual({ name: 'notFound' });
});
