/** A version of a passage against what it was before: changed words marked, by more than colour. */
import { Fragment } from 'react';
import { mergeMessages as words } from './merge-messages.ts';
import { wordDiff, type DiffPiece } from './word-diff.ts';

/** Of a longer stretch in which nothing changed, the ends are shown. */
const LONG = 240;
const END = 80;

export function DiffText({ before, after }: { readonly before: string; readonly after: string }) {
  const pieces = wordDiff(withoutLastBreak(before), withoutLastBreak(after));
  return (
    <div className="diff-text" dir="auto">
      {pieces.map((piece, index) => (
        // Pieces have no identity but their place; they are never reordered.
        <Fragment key={index}>{shown(piece)}</Fragment>
      ))}
    </div>
  );
}

function shown({ kind, text }: DiffPiece) {
  switch (kind) {
    case 'same':
      return <span>{shortened(text)}</span>;
    case 'added':
      return (
        <ins>
          <span className="visually-hidden">{words.inserted} </span>
          {text}
        </ins>
      );
    case 'removed':
      return (
        <del>
          <span className="visually-hidden">{words.removed} </span>
          {text}
        </del>
      );
  }
}

function shortened(text: string): string {
  if (text.length <= LONG) return text;
  return `${text.slice(0, END).toWellFormed()} … ${text.slice(-END).toWellFormed()}`;
}

/** The break that ends a passage is not part of what is read. */
function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
