/** Row of a pending invitation. Shows the login as the owner typed it, since the invited person is not disclosed. */
import type { AccessPerson, DocumentInvitation } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { CloseIcon, MailIcon } from '../ui/icons.tsx';
import { ProblemLine } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';

const words = messages.sharing;

export function InvitedRow(props: {
  readonly invitation: DocumentInvitation;
  /** The invited person, if they have a role in this document already. */
  readonly person: AccessPerson | undefined;
  readonly onWithdraw: (invitationId: string) => Promise<void>;
  readonly onWithdrawn: () => void;
}) {
  const { invitation, person, onWithdraw, onWithdrawn } = props;
  const { isBusy, problem, attempt } = useAttempt();
  const name = person === undefined ? invitation.invited : displayName(person);
  const withdraw = async (): Promise<void> => {
    const isDone = await attempt(async () => {
      await onWithdraw(invitation.id);
      return true;
    });
    if (isDone === true) onWithdrawn();
  };
  return (
    <li>
      <div className="access-row access-row-invited">
        <span className="access-avatar" aria-hidden="true">
          <MailIcon />
        </span>
        <div className="access-who">
          <span className="access-name">{name}</span>
          <span className="access-hint">{words.invitedAs[invitation.role]}</span>
        </div>
        <IconButton label={words.withdraw(name)} disabled={isBusy} onClick={() => void withdraw()}>
          <CloseIcon />
        </IconButton>
      </div>
      <ProblemLine text={problem} />
    </li>
  );
}
