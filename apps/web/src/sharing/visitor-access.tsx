/** Share dialog of people who do not own the document: what they may do, and how to leave. */
import type { Role } from '@concord/protocol';
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { navigate } from '../navigation/routes.ts';
import { useNotify } from '../ui/notify.tsx';
import { AccessOverview } from './access-overview.tsx';
import { visitorSentence } from './access-sentence.ts';
import { ConfirmInPlace, ProblemLine } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';
import type { Sharing, SharingChanges } from './use-sharing.ts';

const words = messages.sharing;

export function VisitorAccess(props: {
  readonly sharing: Sharing;
  readonly role: Exclude<Role, 'owner'>;
  readonly changes: Pick<SharingChanges, 'removePerson'>;
}) {
  const { sharing, role, changes } = props;
  const { document, selfId } = sharing;
  const notify = useNotify();
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, problem, attempt } = useAttempt();
  const leave = async (): Promise<void> => {
    const isDone = await attempt(async () => {
      await changes.removePerson(selfId);
      return true;
    });
    setIsAsking(false);
    if (isDone !== true) return;
    notify(words.left);
    navigate('/');
  };
  return (
    <>
      <AccessOverview
        sentence={visitorSentence(role, displayName(document.owner))}
        hint={words.visitorHint}
        document={document}
      />
      <section className="access-section">
        {isAsking ? (
          <ConfirmInPlace
            question={words.leaveConfirm}
            yes={words.leave}
            isBusy={isBusy}
            onYes={() => void leave()}
            onNo={() => setIsAsking(false)}
          />
        ) : (
          <button type="button" className="button" onClick={() => setIsAsking(true)}>
            {words.leave}
          </button>
        )}
        <ProblemLine text={problem} />
      </section>
    </>
  );
}
