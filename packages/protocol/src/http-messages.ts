/** Bodies of the REST API that client and server share. */
import { z } from 'zod';
import { documentIdSchema } from './client-messages.ts';
import { NAME_CHARACTERS, TITLE_CHARACTERS } from './limits.ts';

export const documentSchema = z.strictObject({
  id: documentIdSchema,
  title: z.string(),
  version: z.number().int().nonnegative(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Path of the page: `/d/<slug>-<id>`. */
  url: z.string(),
});
export type DocumentResource = z.infer<typeof documentSchema>;

export const documentListSchema = z.strictObject({ documents: z.array(documentSchema) });

export const createDocumentSchema = z.strictObject({
  title: z.string().max(TITLE_CHARACTERS).optional(),
  text: z.string().optional(),
});
export type CreateDocument = z.infer<typeof createDocumentSchema>;

export const changeDocumentSchema = z.strictObject({ title: z.string().max(TITLE_CHARACTERS) });

/** The guest who is asking. */
export const meSchema = z.strictObject({ userId: z.string(), name: z.string() });
export type Me = z.infer<typeof meSchema>;
export const changeMeSchema = z.strictObject({
  name: z.string().trim().min(1).max(NAME_CHARACTERS),
});

/** Header of a snapshot that carries its version. */
export const VERSION_HEADER = 'concord-version';
/** Header and handshake field by which a program without cookies says who it is. */
export const GUEST_TOKEN_FIELD = 'guestToken';
