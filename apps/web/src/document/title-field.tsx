import { diffTexts } from '@concord/ot';
import { TITLE_CHARACTERS } from '@concord/protocol';
import { useLayoutEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { movedSelection } from './moved-selection.ts';

/**
 * The title, as wide as it is long: the hidden copy in `data-text` gives the field its width. What others make of the
 * title goes into the field under the caret, which stays where the person types; never while an input method composes.
 */
export function TitleField(props: {
  readonly title: string;
  readonly isReadOnly: boolean;
  /** `base`: what the field showed before. */
  readonly onChange: (title: string, base: string) => void;
  /** Enter leads on into the text. */
  readonly onDone: () => void;
}) {
  const { title, isReadOnly, onChange, onDone } = props;
  const [firstTitle] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  /** What the field had when it was last the same as the title. */
  const shown = useRef(title);
  /** What an input method has made so far; null while none composes. */
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

/** Puts a title into the field; a selection stays at the characters where it is. */
function show(field: HTMLInputElement, title: string): void {
  const { value, selectionStart, selectionEnd, selectionDirection } = field;
  if (value === title) return;
  field.value = title;
  // Elsewhere it would take the focus, in some browsers.
  if (document.activeElement !== field || selectionStart === null || selectionEnd === null) return;
  const change = diffTexts(value.toWellFormed(), title);
  const { from, to } = movedSelection(value, title, change, selectionStart, selectionEnd);
  field.setSelectionRange(from, to, selectionDirection ?? 'none');
}
