/** Own edits that the server refused: why, and the lost text, to be copied (I5). */
import type { EditRefused } from '@concord/client';
import { messages } from '../i18n/messages.ts';

export interface RefusedNotice extends EditRefused {
  readonly id: number;
}

function reason(code: RefusedNotice['code']): string {
  switch (code) {
    case 'documentTooLarge':
      return messages.refused.documentTooLarge;
    case 'operationTooLarge':
    case 'tooManyComponents':
      return messages.refused.operationTooLarge;
    case 'readOnly':
      return messages.refused.readOnly;
    default:
      return messages.refused.other;
  }
}

export function RefusedNotices(props: {
  readonly notices: readonly RefusedNotice[];
  readonly onCopy: (text: string) => void;
  readonly onDismiss: (id: number) => void;
}) {
  const { notices, onCopy, onDismiss } = props;
  return notices.map(({ id, code, lostText }) => (
    <section key={id} className="notice notice-warning" role="alert">
      <div className="notice-text">
        <h2>{messages.refused.heading}</h2>
        <p>
          {reason(code)}{' '}
          {lostText === '' ? messages.refused.removedNothing : messages.refused.removed}
        </p>
        {lostText !== '' && (
          <pre className="notice-lost" tabIndex={0}>
            {lostText}
          </pre>
        )}
      </div>
      <div className="notice-actions">
        {lostText !== '' && (
          <button type="button" className="button" onClick={() => onCopy(lostText)}>
            {messages.refused.copy}
          </button>
        )}
        <button type="button" className="button" onClick={() => onDismiss(id)}>
          {messages.document.dismiss}
        </button>
      </div>
    </section>
  ));
}
