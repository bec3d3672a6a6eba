/** The document's page: `/d/<slug>-<id>`; the slug is cosmetic. */
import { documentIdSchema, type DocumentId } from './client-messages.ts';

/** Path of a document's page. */
export function documentPath(id: string, title: string): string {
  const slug = title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  // By characters: half of one cannot be encoded.
  const short = [...slug].slice(0, 60).join('');
  return short === '' ? `/d/${id}` : `/d/${encodeURIComponent(short)}-${id}`;
}

/** The id in the last part of a document's path, or null when there is none. */
export function documentIdOfPath(lastPart: string): DocumentId | null {
  const parsed = documentIdSchema.safeParse(lastPart.slice(-26));
  if (!parsed.success) return null;
  return lastPart.length === 26 || lastPart.at(-27) === '-' ? parsed.data : null;
}
