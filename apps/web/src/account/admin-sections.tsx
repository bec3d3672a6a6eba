/** Sections for administrators: invitations, and all accounts. */
import {
  LABEL_CHARACTERS,
  PASSWORD_CHARACTERS_MIN,
  type Account,
  type CreatedInvitation,
  type Me,
} from '@concord/protocol';
import { useState } from 'react';
import { RelativeTime } from '../ui/relative-time.tsx';
import { formatDateTime } from '../i18n/formats.ts';
import { messages } from '../i18n/messages.ts';
import { MoreIcon } from '../ui/icons.tsx';
import { MenuButton } from '../ui/menu-button.tsx';
import {
  changeAccount,
  createInvitation,
  deleteInvitation,
  listInvitations,
} from './account-api.ts';
import { Section } from './account-page.tsx';
import { OnceShown } from './once-shown.tsx';
import { Field, PasswordField, Problem } from '../forms/fields.tsx';
import { useAccounts } from './use-accounts.ts';
import { useList } from './use-list.ts';
import { useWork } from '../forms/use-work.ts';

const words = messages.account;

export function InvitationsSection() {
  const { items, hasFailed, reload } = useList('invitations', listInvitations);
  const [phase, setPhase] = useState<'list' | 'form' | CreatedInvitation>('list');
  const [label, setLabel] = useState('');
  const [isAdmin, setIsAdmin] = useState(false);
  const { isBusy, problem, run } = useWork();
  const create = (): Promise<boolean> =>
    run(async () => {
      setPhase(await createInvitation(label, isAdmin));
      setLabel('');
      setIsAdmin(false);
      await reload();
    });
  const takeBack = async (id: string): Promise<void> => {
    await run(() => deleteInvitation(id));
    await reload();
  };
  return (
    <Section heading={words.invitationsHeading} body={words.invitationsBody}>
      <ul className="account-list">
        {(items ?? []).map((invitation) => (
          <li key={invitation.id}>
            <div className="account-item">
              <strong>
                {invitation.label === '' ? words.invitationsHeading : invitation.label}
                {invitation.isAdmin && <span className="account-badge">{words.administrator}</span>}
              </strong>
              <span className="account-detail">
                {invitation.usedBy === null
                  ? words.openUntil(formatDateTime(invitation.expiresAt))
                  : words.usedBy(invitation.usedBy)}
              </span>
            </div>
            {invitation.usedBy === null && (
              <button
                type="button"
                className="button"
                disabled={isBusy}
                onClick={() => void takeBack(invitation.id)}
              >
                {words.takeBack}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Problem text={hasFailed ? words.failed : problem} />
      {phase === 'list' && (
        <button type="button" className="button" onClick={() => setPhase('form')}>
          {words.invite}
        </button>
      )}
      {phase === 'form' && (
        <form
          className="account-form"
          onSubmit={(event) => {
            event.preventDefault();
            void create();
          }}
        >
          <Field
            label={words.inviteFor}
            isOptional
            value={label}
            maxLength={LABEL_CHARACTERS}
            autoComplete="off"
            autoFocus
            onChange={setLabel}
          />
          <label className="checkbox">
            <input
              type="checkbox"
              checked={isAdmin}
              onChange={(event) => setIsAdmin(event.currentTarget.checked)}
            />
            <span>{words.inviteAdmin}</span>
          </label>
          <div className="account-actions">
            <button type="button" className="button" onClick={() => setPhase('list')}>
              {words.cancel}
            </button>
            <button type="submit" className="button button-primary" disabled={isBusy}>
              {words.createInvitation}
            </button>
          </div>
        </form>
      )}
      {typeof phase === 'object' && (
        <OnceShown
          label={words.invitationAddress}
          secret={location.origin + phase.url}
          onDone={() => setPhase('list')}
        />
      )}
    </Section>
  );
}

export function PeopleSection({ me }: { readonly me: Me }) {
  const { accounts, hasMore, showMore, changed } = useAccounts();
  const [renewed, setRenewed] = useState<Account | null>(null);
  const { problem, run } = useWork();
  const change = (account: Account, changes: Parameters<typeof changeAccount>[1]): void =>
    void run(async () => changed(await changeAccount(account.userId, changes)));
  return (
    <Section heading={words.peopleHeading}>
      <ul className="account-list">
        {accounts.map((account) => (
          <li key={account.userId}>
            <div className="account-item">
              <strong>
                {account.name}
                {account.isAdmin && <span className="account-badge">{words.administrator}</span>}
                {account.isDisabled && (
                  <span className="account-badge account-badge-alarm">{words.disabled}</span>
                )}
              </strong>
              <span className="account-detail">
                {account.userName}
                {account.email === null ? '' : ` · ${account.email}`} ·{' '}
                <RelativeTime timeMs={account.createdAt} wording={words.joined} />
              </span>
            </div>
            {account.userId !== me.userId && (
              <MenuButton
                label={words.actionsFor(account.name)}
                className="icon-button"
                entries={[
                  {
                    label: account.isAdmin ? words.unmakeAdmin : words.makeAdmin,
                    onSelect: () => change(account, { isAdmin: !account.isAdmin }),
                  },
                  { label: words.resetPassword, onSelect: () => setRenewed(account) },
                  {
                    label: account.isDisabled ? words.enable : words.disable,
                    onSelect: () => change(account, { isDisabled: !account.isDisabled }),
                  },
                ]}
              >
                <MoreIcon />
              </MenuButton>
            )}
          </li>
        ))}
      </ul>
      {renewed !== null && (
        <NewPasswordForm
          key={renewed.userId}
          account={renewed}
          onSave={async (password) => changed(await changeAccount(renewed.userId, { password }))}
          onDone={() => setRenewed(null)}
        />
      )}
      <Problem text={problem} />
      {hasMore && (
        <button type="button" className="button" onClick={() => void run(showMore)}>
          {words.showMore}
        </button>
      )}
    </Section>
  );
}

/** Stays until the server has the password: one that was not saved can be sent again as typed. */
function NewPasswordForm(props: {
  readonly account: Account;
  /** Rejects with an `ApiError`. */
  readonly onSave: (password: string) => Promise<void>;
  readonly onDone: () => void;
}) {
  const { account, onSave, onDone } = props;
  const [password, setPassword] = useState('');
  const { isBusy, problem, problemOf, run } = useWork({ fields: ['password'] });
  const save = async (): Promise<void> => {
    if (await run(() => onSave(password))) onDone();
  };
  return (
    <form
      className="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <PasswordField
        label={words.newPasswordFor(account.name)}
        hint={words.passwordHint(PASSWORD_CHARACTERS_MIN)}
        value={password}
        autoComplete="new-password"
        minLength={PASSWORD_CHARACTERS_MIN}
        autoFocus
        problem={problemOf('password')}
        onChange={setPassword}
      />
      <Problem text={problem} />
      <div className="account-actions">
        <button type="button" className="button" onClick={onDone}>
          {words.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={isBusy}>
          {words.save}
        </button>
      </div>
    </form>
  );
}
