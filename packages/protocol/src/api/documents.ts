/** Documents in the REST API: bodies and queries, validated by the server and parsed by the client. */
import { z } from 'zod';
import { documentIdSchema, renameIdSchema } from '../client-messages.ts';
import { FOLDER_CHARACTERS, SEARCH_CHARACTERS, TITLE_CHARACTERS } from '../limits.ts';
import { roleSchema } from '../role-schema.ts';
import { anyoneAccesses } from '../words.ts';
import { linksSchema } from './links.ts';
import { notBlank } from './not-blank.ts';

export const anyoneAccessSchema = z.enum(anyoneAccesses).meta({
  id: 'AnyoneAccess',
  description: 'Role of anyone who has the address of the document; `off` for none.',
});

const titleSchema = z.string().max(TITLE_CHARACTERS);
/** A personal folder; empty for none. */
const folderSchema = z.string().trim().max(FOLDER_CHARACTERS);
const timeSchema = z.number().int().nonnegative();

export const documentSchema = z
  .strictObject({
    id: documentIdSchema,
    title: z.string(),
    /** Number of changes of the title. */
    titleVersion: z.number().int().nonnegative(),
    /** Number of operations in the document's log. */
    version: z.number().int().nonnegative(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
    /** Path of the page: `/d/<slug>-<id>`. */
    url: z.string(),
    /** The caller's role. */
    role: roleSchema,
    anyone: anyoneAccessSchema,
    owner: z.strictObject({ userId: z.string(), name: z.string() }),
    /** Time at which it was moved to the trash; null if it is not there. */
    trashedAt: timeSchema.nullable(),
    /** Personal, as is `folder`: of the caller. */
    starred: z.boolean(),
    folder: z.string(),
    /** Time of the caller's last visit; null for never. */
    visitedAt: timeSchema.nullable(),
    links: linksSchema,
  })
  .meta({ id: 'Document', description: 'A document as the one who asks may see it.' });
export type DocumentResource = z.infer<typeof documentSchema>;

/** A document in a list; with a search, the matching passage, with hits between U+0002 and U+0003. */
export const listedDocumentSchema = documentSchema
  .extend({ passage: z.string().optional() })
  .meta({ id: 'ListedDocument' });
export type ListedDocument = z.infer<typeof listedDocumentSchema>;

export const documentListSchema = z
  .strictObject({
    documents: z.array(listedDocumentSchema),
    /** Value of `cursor` for the next page; null on the last. */
    nextCursor: z.string().nullable(),
    links: linksSchema,
  })
  .meta({ id: 'DocumentList' });
export type DocumentList = z.infer<typeof documentListSchema>;

export const documentViewSchema = z.enum(['all', 'recent', 'starred', 'shared', 'trash']);
export type DocumentView = z.infer<typeof documentViewSchema>;

/** A query string: every value arrives as text. */
export const listDocumentsQuerySchema = z.strictObject({
  /** `recent` by visit, `shared` with the caller by others; all but `recent` ordered by change. */
  view: documentViewSchema.default('all'),
  folder: notBlank(FOLDER_CHARACTERS).optional(),
  /** Words to search in title and text; orders by best match. */
  q: notBlank(SEARCH_CHARACTERS).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(500).optional(),
});

export const createDocumentSchema = z
  .strictObject({
    title: titleSchema.optional(),
    text: z.string().optional(),
    anyone: anyoneAccessSchema.optional(),
    folder: folderSchema.optional(),
  })
  .meta({ id: 'CreateDocument' });
export type CreateDocument = z.infer<typeof createDocumentSchema>;

/** `title` needs an editor, `anyone` an owner; `starred` and `folder` are personal and need a reader. */
export const changeDocumentSchema = z
  .strictObject({
    title: titleSchema.optional(),
    base: titleSchema
      .optional()
      .describe(
        'The title that `title` was made from. With it, the difference of the two is made to the present title; without, `title` replaces it. Of no meaning without `title`.',
      ),
    renameId: renameIdSchema
      .optional()
      .describe(
        '26 random characters, chosen for this renaming: sent again, it is answered by the present title, and changes nothing. Of no meaning without `title`.',
      ),
    anyone: anyoneAccessSchema.optional(),
    starred: z.boolean().optional(),
    folder: folderSchema.optional(),
  })
  .meta({ id: 'ChangeDocument' });
export type ChangeDocument = z.infer<typeof changeDocumentSchema>;

export const folderListSchema = z
  .strictObject({
    folders: z.array(z.strictObject({ name: z.string(), documents: z.number().int() })),
  })
  .meta({ id: 'FolderList' });
export type FolderList = z.infer<typeof folderListSchema>;

/** Header of a snapshot or a text that carries its version. */
export const VERSION_HEADER = 'concord-version';

/** Header of a snapshot or a text that carries the id of the history it belongs to. */
export const HISTORY_HEADER = 'concord-history';

/** Header of a snapshot that names the operation which produced its version (`formatHead`); absent at version 0. */
export const HEAD_HEADER = 'concord-head';

/** The operations between two versions, composed into one. Counts are Unicode code points. */
export const composedOperationSchema = z
  .strictObject({
    after: z.number().int().nonnegative(),
    through: z.number().int().nonnegative(),
    op: z.array(
      z.union([
        z.number().int().positive(),
        z.string(),
        z.strictObject({ d: z.number().int().positive() }),
      ]),
    ),
  })
  .meta({ id: 'ComposedOperation', description: 'Leads from one version of a text to another.' });
export type ComposedOperation = z.infer<typeof composedOperationSchema>;
