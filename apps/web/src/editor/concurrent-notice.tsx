/** Shows for a few seconds who else edits the paragraph being written. Overlays the page without a layout shift. */
import type { Person } from '@concord/protocol';
import type { EditorView } from '@codemirror/view';
import { useEffect, useState } from 'react';
import { colorClass } from '../people/colors.ts';
import { displayName } from '../people/names.ts';
import { concurrentEdits, type ConcurrentEdit } from './concurrent-edit.ts';
import { concurrentMessages as words } from './concurrent-messages.ts';

const SHOWN_MS = 6_000;

export function ConcurrentNotice(props: {
  /** The component is rendered again on each change of the view's text. */
  readonly view: EditorView;
  readonly people: readonly Person[];
  /** Own session number among the people. */
  readonly self: number;
}) {
  const { view, people, self } = props;
  const { latest } = view.state.field(concurrentEdits);
  const [passed, setPassed] = useState<ConcurrentEdit | null>(null);
  useEffect(() => {
    if (latest === null) return undefined;
    const timer = setTimeout(() => setPassed(latest), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [latest]);
  const ownId = people.find(({ session }) => session === self)?.userId;
  const author =
    latest === null || latest === passed || latest.author === ownId
      ? undefined
      : people.find(({ userId }) => userId === latest.author);
  return (
    // No role "status": that is reserved for the document's status line.
    <div className="concurrent-region" aria-live="polite">
      {author !== undefined && (
        <div className={`concurrent-notice ${colorClass(author.color)}`}>
          {words.concurrentEdit(displayName(author))}
        </div>
      )}
    </div>
  );
}
