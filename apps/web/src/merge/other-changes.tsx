/** The changes of a merge that did not overlap: their number, and an expandable list. */
import type { MergePassage } from '@concord/ot';
import { useState } from 'react';
import { DiffText } from './diff-text.tsx';
import { mergeMessages as words } from './merge-messages.ts';

const MAX_SHOWN = 50;

export function OtherChanges(props: {
  readonly others: readonly MergePassage[];
  /** The merge has no overlapping changes besides these. */
  readonly areAll: boolean;
}) {
  const { others, areAll } = props;
  const [isOpen, setIsOpen] = useState(false);
  if (others.length === 0) return null;
  const more = others.length - MAX_SHOWN;
  return (
    <details
      className="other-changes"
      open={isOpen}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>{areAll ? words.onlyOthers(others.length) : words.others(others.length)}</summary>
      {isOpen && (
        <ul>
          {others.slice(0, MAX_SHOWN).map((passage, index) => (
            <li key={index}>
              <h4>{whose(passage)}</h4>
              <DiffText before={passage.baseText} after={passage.mergedText} />
            </li>
          ))}
          {more > 0 && <li>{words.othersMore(more)}</li>}
        </ul>
      )}
    </details>
  );
}

function whose({ kind }: MergePassage): string {
  if (kind === 'both') return words.alike;
  return kind === 'mine' ? words.byMe : words.byOthers;
}
