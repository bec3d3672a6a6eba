/** Header of a document's page: title and status on the left, people and actions on the right. */
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { BrandMark } from '../ui/brand.tsx';
import { Link } from '../ui/link.tsx';
import './document.css';

export function DocumentHeader(props: {
  readonly title: ReactNode;
  readonly status: ReactNode;
  readonly children?: ReactNode;
}) {
  const { title, status, children } = props;
  return (
    <header className="document-header">
      <Link href="/" className="icon-button home-link" label={messages.documents.all}>
        <BrandMark />
      </Link>
      <div className="document-heading">
        {title}
        {status}
      </div>
      <div className="document-actions">{children}</div>
    </header>
  );
}
