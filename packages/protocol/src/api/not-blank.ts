/** Schema of texts that must not be blank. */
import { z } from 'zod';

/**
 * A text that is trimmed and then not empty. The pattern is for the OpenAPI document, too; it names the byte order mark,
 * since regular expression engines differ on whether that is white space.
 */
export const notBlank = (charactersMax: number): z.ZodString =>
  z
    .string()
    .regex(/[^\s\ufeff]/, 'must not be blank')
    .trim()
    .min(1)
    .max(charactersMax);
