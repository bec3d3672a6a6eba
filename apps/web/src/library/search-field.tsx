/** Finds documents by title and text, while one types; `/` leads here from anywhere on the page. */
import { SEARCH_CHARACTERS } from '@concord/protocol';
import { useEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { FindIcon } from '../ui/icons.tsx';

/** Long enough not to ask for each letter, short enough to feel at once. */
const PAUSE_MS = 200;

export function SearchField(props: {
  /** What is searched for now. */
  readonly search: string;
  readonly onSearch: (search: string) => void;
}) {
  const { search, onSearch } = props;
  const [draft, setDraft] = useState(search);
  const [seen, setSeen] = useState(search);
  const [sent, setSent] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  if (search !== seen) {
    // The address changed. If not by this field, for instance by Back, it shows what is searched for now.
    setSeen(search);
    if (search !== sent) setDraft(search);
  }

  useEffect(() => {
    const wanted = draft.trim();
    if (wanted === search) return undefined;
    const timer = setTimeout(() => {
      setSent(wanted);
      onSearch(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, search, onSearch]);

  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest('input, select, textarea, dialog, [contenteditable]') !== null) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);

  return (
    <div className="search-field" role="search">
      <FindIcon />
      <input
        ref={field}
        className="field"
        type="search"
        aria-label={messages.documents.search}
        aria-keyshortcuts="/"
        placeholder={messages.documents.search}
        value={draft}
        maxLength={SEARCH_CHARACTERS}
        autoComplete="off"
        enterKeyHint="search"
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setDraft('');
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
