/** Head of the share dialog: a summary of access in plain words, and the document's address. */
import type { DocumentResource } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { copyText } from '../ui/copy.ts';
import { LinkIcon } from '../ui/icons.tsx';
import { useState } from 'react';

export function AccessOverview(props: {
  readonly sentence: string;
  readonly hint?: string;
  readonly document: Pick<DocumentResource, 'url' | 'anyone'>;
}) {
  const { sentence, hint, document } = props;
  // Shown within the dialog, since the page's toasts are behind it.
  const [copied, setCopied] = useState('');
  const words = messages.sharing;
  const copyAddress = async (): Promise<void> => {
    const done = document.anyone === 'off' ? words.addressCopiedPrivate : words.addressCopied;
    const isCopied = await copyText(location.origin + document.url);
    setCopied(isCopied ? done : messages.document.copyFailed);
  };
  return (
    <div className="access-overview">
      <div>
        {/* Changes are read out; no role "status", which is reserved for the document's status line. */}
        <p className="access-sentence" aria-live="polite">
          {sentence}
        </p>
        {hint !== undefined && <p className="access-hint">{hint}</p>}
        <p className="access-hint access-done" aria-live="polite">
          {copied}
        </p>
      </div>
      <button type="button" className="button" onClick={() => void copyAddress()}>
        <LinkIcon />
        {words.copyAddress}
      </button>
    </div>
  );
}
