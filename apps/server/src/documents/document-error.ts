/** What people may want of documents and their texts and cannot have. */
import { DomainError } from '../platform/domain-error.ts';

export type DocumentErrorCode =
  | 'accountNeeded'
  | 'baseNeeded'
  | 'changedMeanwhile'
  | 'composedVersionAhead'
  | 'compositionsBusy'
  | 'conflict'
  | 'diffsBusy'
  | 'documentTooLarge'
  | 'editForbidden'
  | 'editsPaused'
  | 'inTrash'
  | 'notFound'
  | 'notInTrash'
  | 'otherHistory'
  | 'quotaExceeded'
  | 'rangeTooLong'
  | 'searchesBusy'
  | 'searchesWaiting'
  | 'tooManyCompositions'
  | 'tooManyDiffs'
  | 'tooManyWords'
  | 'versionAhead';

export class DocumentError extends DomainError<DocumentErrorCode> {}

/** Absent, and not to be read by the one who asks: the same error for both (docs/security.md#ids-and-links). */
export const documentNotFound = (): DocumentError =>
  new DocumentError('notFound', 'There is no such document, or it is not shared with you.');

/** The text is not the one that a condition names. */
export class TextChangedError extends DocumentError {
  /** Of the text that there is (text-tags.ts). */
  readonly tag: string;

  constructor(tag: string) {
    super(
      'changedMeanwhile',
      'It was changed meanwhile, and nothing was done: read it again first.',
    );
    this.tag = tag;
  }
}
