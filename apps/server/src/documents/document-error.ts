/** Refusals of use cases of documents and texts. */
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

/** The same error for an absent document and one that may not be read (docs/security.md#ids-and-links). */
export const documentNotFound = (): DocumentError =>
  new DocumentError('notFound', 'There is no such document, or it is not shared with you.');

/** The current text is not the one named by the precondition. */
export class TextChangedError extends DocumentError {
  /** Entity tag of the current text (text-tags.ts). */
  readonly tag: string;

  constructor(tag: string) {
    super(
      'changedMeanwhile',
      'It was changed meanwhile, and nothing was done: read it again first.',
    );
    this.tag = tag;
  }
}
