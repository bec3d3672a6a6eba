/** Reads everything of a database file for a transfer, over one connection: in one transaction it is one snapshot. */
import { compareText } from '../../../platform/core/text-order.ts';
import {
  PAGE_BYTES,
  PAGE_RECORDS,
  recordSchemas,
  keyOfRecord,
  type RecordKey,
  type RecordOf,
  type SectionName,
  type TransferSource,
} from '../../ports/transfer-store.ts';
import { bytesIn, integerIn, Statements, textIn, type Connection, type Row, type SqlValue } from '../rows.ts'; // prettier-ignore
import {
  fieldsIn,
  orderColumnsOf,
  selectionOf,
  tableSections,
  type DocumentLists,
} from './transfer-tables.ts';

const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export function sqliteSource(connection: Connection, historyId: string): TransferSource {
  const sql = new Statements(connection);
  return {
    historyId,
    async *pages<S extends SectionName>(section: S, after: RecordKey | null) {
      for (let last = after; ;) {
        const rows = pageOf(sql, section, last);
        const records = rows.map((row) => recordIn(sql, section, row));
        const newest = records.at(-1);
        if (newest === undefined) {
          const rest = restAfter(section, last);
          if (rest === null) return;
          last = rest;
          continue;
        }
        yield records;
        last = keyOfRecord(section, newest);
      }
    },
  };
}

/** Behind the last record of a document come those of the next; null when there is nothing else. */
function restAfter(section: SectionName, last: RecordKey | null): RecordKey | null {
  const [documentId, ...within] = last ?? [];
  const isWithin = tableSections[section].order === 'byDocument' && within.length > 0;
  return isWithin && documentId !== undefined ? [documentId] : null;
}

/**
 * Of a section by documents: those left of the document of the last key, or else, when the key names the document
 * alone, those of the documents behind it.
 */
function pageOf(sql: Statements, section: SectionName, last: RecordKey | null): readonly Row[] {
  const table = tableSections[section];
  const { from, order, parameters } = rangeOf(section, last);
  const limited = (list: string, limit: number): readonly Row[] =>
    sql.rows(`SELECT ${list} ${from} ORDER BY ${order} LIMIT ?`, ...parameters, limit);
  if (table.large === undefined) return limited(selectionOf(table), PAGE_RECORDS);
  let bytes = 0;
  let count = 0;
  for (const row of limited(`length(t.${table.large}) AS size`, PAGE_RECORDS)) {
    bytes += integerIn(row, 'size');
    if (bytes > PAGE_BYTES && count > 0) break;
    count += 1;
  }
  return count === 0 ? [] : limited(selectionOf(table), count);
}

interface Range {
  readonly from: string;
  readonly order: string;
  readonly parameters: readonly SqlValue[];
}

function rangeOf(section: SectionName, last: RecordKey | null): Range {
  const { table, order, hasDocument } = tableSections[section];
  const own = orderColumnsOf(section).map((column) => `t.${column}`);
  const behind = (columns: readonly string[]): string =>
    `(${columns.join(', ')}) > (${columns.map(() => '?').join(', ')})`;
  if (order === 'byDocument') {
    const documents = isTombstone(section) ? '' : 'JOIN documents AS d ON d.document = k.document';
    const joined = `FROM document_keys AS k ${documents} CROSS JOIN ${table} AS t ON t.document = k.document`;
    const [id = '', ...within] = last ?? [];
    if (within.length === 0) {
      return { from: `${joined} WHERE k.id > ?`, order: ['k.id', ...own].join(', '), parameters: [id] }; // prettier-ignore
    }
    const from = `${joined} WHERE k.id = ? AND ${behind(own)}`;
    return { from, order: own.join(', '), parameters: [id, ...within] };
  }
  const joined = `FROM ${table} AS t ${hasDocument ? `JOIN document_keys AS k ON k.document = t.document ${ofDocuments}` : ''}${section === 'linkOpenings' ? openedLinks : ''}`; // prettier-ignore
  if (own.length === 0) {
    return { from: `${joined} WHERE ?`, order: '1', parameters: [last === null ? 1 : 0] };
  }
  if (last === null) return { from: joined, order: own.join(', '), parameters: [] };
  return { from: `${joined} WHERE ${behind(own)}`, order: own.join(', '), parameters: last };
}

const ofDocuments = 'JOIN documents AS d ON d.document = t.document';
const openedLinks = 'JOIN share_links AS l ON l.id = t.link JOIN documents AS d ON d.document = l.document'; // prettier-ignore
const isTombstone = (section: SectionName): boolean => section === 'removedDocuments';

function recordIn<S extends SectionName>(sql: Statements, section: S, row: Row): RecordOf<S> {
  const table = tableSections[section];
  const fields = fieldsIn(table, row);
  // Fields in the order of the schema, so that equal records are equal as JSON.
  const complete = { ...fields, ...otherFields(sql, section, row, fields) };
  const ordered = Object.keys(recordSchemas[section].shape).map((name) => [name, complete[name as never]]); // prettier-ignore
  return Object.fromEntries(ordered) as RecordOf<S>;
}

/** What is not a column of the section's table. */
function otherFields(
  sql: Statements,
  section: SectionName,
  row: Row,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  switch (section) {
    case 'documents':
      return listsOf(sql, String(fields['documentId']));
    case 'keptAnswers': {
      const { status, headers, body } = fields;
      const answer = { status, headers: JSON.parse(String(headers)) as unknown, body };
      return { answer: status === NO_ANSWER ? null : answer };
    }
    case 'linkOpenings': {
      const of = `SELECT CAST(k.id AS BLOB) AS id FROM share_links AS l
        JOIN document_keys AS k ON k.document = l.document WHERE l.id = ?`;
      return { documentId: textIn(sql.row(of, String(fields['linkId'])) ?? {}, 'id') };
    }
    case 'batches': {
      // What is damaged stays damaged: the checksum says so to each reader.
      const payload = lossyUtf8.decode(bytesIn(row, 'payload'));
      return { payload, epoch: epochIn(payload) };
    }
    default:
      return {};
  }
}

/** Status of a request without an answer (session-tables.ts). */
export const NO_ANSWER = 0;

function epochIn(payload: string): number {
  try {
    const { epoch } = JSON.parse(payload) as { readonly epoch?: unknown };
    return typeof epoch === 'number' ? epoch : 0;
  } catch {
    return 0;
  }
}

function listsOf(sql: Statements, documentId: string): DocumentLists {
  const key = '(SELECT document FROM document_keys WHERE id = ?)';
  const people = sql.rows(
    `SELECT CAST(user_id AS BLOB) AS userId, CAST(role AS BLOB) AS role FROM grants WHERE document = ${key}`,
    documentId,
  );
  const renames = sql.rows(
    `SELECT CAST(rename_id AS BLOB) AS renameId, title_version AS titleVersion FROM renames WHERE document = ${key}`,
    documentId,
  );
  return {
    people: people
      .map((row) => ({ userId: textIn(row, 'userId'), role: textIn(row, 'role') }))
      .sort((one, other) => compareText(one.userId, other.userId)),
    renames: renames
      .map((row) => ({
        renameId: textIn(row, 'renameId'),
        titleVersion: integerIn(row, 'titleVersion'),
      }))
      .sort((one, other) => one.titleVersion - other.titleVersion || compareText(one.renameId, other.renameId)), // prettier-ignore
  };
}
