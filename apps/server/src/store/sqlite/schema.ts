/**
 * The tables, as the steps that made them: a new database takes all steps, an older one those it has not taken
 * (PRAGMA user_version counts them). A step that was released is never changed.
 *
 * Documents have short integer keys here, so that a row of the log does not repeat their ids.
 * `batches` is a rowid table with an index, not WITHOUT ROWID: appends of many documents then fill the same
 * few pages, half as many to write and sync (measured: 64 documents 1.3 ms instead of 1.9 ms).
 * `client_positions` only points into the log, whose checksum covers the rest (I4).
 */
const documents = `
  CREATE TABLE store (history_id TEXT NOT NULL) STRICT;
  CREATE TABLE document_keys (document INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE batches (
    place INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    first_version INTEGER NOT NULL,
    last_version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (document, first_version)
  ) STRICT;
  CREATE TABLE client_positions (
    document INTEGER NOT NULL,
    client TEXT NOT NULL,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (document, client, author)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE checkpoints (
    document INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    compressed_text BLOB NOT NULL,
    compressed_checksum INTEGER NOT NULL,
    text_checksum INTEGER NOT NULL,
    length_code_points INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE documents (
    document INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documents_created_by ON documents (created_by);
  CREATE TABLE visits (
    user_id TEXT NOT NULL,
    document INTEGER NOT NULL,
    visited_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, document)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE people (user_id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Accounts and access. Older documents were open to all who had the address, and stay so. */
const accounts = `
  ALTER TABLE documents ADD COLUMN anyone TEXT NOT NULL DEFAULT 'off';
  ALTER TABLE documents ADD COLUMN access_epoch INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE documents ADD COLUMN trashed_at INTEGER;
  UPDATE documents SET anyone = 'editor';
  DROP INDEX documents_created_by;
  CREATE INDEX documents_trashed ON documents (trashed_at) WHERE trashed_at IS NOT NULL;
  CREATE TABLE removed_documents (document INTEGER PRIMARY KEY) STRICT;

  CREATE TABLE grants (
    document INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (document, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX grants_of_user ON grants (user_id);
  INSERT INTO grants SELECT document, created_by, 'owner' FROM documents;
  CREATE TABLE share_links (
    id TEXT PRIMARY KEY,
    document INTEGER NOT NULL,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX share_links_of_document ON share_links (document);
  CREATE TABLE link_openings (
    link TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (link, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX link_openings_of_user ON link_openings (user_id);

  CREATE TABLE library (
    user_id TEXT NOT NULL,
    document INTEGER NOT NULL,
    visited_at INTEGER,
    starred INTEGER NOT NULL DEFAULT 0,
    folder TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, document)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX library_of_document ON library (document);
  INSERT INTO library (user_id, document, visited_at) SELECT user_id, document, visited_at FROM visits;
  DROP TABLE visits;
  CREATE VIRTUAL TABLE search USING fts5 (title, body, tokenize = "unicode61 remove_diacritics 2");
  CREATE TABLE indexed_texts (document INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT;

  CREATE TABLE accounts (
    user_id TEXT PRIMARY KEY,
    user_name TEXT NOT NULL UNIQUE,
    email TEXT UNIQUE,
    password_hash TEXT,
    subject TEXT UNIQUE,
    is_admin INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE auth_sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    former_token_hash TEXT,
    attempt_hash TEXT,
    rotated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX auth_sessions_of_user ON auth_sessions (user_id);
  CREATE INDEX auth_sessions_expiry ON auth_sessions (expires_at);
  CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    label TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    expires_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX api_tokens_of_user ON api_tokens (user_id);
  CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    is_admin INTEGER NOT NULL,
    created_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_by TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE kept_answers (
    key TEXT PRIMARY KEY,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kept_answers_age ON kept_answers (at);
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

/** The time by which things are deleted for their age: one row (store/retention-time.ts). */
const retention = `
  CREATE TABLE retention_time (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    credited_at INTEGER NOT NULL,
    wall_at INTEGER NOT NULL
  ) STRICT;
`;

/** Tombstones of deleted accounts, and when a session last proved its account's password. */
const proofs = `
  CREATE TABLE former_accounts (user_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  ALTER TABLE auth_sessions ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
`;

/**
 * Invitations to documents. `invited` is what an owner typed, `user_id` whom it reaches. Declined and withdrawn ones
 * stay until they expire.
 */
const documentInvitations = `
  CREATE TABLE document_invitations (
    id TEXT PRIMARY KEY,
    document INTEGER NOT NULL,
    invited_by TEXT NOT NULL,
    invited TEXT NOT NULL,
    user_id TEXT,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    declined_at INTEGER,
    is_withdrawn INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX document_invitations_of_document ON document_invitations (document);
  CREATE INDEX document_invitations_of_user ON document_invitations (user_id);
  CREATE INDEX document_invitations_by ON document_invitations (invited_by);
  CREATE INDEX document_invitations_expiry ON document_invitations (expires_at);
`;

/** Whether the files beside the database (files/data-files.ts) have been made: from then on they are missed. */
const pageSums = `
  ALTER TABLE store ADD COLUMN has_page_sums INTEGER NOT NULL DEFAULT 0;
`;

/** Bytes by author and document. What was written before counts for the creator of the document. */
const storageUsage = `
  CREATE TABLE storage_usage (
    user_id TEXT NOT NULL,
    document INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (user_id, document)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX storage_usage_of_document ON storage_usage (document);
  CREATE INDEX documents_created_by ON documents (created_by);
  INSERT INTO storage_usage (user_id, document, bytes)
    SELECT created_by, document, sum(length(payload)) FROM batches JOIN documents USING (document)
    GROUP BY document;
`;

/** Keys by which what was given out is recognised (signing-key-tables.ts). */
const signingKeys = `
  CREATE TABLE signing_keys (
    purpose TEXT NOT NULL,
    kid TEXT NOT NULL,
    value BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (purpose, kid)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * A second copy of each table by which access is granted, on pages of its own (second-copies.ts). `updated_at` of a
 * document and `last_used_at` of a token change all the time, and are left out.
 */
const secondCopies = `
  CREATE INDEX documents_copy
    ON documents (document, title, created_by, created_at, anyone, access_epoch, trashed_at);
  CREATE INDEX removed_documents_copy ON removed_documents (document);
  CREATE INDEX grants_copy ON grants (document, user_id, role);
  CREATE INDEX share_links_copy ON share_links
    (id, document, role, label, token_hash, password_hash, created_by, created_at, expires_at);
  CREATE INDEX link_openings_copy ON link_openings (link, user_id);
  CREATE INDEX document_invitations_copy ON document_invitations
    (id, document, invited_by, invited, user_id, role, created_at, expires_at, declined_at, is_withdrawn);
  CREATE INDEX accounts_copy ON accounts
    (user_id, user_name, email, password_hash, subject, is_admin, created_at, disabled_at);
  CREATE INDEX former_accounts_copy ON former_accounts (user_id);
  CREATE INDEX auth_sessions_copy ON auth_sessions
    (id, user_id, token_hash, former_token_hash, attempt_hash, rotated_at, created_at, last_used_at,
     expires_at, user_agent, address, proven_at);
  CREATE INDEX api_tokens_copy ON api_tokens
    (id, user_id, label, token_hash, scopes, created_at, expires_at);
  CREATE INDEX invitations_copy ON invitations
    (id, token_hash, label, is_admin, created_by, created_at, expires_at, used_by);
  CREATE INDEX secrets_copy ON secrets (name, value);
  CREATE INDEX signing_keys_copy ON signing_keys (purpose, kid, value, created_at, retired_at);
  CREATE INDEX people_copy ON people (user_id, name);
  CREATE INDEX retention_time_copy ON retention_time (only, credited_at, wall_at);
`;

/** Allowances by day, so that a restart does not refill them. */
const storageDays = `
  CREATE TABLE storage_days (
    bucket TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX storage_days_age ON storage_days (at);
`;

/** Titles that are merged, and the ids of the newest renamings of each document. */
const renames = `
  ALTER TABLE documents ADD COLUMN title_version INTEGER NOT NULL DEFAULT 0;
  DROP INDEX documents_copy;
  CREATE INDEX documents_copy ON documents
    (document, title, created_by, created_at, anyone, access_epoch, trashed_at, title_version);
  CREATE TABLE renames (
    document INTEGER NOT NULL,
    rename_id TEXT NOT NULL,
    title_version INTEGER NOT NULL,
    PRIMARY KEY (document, rename_id)
  ) STRICT, WITHOUT ROWID;
`;

/** Several checkpoints of each document, where there was one. */
const manyCheckpoints = `
  ALTER TABLE checkpoints RENAME TO former_checkpoints;
  CREATE TABLE checkpoints (
    document INTEGER NOT NULL,
    version INTEGER NOT NULL,
    compressed_text BLOB NOT NULL,
    compressed_checksum INTEGER NOT NULL,
    text_checksum INTEGER NOT NULL,
    length_code_points INTEGER NOT NULL,
    PRIMARY KEY (document, version)
  ) STRICT;
  INSERT INTO checkpoints
    SELECT document, version, compressed_text, compressed_checksum, text_checksum, length_code_points
    FROM former_checkpoints;
  DROP TABLE former_checkpoints;
`;

/** Beside the text, what effects led to: JSON, NULL for none. `compressed_checksum` covers both (document-tables.ts). */
const effectState = `
  ALTER TABLE checkpoints ADD COLUMN effect_state TEXT;
`;

export const schemaSteps: readonly string[] = [
  documents,
  accounts,
  retention,
  proofs,
  documentInvitations,
  pageSums,
  storageUsage,
  signingKeys,
  secondCopies,
  storageDays,
  renames,
  manyCheckpoints,
  effectState,
];
/** The version (PRAGMA user_version) from which a database may have page checksums. */
export const PAGE_SUMS_VERSION = schemaSteps.indexOf(pageSums) + 1;
