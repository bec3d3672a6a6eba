/** What stands in a document's place until its text is here. The same layout, so that nothing jumps. */
import { messages } from '../i18n/messages.ts';
import { StatusLine } from '../status/status-line.tsx';
import { DocumentHeader } from './document-header.tsx';
import { TitleField } from './title-field.tsx';

const nothing = (): void => undefined;

/** @param title what is known of it already */
export function DocumentSkeleton({ title }: { readonly title: string }) {
  return (
    <div className="document-page">
      <DocumentHeader
        title={<TitleField title={title} isReadOnly onChange={nothing} onDone={nothing} />}
        status={<StatusLine status={{ kind: 'opening' }} />}
      />
      <div className="toolbar-row" />
      <TextSkeleton />
    </div>
  );
}

/** Grey lines where paragraphs will be. They appear late: most documents are there before them. */
export function TextSkeleton() {
  return (
    <main className="text-skeleton" aria-busy="true" aria-label={messages.document.opening}>
      {[45, 96, 100, 88, 0, 94, 99, 62].map((width, index) => (
        <span key={index} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </main>
  );
}
