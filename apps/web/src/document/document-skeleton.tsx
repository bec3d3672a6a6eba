/** Placeholder until a document's text is loaded, in the same layout, so that nothing shifts. */
import { messages } from '../i18n/messages.ts';
import { StatusLine } from '../status/status-line.tsx';
import { DocumentHeader } from './document-header.tsx';
import { TitleField } from './title-field.tsx';

const nothing = (): void => undefined;

/** @param title shown if it is known already */
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

/** Grey lines in place of paragraphs. They appear after a delay: most documents are loaded before. */
export function TextSkeleton() {
  return (
    <main className="text-skeleton" aria-busy="true" aria-label={messages.document.opening}>
      {[45, 96, 100, 88, 0, 94, 99, 62].map((width, index) => (
        <span key={index} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </main>
  );
}
