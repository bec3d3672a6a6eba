/** People with a role of their own: adding, changing and removing them. */
import type { AccessPerson, Role } from '@concord/protocol';
import { useRef, useState } from 'react';
import { messages } from '../messages.ts';
import { displayName, initials } from '../people/names.ts';
import { navigate } from '../routes.ts';
import { CloseIcon } from '../ui/icons.tsx';
import { useNotify } from '../ui/notify.tsx';
import { ConfirmInPlace, ProblemLine, RoleSelect } from './parts.tsx';
import { useAttempt } from './use-attempt.ts';
import type { SharingChanges } from './use-sharing.ts';

const words = messages.sharing;
const roles: readonly Role[] = ['viewer', 'commenter', 'editor', 'owner'];

type Changes = Pick<SharingChanges, 'addPerson' | 'changePerson' | 'removePerson'>;

export function PeopleSection(props: {
  readonly people: readonly AccessPerson[];
  readonly selfId: string;
  readonly changes: Changes;
}) {
  const { people, selfId, changes } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section className="access-section" aria-labelledby="access-people">
      <h3 ref={heading} id="access-people" tabIndex={-1}>
        {words.people}
      </h3>
      <AddPerson onAdd={changes.addPerson} />
      <ul className="access-list">
        {people.map((person) => (
          <PersonRow
            key={person.userId}
            person={person}
            isSelf={person.userId === selfId}
            changes={changes}
            // The row takes its focused button along.
            onRemoved={() => heading.current?.focus()}
          />
        ))}
      </ul>
    </section>
  );
}

function AddPerson({ onAdd }: { readonly onAdd: Changes['addPerson'] }) {
  const [added, setAdded] = useState('');
  const [login, setLogin] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const { isBusy, problem, attempt, clear } = useAttempt();
  const add = async (): Promise<void> => {
    const person = await attempt(() => onAdd({ login: login.trim(), role }));
    if (person === undefined) return;
    setLogin('');
    setAdded(words.added(displayName(person)));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
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
            setAdded('');
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
          {words.add}
        </button>
      </div>
      <ProblemLine text={problem} />
      <p className="access-hint access-done" aria-live="polite">
        {added}
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
          onChange={(chosen) => void attempt(() => changes.changePerson(userId, chosen))}
        />
        <button
          type="button"
          className="icon-button"
          aria-label={words.removePerson(name)}
          title={words.removePerson(name)}
          disabled={isBusy}
          onClick={() => setIsAsking(true)}
        >
          <CloseIcon />
        </button>
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
