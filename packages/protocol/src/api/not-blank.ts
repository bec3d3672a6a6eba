/** Texts of people that must say something. */
import { z } from 'zod';

/**
 * Without blanks around it, and not empty then. The pattern says so to readers of the API's description too; what
 * counts as a blank is the same for all of them with the byte order mark named.
 */
export const notBlank = (charactersMax: number): z.ZodString =>
  z
    .string()
    .regex(/[^\s\ufeff]/, 'must not be blank')
    .trim()
    .min(1)
    .max(charactersMax);
