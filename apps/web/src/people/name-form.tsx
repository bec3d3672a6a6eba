/** Form for the person's own name, as others see it. */
import { NAME_CHARACTERS, type Me } from '@concord/protocol';
import { useState } from 'react';
import { changeMe } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';

export function NameForm(props: {
  readonly name: string;
  /** The surrounding heading already describes the field: the label is only for screen readers. */
  readonly isHeaded?: boolean;
  readonly onSaved: (me: Me) => void;
}) {
  const { name, isHeaded = false, onSaved } = props;
  const [draft, setDraft] = useState(name);
  const [state, setState] = useState<'editing' | 'saving' | 'failed'>('editing');

  const save = async (): Promise<void> => {
    setState('saving');
    try {
      onSaved(await changeMe({ name: draft.trim() }));
    } catch {
      setState('failed');
    }
  };

  return (
    <form
      className="name-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label>
        <span className={isHeaded ? 'visually-hidden' : 'field-label'}>
          {messages.people.yourName}
        </span>
        <input
          className="field"
          value={draft}
          data-focus-first
          maxLength={NAME_CHARACTERS}
          autoComplete="nickname"
          enterKeyHint="done"
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setDraft(event.currentTarget.value)}
        />
      </label>
      <p className="field-hint">{messages.people.nameHint}</p>
      {state === 'failed' && (
        <p className="field-error" role="alert">
          {messages.people.nameFailed}
        </p>
      )}
      <button
        type="submit"
        className="button button-primary"
        disabled={state === 'saving' || draft.trim() === ''}
      >
        {messages.people.saveName}
      </button>
    </form>
  );
}
