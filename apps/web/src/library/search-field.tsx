/** Searches documents by title and text while the person types; `/` focuses it from anywhere on the page. */
import { SEARCH_CHARACTERS } from '@concord/protocol';
import { useEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { FindIcon } from '../ui/icons.tsx';

/** Debounce interval: long enough not to send a request per letter, short enough to feel immediate. */
const DEBOUNCE_MS = 200;

export function SearchField(props: {
  /** The current search. */
  readonly search: string;
  readonly onSearch: (search: string) => void;
}) {
  const { search, onSearch } = props;
  const [draft, setDraft] = useState(search);
  const [seen, setSeen] = useState(search);
  const [sent, setSent] = useState(search);
  const field = useRef<HTMLInputElement>(null);
  if (search !== seen) {
    // The address changed. If by something else than this field, for instance Back, show the new search.
    setSeen(search);
    if (search !== sent) setDraft(search);
  }

  useEffect(() => {
    const wanted = draft.trim();
    if (wanted === search) return undefined;
    const timer = setTimeout(() => {
      setSent(wanted);
      onSearch(wanted);
    }, DEBOUNCE_MS);
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
