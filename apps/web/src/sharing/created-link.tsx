/** The address of a new link, shown only once: the server stores only a hash of it. */
import { useEffect, useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { copyText } from '../ui/copy.ts';
import { CopyIcon } from '../ui/icons.tsx';

const words = messages.sharing;

export function CreatedLink(props: { readonly address: string; readonly onDone: () => void }) {
  const { address, onDone } = props;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState('');
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [address]);
  const copy = async (): Promise<void> => {
    setCopied((await copyText(address)) ? words.copied : messages.document.copyFailed);
  };
  return (
    <div className="created-link">
      <p>{words.created}</p>
      <div className="access-add">
        <input
          ref={field}
          className="field"
          aria-label={words.createdAddress}
          value={address}
          readOnly
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" className="button button-primary" onClick={() => void copy()}>
          <CopyIcon />
          {words.copy}
        </button>
        <button type="button" className="button button-quiet" onClick={onDone}>
          {words.done}
        </button>
      </div>
      <p className="access-hint access-done" aria-live="polite">
        {copied}
      </p>
    </div>
  );
}
