import { TITLE_CHARACTERS } from '@concord/protocol';
import { messages } from '../messages.ts';

/** The title, as wide as it is long: the hidden copy in `data-text` gives the field its width. */
export function TitleField(props: {
  readonly title: string;
  readonly isReadOnly: boolean;
  readonly onChange: (title: string) => void;
  /** Enter leads on into the text. */
  readonly onDone: () => void;
}) {
  const { title, isReadOnly, onChange, onDone } = props;
  return (
    <span className="title-field" data-text={title === '' ? messages.documents.untitled : title}>
      <input
        aria-label={messages.document.title}
        placeholder={messages.documents.untitled}
        value={title}
        maxLength={TITLE_CHARACTERS}
        readOnly={isReadOnly}
        autoComplete="off"
        enterKeyHint="next"
        size={1}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onDone();
        }}
      />
    </span>
  );
}
