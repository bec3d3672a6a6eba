/** Received invitations to documents: a role is granted only by accepting. */
import type { ReceivedInvitation } from '@concord/protocol';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { navigate } from '../navigation/routes.ts';
import { useNotify } from '../ui/notify.tsx';
import { ProblemLine } from './parts.tsx';
import './received-invitations.css';
import { acceptInvitation, declineInvitation, listReceivedInvitations } from './sharing-api.ts';
import { useAttempt } from '../forms/use-attempt.ts';

const words = messages.invitations;

const queryKey = ['received invitations'] as const;

/** Renders nothing without invitations, or while the server is unreachable. */
export function ReceivedInvitations() {
  const client = useQueryClient();
  // The former list stays if a request fails.
  const { data: invitations = [] } = useQuery({
    queryKey,
    queryFn: listReceivedInvitations,
    refetchOnWindowFocus: 'always',
  });
  const answered = async (answeredId: string): Promise<void> => {
    // A pending response may predate this answer.
    await client.cancelQueries({ queryKey });
    client.setQueryData<readonly ReceivedInvitation[]>(queryKey, (all) =>
      all?.filter(({ id }) => id !== answeredId),
    );
  };
  if (invitations.length === 0) return null;
  return (
    <section className="invitations" aria-labelledby="invitations">
      <h2 id="invitations">{words.heading}</h2>
      <ul>
        {invitations.map((invitation) => (
          <Invitation
            key={invitation.id}
            invitation={invitation}
            onAnswered={() => void answered(invitation.id)}
          />
        ))}
      </ul>
    </section>
  );
}

function Invitation(props: {
  readonly invitation: ReceivedInvitation;
  readonly onAnswered: () => void;
}) {
  const { invitation, onAnswered } = props;
  const { id, title, role, from } = invitation;
  const { isBusy, problem, attempt } = useAttempt();
  const notify = useNotify();
  const name = title === '' ? messages.documents.untitled : title;
  const accept = async (): Promise<void> => {
    const accepted = await attempt(() => acceptInvitation(id));
    if (accepted === undefined) return;
    onAnswered();
    navigate(accepted.url);
  };
  const decline = async (): Promise<void> => {
    const isDone = await attempt(async () => {
      await declineInvitation(id);
      return true;
    });
    if (isDone !== true) return;
    onAnswered();
    notify(words.declined);
  };
  return (
    <li className="invitation">
      <div className="invitation-what">
        <strong>{name}</strong>
        <span>{words.from(displayName(from), from.userName, messages.sharing.role[role])}</span>
      </div>
      <div className="invitation-answers">
        <button
          type="button"
          className="button"
          aria-label={words.declineNamed(name)}
          disabled={isBusy}
          onClick={() => void decline()}
        >
          {words.decline}
        </button>
        <button
          type="button"
          className="button button-primary"
          aria-label={words.acceptNamed(name)}
          disabled={isBusy}
          onClick={() => void accept()}
        >
          {words.accept}
        </button>
      </div>
      <ProblemLine text={problem} />
    </li>
  );
}
