/** How a document gets another title: pure, so that every store and the simulation rename alike. */
import { mergeTitles } from '@concord/ot';
import type { RenameId } from '@concord/protocol';
import { TITLE_CHARACTERS } from '@concord/protocol/plain';

/** A title, and how often it was changed. */
export interface VersionedTitle {
  readonly title: string;
  readonly titleVersion: number;
}

export interface Rename {
  readonly title: string;
  /** The title that it was made from, to be merged; null to replace whatever the title is now. */
  readonly base: string | null;
  /** One that is known is not applied again; null for one that is never sent twice. */
  readonly renameId: RenameId | null;
}

/** The title after a renaming: the present one, when the renaming is known already. */
export function renamed(
  present: VersionedTitle,
  { title, base }: Rename,
  isKnown: boolean,
): VersionedTitle {
  if (isKnown) return present;
  const merged =
    base === null
      ? title.toWellFormed()
      : mergeTitles(base, title, present.title, TITLE_CHARACTERS);
  return { title: merged, titleVersion: present.titleVersion + 1 };
}
