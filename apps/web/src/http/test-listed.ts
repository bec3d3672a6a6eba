/** For tests: documents as in lists. */
import type { DocumentId, ListedDocument } from '@concord/protocol';

export const idOf = (name: string): DocumentId => name.padEnd(26, 'a') as DocumentId;

/** A listed document with its name as id and title. */
export function listed(name: string, more: Partial<ListedDocument> = {}): ListedDocument {
  return {
    id: idOf(name),
    title: name,
    titleVersion: 0,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    url: `/d/${idOf(name)}`,
    role: 'owner',
    anyone: 'off',
    owner: { userId: 'ann', name: 'Ann' },
    trashedAt: null,
    starred: false,
    folder: '',
    visitedAt: null,
    links: {},
    ...more,
  };
}
