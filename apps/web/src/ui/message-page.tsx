/** A page with a single message and what to do next. */
import { useEffect, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { Brand } from './brand.tsx';
import { Link } from './link.tsx';
import './page.css';

/** Frame of such a page: document title, heading, and `children`. */
export function MessageFrame(props: { readonly heading: string; readonly children: ReactNode }) {
  const { heading, children } = props;
  useEffect(() => {
    document.title = messages.pageTitle(heading);
  }, [heading]);
  return (
    <div className="page">
      <header className="page-header">
        <Brand />
      </header>
      <main className="message">
        <h1>{heading}</h1>
        {children}
      </main>
    </div>
  );
}

export function MessagePage(props: {
  readonly heading: string;
  readonly body: string;
  readonly children?: ReactNode;
  readonly below?: ReactNode;
}) {
  const { heading, body, children, below } = props;
  return (
    <MessageFrame heading={heading}>
      <p>{body}</p>
      <div className="message-actions">
        {children}
        <Link href="/" className="button">
          {messages.documents.all}
        </Link>
      </div>
      {below}
    </MessageFrame>
  );
}

export function NotFoundPage() {
  return <MessagePage heading={messages.notFound.heading} body={messages.notFound.body} />;
}
