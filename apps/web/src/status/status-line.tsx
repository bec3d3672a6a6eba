/** The status beside the title. Product.md and tests rely on its role and wording. */
import type { DocumentStatus } from '@concord/client';
import { statusText } from './status-text.ts';
import './status.css';

export function StatusLine({ status }: { readonly status: DocumentStatus }) {
  const { text, tone } = statusText(status);
  return (
    <div role="status" className={`status status-${tone}`}>
      <span className="status-dot" aria-hidden="true" />
      <span>{text}</span>
    </div>
  );
}
