/** The document's page: `/d/<slug>-<id>`; the slug is cosmetic. */
import { documentIdSchema, type DocumentId } from './client-messages.ts';

/**
 * Path of a document's page. The slug keeps words of every script, without the diacritics of Latin letters, which people
 * do not type into addresses.
 */
export function documentPath(id: string, title: string): string {
  const slug = title
    .toLowerCase()
    .normalize('NFD')
    .replace(/(?<=\p{Script=Latin}\p{M}*)\p{M}/gu, '')
    .normalize('NFC')
    // Keeps combining marks, and the joiners of Indic scripts and Persian, which are parts of words.
    .replace(/[^\p{L}\p{N}\p{M}\u200c\u200d]+/gu, '-')
    .replace(/^[-\p{M}\u200c\u200d]+|-+$/gu, '');
  // Cuts between graphemes: half a surrogate pair cannot be encoded, and a letter keeps its marks.
  const short = takeCharacters(slug);
  return short === '' ? `/d/${id}` : `/d/${encodeURIComponent(short)}-${id}`;
}

/** Code points of a slug. */
const SLUG_CHARACTERS = 60;
/** … and its characters when percent-encoded, where some code points take twelve. */
const SLUG_ENCODED = 540;

/** The longest prefix of whole graphemes within the limits. */
function takeCharacters(slug: string): string {
  let taken = '';
  for (const [letter] of slug.matchAll(/[^\p{M}\u200c\u200d][\p{M}\u200c\u200d]*/gu)) {
    const longer = taken + letter;
    if ([...longer].length > SLUG_CHARACTERS) break;
    if (encodeURIComponent(longer).length > SLUG_ENCODED) break;
    taken = longer;
  }
  return taken;
}

/** The id in the last part of a document's path, or null when there is none. */
export function documentIdOfPath(lastPart: string): DocumentId | null {
  const parsed = documentIdSchema.safeParse(lastPart.slice(-26));
  if (!parsed.success) return null;
  return lastPart.length === 26 || lastPart.at(-27) === '-' ? parsed.data : null;
}
