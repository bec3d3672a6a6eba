/**
 * Three-way merge of titles. Titles have no log of operations: a renaming names its base title, and its diff is
 * transformed over the changes since.
 */
import { diffTexts } from './diff.ts';
import { DocumentText } from './document-text.ts';
import {
  countCodePoints,
  OperationBuilder,
  transformUncommitted,
  type TextOperation,
} from './operation.ts';

/**
 * The title with both changes of `base`: theirs, which was committed first and stays left, and mine. Insertions of either
 * side are in it exactly once. Truncated to `lengthMax` UTF-16 units; well-formed.
 */
export function mergeTitles(base: string, mine: string, theirs: string, lengthMax: number): string {
  const [from, own, other] = [base.toWellFormed(), mine.toWellFormed(), theirs.toWellFormed()];
  if (own === from || own === other) return cutTitle(other, lengthMax);
  if (other === from) return cutTitle(own, lengthMax);
  const operation = transformUncommitted(titleChange(from, own), titleChange(from, other));
  return cutTitle(DocumentText.from(other).apply(operation).toString(), lengthMax);
}

/** A word of a script that puts spaces between them; elsewhere characters are compared alone. */
const WORDS =
  /(?:(?!\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar})[\p{L}\p{M}\p{N}])+/gu;

/**
 * The operation from one title to another: the shortest, except that a word in which letters were both removed and
 * inserted is replaced as a whole. Two people who replace one word see both words then, not a mix of their letters.
 */
export function titleChange(before: string, after: string): TextOperation {
  const shortest = insertedFirst(diffTexts(before, after));
  const replaced = replacedWords(before, shortest);
  if (replaced.length === 0) return shortest;
  const characters = Array.from(before);
  const operation = new OperationBuilder();
  let position = 0;
  let open: { readonly from: number; readonly to: number } | undefined;
  let text = '';
  const close = (): void => {
    if (open !== undefined) operation.insert(text).delete(open.to - open.from);
    open = undefined;
    text = '';
  };
  /** One character of the former title is kept, or deleted. */
  const pass = (isKept: boolean): void => {
    if (open !== undefined && position >= open.to) close();
    open ??= replaced.find(({ from, to }) => from <= position && position < to);
    if (open !== undefined) text += isKept ? (characters[position] ?? '') : '';
    else if (isKept) operation.retain(1);
    else operation.delete(1);
    position++;
  };
  for (const component of shortest) {
    if (typeof component === 'number') for (let i = 0; i < component; i++) pass(true);
    else if (typeof component === 'object') for (let i = 0; i < component.d; i++) pass(false);
    else if (open !== undefined) text += component;
    else operation.insert(component);
  }
  // Text behind the last component is kept, also within a replaced word.
  while (open !== undefined && position < open.to) pass(true);
  close();
  return insertedFirst(operation.build());
}

/** Puts insertions before the deletions that they replace, so that others' insertions behind stay behind. */
function insertedFirst(operation: TextOperation): TextOperation {
  const ordered = new OperationBuilder();
  let deleted = 0;
  for (const component of operation) {
    if (typeof component === 'string') ordered.insert(component);
    else if (typeof component === 'object') deleted += component.d;
    else {
      ordered.delete(deleted).retain(component);
      deleted = 0;
    }
  }
  return ordered.delete(deleted).build();
}

interface Word {
  /** In code points of the former title. */
  readonly from: number;
  readonly to: number;
}

/** Words in which, or at whose ends, letters were inserted, and of which letters were removed. */
function replacedWords(before: string, operation: TextOperation): readonly Word[] {
  const edits: { readonly from: number; readonly to: number; readonly text: string }[] = [];
  let position = 0;
  for (const component of operation) {
    if (typeof component === 'number') position += component;
    else if (typeof component === 'string') {
      edits.push({ from: position, to: position, text: component });
    } else {
      edits.push({ from: position, to: position + component.d, text: '' });
      position += component.d;
    }
  }
  const words: Word[] = [...before.matchAll(WORDS)].map(({ 0: word, index }) => {
    const from = countCodePoints(before.slice(0, index));
    return { from, to: from + countCodePoints(word) };
  });
  return words.filter(({ from, to }) => {
    const isCut = edits.some((edit) => edit.from < edit.to && edit.from < to && edit.to > from);
    const isFilled = edits.some((edit) => {
      if (edit.text === '' || edit.from < from || edit.from > to) return false;
      if (edit.from > from && edit.from < to) return true;
      return (edit.from === from ? ENDS_IN_LETTER : BEGINS_WITH_LETTER).test(edit.text);
    });
    return isCut && isFilled;
  });
}

const ENDS_IN_LETTER = /[\p{L}\p{M}\p{N}]$/u;
const BEGINS_WITH_LETTER = /^[\p{L}\p{M}\p{N}]/u;

/** The longest prefix of whole graphemes within a number of UTF-16 units. */
export function cutTitle(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  let end = 0;
  for (const { index, segment } of new Intl.Segmenter('en').segment(text)) {
    if (index + segment.length > lengthMax) break;
    end = index + segment.length;
  }
  if (end > 0) return text.slice(0, end);
  // A single grapheme longer than a title is cut between code points.
  for (const codePoint of text) {
    if (end + codePoint.length > lengthMax) break;
    end += codePoint.length;
  }
  return text.slice(0, end);
}
