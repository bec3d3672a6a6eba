/**
 * Which table of the file each section of a transfer is, and how a column is a field. A test compares this with the
 * schema: a table or column that was added and is in neither list is a decision that was not made.
 */
import {
  keyFields,
  type AnyRecord,
  type RecordOf,
  type SectionName,
} from '../../ports/transfer-store.ts';
import {
  bytesIn,
  integerIn,
  integerOrNullIn,
  textIn,
  textOrNullIn,
  type Row,
  type SqlValue,
} from '../rows.ts';

/** How a field is stored. */
type Kind = 'text' | 'text?' | 'integer' | 'integer?' | 'flag' | 'bytes' | 'words';

export interface TableSection {
  readonly table: string;
  /**
   * Whether rows are of a document, by the integer key in column `document`: the record has its id instead, and the
   * section is in the order of ids. Of the others column `document` is the field alone.
   */
  readonly order: 'byDocument' | 'byOwnKey';
  readonly hasDocument: boolean;
  /** By field; the column is the same name in snake case, unless `columns` has another. */
  readonly fields: Readonly<Record<string, Kind>>;
  readonly columns?: Readonly<Record<string, string>>;
  /** The column whose length is that of a large record. */
  readonly large?: string;
}

/** Sections of which a record is one row of one table. `documents` and `keptAnswers` are made of their own code too. */
export const tableSections: { readonly [S in SectionName]: TableSection } = {
  secrets: ownKey('secrets', { name: 'text', value: 'bytes' }),
  signingKeys: ownKey('signing_keys', {
    ...{ purpose: 'text', kid: 'text', value: 'bytes', createdAt: 'integer' },
    retiredAt: 'integer?',
  }),
  retentionTime: ownKey('retention_time', { creditedAt: 'integer', wallAt: 'integer' }),
  people: ownKey('people', { userId: 'text', name: 'text' }),
  accounts: ownKey('accounts', {
    ...{ userId: 'text', userName: 'text', email: 'text?', passwordHash: 'text?' },
    ...{ subject: 'text?', isAdmin: 'flag', createdAt: 'integer', disabledAt: 'integer?' },
  }),
  authSessions: ownKey('auth_sessions', {
    ...{ id: 'text', userId: 'text', tokenHash: 'text', formerTokenHash: 'text?' },
    ...{ attemptHash: 'text?', rotatedAt: 'integer', createdAt: 'integer', lastUsedAt: 'integer' },
    ...{ expiresAt: 'integer', provenAt: 'integer', userAgent: 'text', address: 'text' },
  }),
  apiTokens: ownKey('api_tokens', {
    ...{ id: 'text', userId: 'text', label: 'text', tokenHash: 'text', scopes: 'words' },
    ...{ createdAt: 'integer', lastUsedAt: 'integer?', expiresAt: 'integer?' },
  }),
  invitations: ownKey('invitations', {
    ...{ id: 'text', tokenHash: 'text', label: 'text', isAdmin: 'flag', createdBy: 'text?' },
    ...{ createdAt: 'integer', expiresAt: 'integer', usedBy: 'text?' },
  }),
  keptAnswers: ownKey('kept_answers', {
    ...{ key: 'text', requestHash: 'text', at: 'integer' },
    ...{ status: 'integer', headers: 'text', body: 'text' },
  }),
  storageDays: ownKey('storage_days', { bucket: 'text', bytes: 'integer', at: 'integer' }),
  documents: byDocument('documents', {
    ...{ title: 'text', titleVersion: 'integer', createdBy: 'text', createdAt: 'integer' },
    ...{ updatedAt: 'integer', anyone: 'text', accessEpoch: 'integer', trashedAt: 'integer?' },
  }),
  shareLinks: {
    ...ownKey('share_links', {
      ...{ id: 'text', role: 'text', label: 'text', tokenHash: 'text', passwordHash: 'text?' },
      ...{ createdBy: 'text', createdAt: 'integer', expiresAt: 'integer?' },
    }),
    hasDocument: true,
  },
  linkOpenings: {
    ...ownKey('link_openings', { linkId: 'text', userId: 'text' }),
    columns: { linkId: 'link' },
  },
  documentInvitations: {
    ...ownKey('document_invitations', {
      ...{ id: 'text', invitedBy: 'text', invited: 'text', userId: 'text?', role: 'text' },
      ...{ createdAt: 'integer', expiresAt: 'integer', declinedAt: 'integer?' },
      isWithdrawn: 'flag',
    }),
    hasDocument: true,
  },
  personal: byDocument('library', {
    ...{ userId: 'text', visitedAt: 'integer?', starred: 'flag', folder: 'text' },
  }),
  storageUsage: byDocument('storage_usage', { userId: 'text', bytes: 'integer' }),
  checkpoints: {
    ...byDocument('checkpoints', {
      ...{ version: 'integer', compressedText: 'bytes', checksum: 'integer' },
      ...{ lengthCodePoints: 'integer', effectState: 'text?', rowChecksum: 'integer' },
    }),
    columns: { checksum: 'text_checksum', rowChecksum: 'compressed_checksum' },
    large: 'compressed_text',
  },
  batches: {
    ...byDocument('batches', {
      ...{ firstVersion: 'integer', lastVersion: 'integer', checksum: 'integer', payload: 'bytes' },
    }),
    large: 'payload',
  },
  formerAccounts: ownKey('former_accounts', { userId: 'text' }),
  removedDocuments: byDocument('removed_documents', {}),
};

/** Tables that are no section, and why. */
export const otherTables: Readonly<Record<string, string>> = {
  store:
    'The history id, which a transfer carries by itself, and whether files beside this one exist.',
  document_keys: 'Integer keys of this file alone.',
  client_positions: 'Derived from the log.',
  grants: 'In the records of documents.',
  renames: 'In the records of documents.',
};

/** Columns of the sections' tables that are no field: `batches.place` is a key of this file alone. */
export const otherColumns: Readonly<Record<string, readonly string[]>> = {
  batches: ['place'],
  retention_time: ['only'],
};

function ownKey(table: string, fields: TableSection['fields']): TableSection {
  return { table, order: 'byOwnKey', hasDocument: false, fields };
}

function byDocument(table: string, fields: TableSection['fields']): TableSection {
  return { table, order: 'byDocument', hasDocument: true, fields };
}

export function columnOf({ columns = {} }: TableSection, field: string): string {
  return columns[field] ?? field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The columns by which a section is in order, within a document where it is by documents. */
export function orderColumnsOf(section: SectionName): readonly string[] {
  const table = tableSections[section];
  const fields: readonly string[] = keyFields[section];
  return fields.filter((field) => field !== 'documentId').map((field) => columnOf(table, field));
}

/** The list that selects the fields, each by its own name; texts as bytes (rows.ts, `textIn`). */
export function selectionOf(table: TableSection): string {
  const fields = Object.entries(table.fields).map(([field, kind]) => {
    const column = `t.${columnOf(table, field)}`;
    const isText = kind === 'text' || kind === 'text?' || kind === 'words';
    return `${isText ? `CAST(${column} AS BLOB)` : column} AS ${field}`;
  });
  return [...(table.hasDocument ? ['CAST(k.id AS BLOB) AS documentId'] : []), ...fields].join(', ');
}

/** What the row holds by field, as far as it is one row of one table. */
export function fieldsIn(table: TableSection, row: Row): Record<string, unknown> {
  const fields: Record<string, unknown> = table.hasDocument ? { documentId: textIn(row, 'documentId') } : {}; // prettier-ignore
  for (const [field, kind] of Object.entries(table.fields))
    fields[field] = valueIn(row, field, kind);
  return fields;
}

function valueIn(row: Row, field: string, kind: Kind): unknown {
  switch (kind) {
    case 'text':
      return textIn(row, field);
    case 'text?':
      return textOrNullIn(row, field);
    case 'integer':
      return integerIn(row, field);
    case 'integer?':
      return integerOrNullIn(row, field);
    case 'flag':
      return integerIn(row, field) === 1;
    case 'words':
      return textIn(row, field).split(' ').filter(Boolean);
    case 'bytes':
      return Buffer.from(bytesIn(row, field)).toString('base64');
  }
}

/** The values of the columns for the fields of a record, in the order of `fields`. */
export function valuesOf(table: TableSection, record: AnyRecord): readonly SqlValue[] {
  const given = record as Readonly<Record<string, unknown>>;
  return Object.entries(table.fields).map(([field, kind]) => sqlValueOf(given[field], kind));
}

function sqlValueOf(value: unknown, kind: Kind): SqlValue {
  if (kind === 'flag') return value === true ? 1 : 0;
  if (kind === 'words') return (value as readonly string[]).join(' ');
  if (kind === 'bytes') return Buffer.from(value as string, 'base64');
  return value as SqlValue;
}

export type DocumentLists = Pick<RecordOf<'documents'>, 'people' | 'renames'>;
