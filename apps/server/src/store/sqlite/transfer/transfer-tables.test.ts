/** Every table and column of the schema is carried by a transfer, or is named as one that is not. */
import { expect, it } from 'vitest';
import { recordSchemas, sectionNames } from '../../ports/transfer-store.ts';
import { isDerived } from '../derived-tables.ts';
import { openMemoryDatabase } from '../open-database.ts';
import { columns, prepare, textIn } from '../rows.ts';
import { columnOf, otherColumns, otherTables, tableSections } from './transfer-tables.ts';

const { connection } = openMemoryDatabase();
const names = (sql: string, ...parameters: string[]): readonly string[] =>
  prepare(connection, columns(sql)).all(parameters).map((row) => textIn(row, 'name')); // prettier-ignore
const tables = names(`SELECT t:name FROM sqlite_schema WHERE type = 'table'`).filter(
  (name) => !name.startsWith('sqlite_') && !isDerived(name),
);

it('each table is one section, or is listed with the reason why it is none', () => {
  const carried = sectionNames.map((section) => tableSections[section].table);
  expect(new Set(carried).size).toBe(carried.length);
  expect([...carried, ...Object.keys(otherTables)].sort()).toEqual([...tables].sort());
});

it('each column of the table of a section is a field of its records, or is listed', () => {
  for (const section of sectionNames) {
    const table = tableSections[section];
    const fields = Object.keys(table.fields).map((field) => columnOf(table, field));
    const others = otherColumns[table.table] ?? [];
    const carried = [...(table.hasDocument ? ['document'] : []), ...fields, ...others];
    const existing = names('SELECT t:name FROM pragma_table_info(?)', table.table);
    expect([section, [...carried].sort()]).toEqual([section, [...existing].sort()]);
  }
});

it('each field of a record is that of a column, or made of others', () => {
  const made: Readonly<Record<string, readonly string[]>> = {
    documents: ['people', 'renames'],
    keptAnswers: ['answer'],
    linkOpenings: ['documentId'],
    batches: ['epoch'],
  };
  for (const section of sectionNames) {
    const { fields, hasDocument } = tableSections[section];
    const known = [...Object.keys(fields), ...(hasDocument ? ['documentId'] : []), ...(made[section] ?? [])]; // prettier-ignore
    const missing = Object.keys(recordSchemas[section].shape).filter((field) => !known.includes(field)); // prettier-ignore
    expect([section, missing]).toEqual([section, []]);
  }
});
