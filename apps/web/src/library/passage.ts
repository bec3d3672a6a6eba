/**
 * A passage that a search found: its hits stand between U+0002 and U+0003 (protocol, `listedDocumentSchema`).
 * They become parts with a flag, so that the page renders text and never markup. Pure.
 */
export interface PassagePart {
  readonly text: string;
  readonly isHit: boolean;
}

const BEGIN = '\u0002';
const END = '\u0003';

/** The parts in order, none of them empty. Marks without their counterpart end with the passage. */
export function splitPassage(passage: string): readonly PassagePart[] {
  const parts: PassagePart[] = [];
  let isHit = false;
  let text = '';
  const finish = (): void => {
    if (text !== '') parts.push({ text, isHit });
    text = '';
  };
  for (const character of passage) {
    if (character !== BEGIN && character !== END) text += character;
    else {
      finish();
      isHit = character === BEGIN;
    }
  }
  finish();
  return parts;
}
