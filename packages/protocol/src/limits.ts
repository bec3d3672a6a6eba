/** Every limit of the wire, with its reason. Owner and client read them from here or from `joined`. */

/** Limits that an installation may change; they travel in `joined`, so that a client can obey them. */
export interface Limits {
  /** One Socket.IO message. */
  readonly messageBytes: number;
  /** One operation as JSON in UTF-8. */
  readonly operationBytes: number;
  /** Components of one operation. */
  readonly operationComponents: number;
  /** Length of one document's text. */
  readonly documentCodePoints: number;
  /** Operations that one session may submit, sustained and at once. */
  readonly operationsPerSecond: number;
  readonly operationsBurst: number;
}

export const defaultLimits: Limits = {
  // Twice an operation, so that the envelope never decides; small enough that parsing one message
  // takes well under a millisecond (I8).
  messageBytes: 128 * 1024,
  // A page of text is 3 KB; larger pastes are split by the client before they are frozen.
  operationBytes: 64 * 1024,
  // Transform costs the sum of both operations' components; a thousand keeps it under a millisecond.
  operationComponents: 1_000,
  // Two million characters is a long book; folding and diffing it stays under 10 ms.
  documentCodePoints: 2 * 1024 * 1024,
  // A person makes at most 20 batches of keystrokes a second (one per 50 ms); the rest is for reconnects.
  operationsPerSecond: 50,
  operationsBurst: 200,
};

/** Caret messages one session may send in a second; a client sends at most one per 100 ms. */
export const PRESENCE_PER_SECOND = 10;
/** Operations in one `operations` frame of a catch-up; more arrive in further frames. */
export const TAIL_OPERATIONS = 2_000;
/** Tail a join may bring before the owner asks the client to resync from a snapshot. */
export const TAIL_OPERATIONS_MAX = 20_000;
/** A checksum of the text travels at least this many versions apart (protocol.md rule 5). */
export const CHECKSUM_EVERY_VERSIONS = 64;
/** … and this much time: in a hot document every reader would compare dozens a second (10 % of its work). */
export const CHECKSUM_INTERVAL_MS = 1_000;
/** Characters of a person's name: it stands beside a caret. */
export const NAME_CHARACTERS = 60;
/** Characters of a document's title. */
export const TITLE_CHARACTERS = 200;
/** Characters of a folder's name. */
export const FOLDER_CHARACTERS = 80;
/** Characters of what links, API tokens and invitations are called. */
export const LABEL_CHARACTERS = 80;
/** Characters of a search: a sentence. */
export const SEARCH_CHARACTERS = 200;
/** Different words of a search: each is looked up in every document that the person may read. */
export const SEARCH_WORDS = 12;
/** Documents a search goes through, those that changed last first; more would take longer than anyone waits. */
export const SEARCH_DOCUMENTS_MAX = 10_000;
/** Hits in all orders that are kept for the next page of a search: some 100 bytes each. */
export const SEARCH_ORDERS_KEPT = 200_000;
/** Searches of one person that wait for the one before; the page sends one at a time. */
export const SEARCHES_WAITING_PER_PERSON = 2;
/**
 * People who have a role in a document by its links: each is a row of the access list that its owner holds in memory.
 * For more there is "anyone who has the address", which keeps no list.
 */
export const LINK_OPENINGS_PER_DOCUMENT = 2_000;
/** Searches from one address under way and waiting: a class behind one router. */
export const SEARCHES_WAITING_PER_ADDRESS = 16;
/** Searches of everybody under way and waiting; beyond it the server is busy. */
export const SEARCHES_WAITING = 64;
/** A search that is not answered within this is given up, so that those behind it get their turn. */
export const SEARCH_DEADLINE_MS = 5_000;
/** Fewer would be guessed (NIST SP 800-63B asks for 8). */
export const PASSWORD_CHARACTERS_MIN = 8;
/** More would only cost time to hash. */
export const PASSWORD_CHARACTERS_MAX = 200;
/** Days a document stays in the trash before it is deleted for ever. */
export const TRASH_DAYS = 30;
/** Revocation and downgrade reach a live session within this, even when a notification is lost; 10 s are promised. */
export const ACCESS_CHECK_MS = 4_000;
/** Connections from one address: a school behind one router, and no more (I8). */
export const CONNECTIONS_PER_ADDRESS = 2_000;
/** Connections of one person: every open document in every tab has one. */
export const CONNECTIONS_PER_USER = 200;
/** Sessions of one document: one writer and five hundred readers, with room to spare. */
export const SESSIONS_PER_DOCUMENT = 2_000;
/** People named to everybody; beyond that only their number, or arrivals would cost the square of the room. */
export const PEOPLE_LISTED = 100;
/** The owner tells idle sessions the head version this often, so that a lost frame is noticed (I9). */
export const HEARTBEAT_MS = 5_000;
/** Without an acknowledgement for this long the client rejoins; well above a slow disk or phone network. */
export const ACKNOWLEDGEMENT_TIMEOUT_MS = 10_000;
