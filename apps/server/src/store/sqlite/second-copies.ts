/**
 * Second copies of the tables by which access is granted: an index that holds all of a table's columns, on pages of
 * its own, which SQLite keeps with every write. A page that is damaged (files/page-sums.ts) is in one of the two:
 * an index is made again from its table, and a table from its second copy. Until then, and where both are damaged, a
 * row counts only when both copies hold the same: a right in only one of them is not granted.
 */
import { isDamage } from './derived-tables.ts';
import {
  columns,
  DamagedRowError,
  integerIn,
  prepare,
  textIn,
  type Connection,
  type Row,
  type SqlValue,
  type Statements,
} from './rows.ts';

export interface CopiedTable {
  /** The index that is the copy. It begins with the primary key. */
  readonly copy: string;
  readonly key: readonly string[];
  /** The other columns that are in the copy. */
  readonly others: readonly string[];
  /** Columns that are not in the copy, because they change often: SQL for their values on a restore. */
  readonly instead?: Readonly<Record<string, string>>;
}

const copied = (
  table: string,
  key: readonly string[],
  others: readonly string[] = [],
  instead: Readonly<Record<string, string>> = {},
): CopiedTable => ({ copy: `${table}_copy`, key, others, instead });

/** When the newest operation was made, as `append` keeps it. */
const LAST_CHANGED = `coalesce(
  (SELECT json_extract(CAST(payload AS TEXT), '$.operations[#-1].at') FROM batches
   WHERE batches.document = documents.document AND json_valid(CAST(payload AS TEXT))
   ORDER BY first_version DESC LIMIT 1),
  created_at)`;

export const copiedTables = {
  document_keys: { copy: 'sqlite_autoindex_document_keys_1', key: ['document'], others: ['id'] },
  documents: copied(
    'documents',
    ['document'],
    [
      ...['title', 'created_by', 'created_at', 'anyone', 'access_epoch', 'trashed_at'],
      'title_version',
    ],
    { updated_at: LAST_CHANGED },
  ),
  removed_documents: copied('removed_documents', ['document']),
  grants: copied('grants', ['document', 'user_id'], ['role']),
  share_links: copied(
    'share_links',
    ['id'],
    [
      ...['document', 'role', 'label', 'token_hash', 'password_hash', 'created_by', 'created_at'],
      'expires_at',
    ],
  ),
  link_openings: copied('link_openings', ['link', 'user_id']),
  document_invitations: copied(
    'document_invitations',
    ['id'],
    [
      ...['document', 'invited_by', 'invited', 'user_id', 'role', 'created_at', 'expires_at'],
      ...['declined_at', 'is_withdrawn'],
    ],
  ),
  accounts: copied(
    'accounts',
    ['user_id'],
    [
      ...['user_name', 'email', 'password_hash', 'subject', 'is_admin', 'created_at'],
      'disabled_at',
    ],
  ),
  former_accounts: copied('former_accounts', ['user_id']),
  auth_sessions: copied(
    'auth_sessions',
    ['id'],
    [
      ...['user_id', 'token_hash', 'former_token_hash', 'attempt_hash', 'rotated_at', 'created_at'],
      ...['last_used_at', 'expires_at', 'user_agent', 'address', 'proven_at'],
    ],
  ),
  api_tokens: copied(
    'api_tokens',
    ['id'],
    ['user_id', 'label', 'token_hash', 'scopes', 'created_at', 'expires_at'],
    { last_used_at: 'NULL' },
  ),
  invitations: copied(
    'invitations',
    ['id'],
    [...['token_hash', 'label', 'is_admin', 'created_by', 'created_at', 'expires_at', 'used_by']],
  ),
  secrets: copied('secrets', ['name'], ['value']),
  signing_keys: copied('signing_keys', ['purpose', 'kid'], ['value', 'created_at', 'retired_at']),
  people: copied('people', ['user_id'], ['name']),
  retention_time: copied('retention_time', ['only'], ['credited_at', 'wall_at']),
} as const satisfies Readonly<Record<string, CopiedTable>>;

export type CopiedTableName = keyof typeof copiedTables;

export const copiedTableOf = (name: string): CopiedTable | null =>
  name in copiedTables ? copiedTables[name as CopiedTableName] : null;

/** Joins the row of the table itself, as `own`, to the row of the copy under its alias. */
function joinedOwn(table: CopiedTableName, alias: string, own: string): string {
  const { key } = copiedTables[table];
  const same = key.map((column) => `${own}.${column} = ${alias}.${column}`).join(' AND ');
  return `LEFT JOIN ${table} AS ${own} NOT INDEXED ON ${same}`;
}

function isSame(table: CopiedTableName, alias: string, own: string): string {
  const { key, others } = copiedTables[table];
  const same = others.map((column) => `${own}.${column} IS ${alias}.${column}`);
  return [`${own}.${key[0]} IS NOT NULL`, ...same].join(' AND ');
}

/**
 * Selects rows that both copies hold alike; to be read by {@link provenRows}.
 * @param list what is selected of `copy`, as for {@link columns}
 * @param condition by which the rows are found, on `copy`: by the key, or by a key that another index gives
 */
export function proven(table: CopiedTableName, list: string, condition: string): string {
  return (
    `SELECT ${columns(list)}, ${isSame(table, 'copy', 'own')} AS is_proven ` +
    `FROM ${table} AS copy INDEXED BY ${copiedTables[table].copy} ` +
    `${joinedOwn(table, 'copy', 'own')} WHERE ${condition}`
  );
}

/** The same as a condition on a row of the table that a statement found under `alias`. */
export function isProven(table: CopiedTableName, alias: string): string {
  const { copy, key } = copiedTables[table];
  const same = key.map((column) => `copy.${column} = ${alias}.${column}`).join(' AND ');
  return (
    `EXISTS (SELECT 1 FROM ${table} AS copy INDEXED BY ${copy} ${joinedOwn(table, 'copy', 'own')} ` +
    `WHERE ${same} AND ${isSame(table, 'copy', 'own')})`
  );
}

/** Throws {@link DamagedRowError} when one of them is not the same in both copies. */
export function provenRows(
  sql: Statements,
  statement: string,
  ...parameters: SqlValue[]
): readonly Row[] {
  const rows = sql.rows(statement, ...parameters);
  for (const row of rows) requireProven(row);
  return rows;
}

export function provenRow(
  sql: Statements,
  statement: string,
  ...parameters: SqlValue[]
): Row | null {
  const row = sql.row(statement, ...parameters);
  if (row !== null) requireProven(row);
  return row;
}

function requireProven(row: Row): void {
  if (row['is_proven'] !== 1) throw new DamagedRowError('Its two copies differ.');
}

/**
 * Restores a damaged table from its second copy. Outside of a transaction.
 * @returns false, without a change, when it has no readable copy
 */
export function makeAgainFromCopy(connection: Connection, table: string): boolean {
  const known = copiedTableOf(table);
  if (known === null) return false;
  const made = `${table}_again`;
  // Left by a run that ended before it was dropped.
  drop(connection, made);
  try {
    connection.exec('BEGIN IMMEDIATE');
    const { all, definition } = structureOf(connection, table, made);
    const { key, others, instead = {} } = known;
    const sources = all.map((name) =>
      [...key, ...others].includes(name) ? name : (instead[name] ?? null),
    );
    // A column that a later version added, and that the copy does not know.
    if (sources.includes(null)) throw new DamagedRowError('The copy lacks a column.');
    connection.exec(definition);
    connection.exec(
      `INSERT INTO ${made} (${all.join(', ')}) SELECT ${sources.join(', ')} FROM ${table} INDEXED BY ${known.copy}`,
    );
    exchange(connection, table, made);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    connection.pragma('writable_schema = RESET');
    if (isDamage(error) || String(error).includes('constraint')) return false;
    throw error;
  }
  connection.pragma('writable_schema = RESET');
  drop(connection, made);
  return true;
}

/** The pages of the one become those of the other: indexes of the table stay as they are. */
function exchange(connection: Connection, table: string, made: string): void {
  const rootOf = (name: string): number => {
    const row = prepare(connection, 'SELECT rootpage FROM sqlite_schema WHERE name = ?').get([name]); // prettier-ignore
    return integerIn(row ?? {}, 'rootpage');
  };
  const roots = [rootOf(made), rootOf(table)] as const;
  connection.pragma('writable_schema = ON');
  const place = prepare(connection, 'UPDATE sqlite_schema SET rootpage = ? WHERE name = ?');
  place.run([roots[0], table]);
  place.run([roots[1], made]);
}

/** Drops a table; one too damaged for that is removed from the schema, and its pages stay unused. */
function drop(connection: Connection, table: string): void {
  try {
    connection.exec(`DROP TABLE IF EXISTS ${table}`);
    return;
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    if (!isDamage(error)) throw error;
  }
  connection.pragma('writable_schema = ON');
  prepare(connection, 'DELETE FROM sqlite_schema WHERE tbl_name = ?').run([table]);
  connection.pragma('writable_schema = RESET');
}

/** The columns of a table, and a table of another name whose rows are laid out alike. */
function structureOf(
  connection: Connection,
  table: string,
  made: string,
): { readonly all: readonly string[]; readonly definition: string } {
  const info = prepare(
    connection,
    columns('SELECT t:name, t:type, pk FROM pragma_table_info(?) ORDER BY cid'),
  )
    .all([table])
    .map((row) => ({ name: textIn(row, 'name'), type: textIn(row, 'type'), pk: integerIn(row, 'pk') })); // prettier-ignore
  const schema = prepare(
    connection,
    'SELECT CAST(sql AS BLOB) AS sql FROM sqlite_schema WHERE name = ?',
  ).get([table]);
  const key = info
    .filter(({ pk }) => pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map(({ name }) => name);
  const options = /WITHOUT ROWID/i.test(textIn(schema ?? {}, 'sql')) ? ', WITHOUT ROWID' : '';
  const list = info.map(({ name, type }) => `${name} ${type}`).join(', ');
  return {
    all: info.map(({ name }) => name),
    definition: `CREATE TABLE ${made} (${list}, PRIMARY KEY (${key.join(', ')})) STRICT${options}`,
  };
}
