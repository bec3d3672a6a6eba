/** A passage that both sides changed: both versions side by side, and the choices. */
import type { TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { memo, useId } from 'react';
import { showInText } from './flash.ts';
import { Tooltip } from '../ui/tooltip.tsx';
import { DiffText } from './diff-text.tsx';
import { mergeMessages as words } from './merge-messages.ts';
import type { TrackedPassage } from './merge-review.ts';
import {
  addVersion,
  keepAsItIs,
  keepVersion,
  type PassageState,
  type Version,
} from './review-choices.ts';

interface PassageCardProps {
  readonly view: EditorView;
  readonly tracked: TrackedPassage;
  readonly index: number;
  readonly state: PassageState;
  /** Current line number, from 1. */
  readonly line: number;
  readonly isReadOnly: boolean;
}

export function PassageCard(props: PassageCardProps) {
  const { view, tracked, state, line, isReadOnly } = props;
  const { from, to } = tracked;
  const id = useId();
  const show = (): void => showInText(view, from, to);
  const stateWord = words.state[state.kind === 'decided' ? state.choice : state.kind];
  return (
    <article
      className={`passage passage-${state.kind}`}
      aria-labelledby={id}
      // A click anywhere on the card acts as its heading, unless text was selected.
      onClick={({ target }) => {
        const isOnButton = target instanceof Element && target.closest('button') !== null;
        if (!isOnButton && document.getSelection()?.isCollapsed !== false) show();
      }}
    >
      <header className="passage-header">
        <h3 id={id}>
          <Tooltip label={words.showInText}>
            <button type="button" className="passage-place" onClick={show}>
              {words.line(line)}
              <span className="visually-hidden">, {words.showInText}</span>
            </button>
          </Tooltip>
        </h3>
        <span className="passage-state" aria-live="polite">
          {stateWord}
        </span>
      </header>
      <Versions passage={tracked.passage} />
      {state.kind === 'changed' && (
        <div className="passage-present">
          <h4>{words.presentText}</h4>
          {state.present.trim() === '' ? (
            <p>{words.presentRemoved}</p>
          ) : (
            <div className="diff-text" dir="auto">
              {state.present.replace(/\n$/, '')}
            </div>
          )}
          <p className="passage-hint">{words.changedHint}</p>
        </div>
      )}
      {!isReadOnly && (
        <div className="passage-actions" role="group" aria-labelledby={id}>
          <Choices {...props} />
        </div>
      )}
    </article>
  );
}

/** Memoized: the versions do not depend on the current text. */
const Versions = memo(function Versions({
  passage: { baseText, mineText, theirsText },
}: {
  readonly passage: TrackedPassage['passage'];
}) {
  return (
    <div className="passage-versions">
      <section>
        <h4>{words.mine}</h4>
        <DiffText before={baseText} after={mineText} />
      </section>
      <section>
        <h4>{words.theirs}</h4>
        <DiffText before={baseText} after={theirsText} />
      </section>
    </div>
  );
});

function Choices({ view, tracked, index, state }: PassageCardProps) {
  const isChanged = state.kind === 'changed';
  const choose = (edit: TransactionSpec | null): void => {
    if (edit !== null) view.dispatch(edit);
  };
  if (isChanged || (state.kind === 'decided' && state.choice === 'asItIs')) {
    return (
      <>
        <Choice
          label={words.leaveAsItIs}
          isPressed={!isChanged}
          onChoose={() => choose(keepAsItIs(view.state, index))}
        />
        {isChanged && tracked.passage.mineText !== '' && (
          <Choice
            label={words.addMine}
            onChoose={() => choose(addVersion(view.state, index, 'mine'))}
          />
        )}
        {isChanged && tracked.passage.theirsText !== '' && (
          <Choice
            label={words.addTheirs}
            onChoose={() => choose(addVersion(view.state, index, 'theirs'))}
          />
        )}
      </>
    );
  }
  const kept = state.kind === 'decided' ? state.choice : null;
  return versions.map(({ version, label }) => (
    <Choice
      key={version}
      label={label}
      isPressed={kept === version}
      onChoose={() => choose(keepVersion(view.state, index, version))}
    />
  ));
}

const versions: readonly { readonly version: Version; readonly label: string }[] = [
  { version: 'both', label: words.keepBoth },
  { version: 'mine', label: words.keepMine },
  { version: 'theirs', label: words.keepTheirs },
];

function Choice(props: {
  readonly label: string;
  readonly isPressed?: boolean;
  readonly onChoose: () => void;
}) {
  const { label, isPressed, onChoose } = props;
  return (
    <button type="button" className="button" aria-pressed={isPressed} onClick={onChoose}>
      {label}
    </button>
  );
}
