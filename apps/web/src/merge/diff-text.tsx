/** A version of a passage with its word changes against the original marked, not by colour alone. */
import { Fragment } from 'react';
import { mergeMessages as words } from './merge-messages.ts';
import { wordDiff, type DiffPiece } from './word-diff.ts';

/** Of an unchanged stretch longer than this, only the ends are shown. */
const LONG = 240;
const END = 80;

export function DiffText({ before, after }: { readonly before: string; readonly after: string }) {
  const pieces = wordDiff(withoutLastBreak(before), withoutLastBreak(after));
  return (
    <div className="diff-text" dir="auto">
      {pieces.map((piece, index) => (
        // The index is a stable key: pieces are never reordered.
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

/** Removes the line break that ends a passage, which is not displayed. */
function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}
