/** People with a role of their own: invite, change and remove. */
import type { AccessPerson, DocumentInvitation, Role } from '@concord/protocol';
import { useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { displayName, initials } from '../people/names.ts';
import { navigate } from '../navigation/routes.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { CloseIcon } from '../ui/icons.tsx';
import { useNotify } from '../ui/notify.tsx';
import { InvitedRow } from './invited-row.tsx';
import { ConfirmInPlace, ProblemLine, RoleSelect } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';
import type { SharingChanges } from './use-sharing.ts';

const words = messages.sharing;
const roles: readonly Role[] = ['viewer', 'commenter', 'editor', 'owner'];

type Changes = Pick<
  SharingChanges,
  'invitePerson' | 'withdrawInvitation' | 'changePerson' | 'removePerson'
>;

export function PeopleSection(props: {
  readonly people: readonly AccessPerson[];
  readonly invited: readonly DocumentInvitation[];
  readonly selfId: string;
  readonly changes: Changes;
}) {
  const { people, invited, selfId, changes } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section className="access-section" aria-labelledby="access-people">
      <h3 ref={heading} id="access-people" tabIndex={-1}>
        {words.people}
      </h3>
      <InvitePerson onInvite={changes.invitePerson} />
      <ul className="access-list">
        {people.map((person) => (
          <PersonRow
            key={person.userId}
            person={person}
            isSelf={person.userId === selfId}
            changes={changes}
            // The focused button is removed with its row.
            onRemoved={() => heading.current?.focus()}
          />
        ))}
        {invited.map((invitation) => (
          <InvitedRow
            key={invitation.id}
            invitation={invitation}
            // A person with a role who was invited to a higher one is shown by name, not by id.
            person={people.find(({ userId }) => userId === invitation.invited)}
            onWithdraw={changes.withdrawInvitation}
            onWithdrawn={() => heading.current?.focus()}
          />
        ))}
      </ul>
    </section>
  );
}

function InvitePerson({ onInvite }: { readonly onInvite: Changes['invitePerson'] }) {
  const [done, setDone] = useState('');
  const [login, setLogin] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const { isBusy, problem, attempt, clear } = useAttempt();
  const invite = async (): Promise<void> => {
    const invitation = await attempt(() => onInvite({ login: login.trim(), role }));
    if (invitation === undefined) return;
    setLogin('');
    setDone(words.invitedDone(invitation.invited));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void invite();
      }}
    >
      <div className="access-add">
        <input
          className="field"
          aria-label={words.login}
          placeholder={words.login}
          title={words.loginHint}
          value={login}
          maxLength={200}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="done"
          onChange={(event) => {
            setLogin(event.currentTarget.value);
            clear();
            setDone('');
          }}
        />
        <RoleSelect
          label={words.roleForNew}
          value={role}
          choices={roles}
          words={words.role}
          onChange={setRole}
        />
        <button type="submit" className="button" disabled={isBusy || login.trim() === ''}>
          {words.invite}
        </button>
      </div>
      <ProblemLine text={problem} />
      <p className="access-hint access-done" aria-live="polite">
        {done}
      </p>
    </form>
  );
}

function PersonRow(props: {
  readonly person: AccessPerson;
  readonly isSelf: boolean;
  readonly changes: Changes;
  readonly onRemoved: () => void;
}) {
  const { person, isSelf, changes, onRemoved } = props;
  const { userId, userName, role } = person;
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, problem, attempt } = useAttempt();
  const notify = useNotify();
  const name = displayName(person);
  const remove = async (): Promise<void> => {
    const isDone = await attempt(async () => {
      await changes.removePerson(userId);
      return true;
    });
    setIsAsking(false);
    if (isDone !== true) return;
    if (!isSelf) return onRemoved();
    notify(words.left);
    navigate('/');
  };
  return (
    <li>
      <div className="access-row">
        <span className="access-avatar" aria-hidden="true">
          {initials(name)}
        </span>
        <div className="access-who">
          <span className="access-name">{isSelf ? words.personYou(name) : name}</span>
          <span className="access-hint">{userName ?? words.guest}</span>
        </div>
        <RoleSelect
          label={words.roleOf(name)}
          value={role}
          choices={roles}
          words={words.role}
          disabled={isBusy}
          onChange={(chosen) =>
            void attempt(async () => {
              // Ownership requires consent: it is offered by an invitation.
              if (chosen === 'owner') await changes.invitePerson({ userId, role: chosen });
              else await changes.changePerson(userId, chosen);
            })
          }
        />
        <IconButton
          label={words.removePerson(name)}
          disabled={isBusy}
          onClick={() => setIsAsking(true)}
        >
          <CloseIcon />
        </IconButton>
      </div>
      {isAsking && (
        <ConfirmInPlace
          question={isSelf ? words.leaveConfirm : words.removeConfirm(name)}
          yes={words.remove}
          isBusy={isBusy}
          onYes={() => void remove()}
          onNo={() => setIsAsking(false)}
        />
      )}
      <ProblemLine text={problem} />
    </li>
  );
}
