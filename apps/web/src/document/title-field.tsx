import { diffTexts } from '@concord/ot';
import { TITLE_CHARACTERS } from '@concord/protocol';
import { useLayoutEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { movedSelection } from './moved-selection.ts';

/**
 * The title field, as wide as its text: the hidden copy in `data-text` sets the width. Remote changes of the title are
 * merged into the field while the caret keeps its place; not during an IME composition.
 */
export function TitleField(props: {
  readonly title: string;
  readonly isReadOnly: boolean;
  /** `base`: what the field showed before. */
  readonly onChange: (title: string, base: string) => void;
  /** Enter moves the focus into the text. */
  readonly onDone: () => void;
}) {
  const { title, isReadOnly, onChange, onDone } = props;
  const [firstTitle] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  /** Value of the field when it last equalled the title. */
  const shown = useRef(title);
  /** Value during an IME composition; null otherwise. */
  const [composed, setComposed] = useState<string | null>(null);
  const isComposing = composed !== null;

  useLayoutEffect(() => {
    if (field.current === null || isComposing) return;
    show(field.current, title);
    shown.current = title;
  }, [title, isComposing]);

  const typed = (value: string): void => {
    const base = shown.current;
    shown.current = value;
    onChange(value, base);
  };
  const width = composed ?? title;
  return (
    <span className="title-field" data-text={width === '' ? messages.documents.untitled : width}>
      <input
        ref={field}
        aria-label={messages.document.title}
        placeholder={messages.documents.untitled}
        defaultValue={firstTitle}
        maxLength={TITLE_CHARACTERS}
        readOnly={isReadOnly}
        autoComplete="off"
        enterKeyHint="next"
        size={1}
        onCompositionStart={(event) => setComposed(event.currentTarget.value)}
        onCompositionEnd={(event) => {
          setComposed(null);
          typed(event.currentTarget.value);
        }}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (isComposing) setComposed(value);
          else typed(value);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onDone();
        }}
      />
    </span>
  );
}

/** Sets the field's value; the selection stays at the same characters. */
function show(field: HTMLInputElement, title: string): void {
  const { value, selectionStart, selectionEnd, selectionDirection } = field;
  if (value === title) return;
  field.value = title;
  // Some browsers focus a field when its selection is set.
  if (document.activeElement !== field || selectionStart === null || selectionEnd === null) return;
  const change = diffTexts(value.toWellFormed(), title);
  const { from, to } = movedSelection(value, title, change, selectionStart, selectionEnd);
  field.setSelectionRange(from, to, selectionDirection ?? 'none');
}
