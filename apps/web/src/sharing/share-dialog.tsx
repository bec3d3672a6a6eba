/** Access to a document: owners change it, others see it. */
import type { DocumentId, Role } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { AccessOverview } from './access-overview.tsx';
import { accessSentence } from './access-sentence.ts';
import { GeneralAccess } from './general-access.tsx';
import { LinksSection } from './links-section.tsx';
import { PeopleSection } from './people-section.tsx';
import './sharing.css';
import { useSharing, type Sharing, type SharingChanges } from './use-sharing.ts';
import { VisitorAccess } from './visitor-access.tsx';

export interface ShareDialogProps {
  readonly documentId: DocumentId;
  readonly title: string;
  /** The role in the live session; null while unknown. */
  readonly role: Role | null;
  readonly onClose: () => void;
}

export function ShareDialog({ documentId, title, role, onClose }: ShareDialogProps) {
  const { state, changes, reload } = useSharing(documentId, role);
  const heading = title === '' ? messages.sharing.heading : messages.sharing.headingOf(title);
  return (
    <Dialog heading={heading} isWide onClose={onClose}>
      {() => {
        switch (state.phase) {
          case 'loading':
            return <LoadingAccess />;
          case 'failed':
            return (
              <section className="notice" role="alert">
                <p className="notice-text">{messages.sharing.loadFailed}</p>
                <button type="button" className="button" onClick={reload}>
                  {messages.documents.tryAgain}
                </button>
              </section>
            );
          case 'loaded':
            return state.sharing.document.role === 'owner' ? (
              <OwnersAccess sharing={state.sharing} changes={changes} />
            ) : (
              <VisitorAccess
                sharing={state.sharing}
                role={state.sharing.document.role}
                changes={changes}
              />
            );
        }
      }}
    </Dialog>
  );
}

function OwnersAccess(props: { readonly sharing: Sharing; readonly changes: SharingChanges }) {
  const { sharing, changes } = props;
  const { document, readAt, people, invited, links, selfId } = sharing;
  const others = people.filter(({ userId }) => userId !== selfId);
  const sentence = accessSentence({ anyone: document.anyone, others, links }, readAt);
  return (
    <>
      <AccessOverview sentence={sentence} document={document} />
      <GeneralAccess anyone={document.anyone} onChange={changes.setAnyone} />
      <PeopleSection people={people} invited={invited} selfId={selfId} changes={changes} />
      <LinksSection links={links} changes={changes} />
    </>
  );
}

function LoadingAccess() {
  return (
    <div className="access-loading" aria-busy="true" aria-label={messages.sharing.loading}>
      {[90, 60, 75].map((width) => (
        <span key={width} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
