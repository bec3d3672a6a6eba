/** Buttons to copy or download a text that may be the only copy (I5). */
import { messages } from '../i18n/messages.ts';

export function TakeText(props: { readonly onCopy: () => void; readonly onDownload: () => void }) {
  const { onCopy, onDownload } = props;
  return (
    <>
      <button type="button" className="button" onClick={onCopy}>
        {messages.document.copyText}
      </button>
      <button type="button" className="button" onClick={onDownload}>
        {messages.document.download}
      </button>
    </>
  );
}
