/** `/account`: profile, password, sessions and tokens; for administrators also all accounts. */
import { NAME_CHARACTERS, PASSWORD_CHARACTERS_MIN, type Me } from '@concord/protocol';
import { useEffect, useState, type ReactNode } from 'react';
import { MessagePage } from '../ui/message-page.tsx';
import { changeMe } from '../http/api.ts';
import { messages } from '../i18n/messages.ts';
import { Brand } from '../ui/brand.tsx';
import { Link } from '../ui/link.tsx';
import { useNotify } from '../ui/notify.tsx';
import { changePassword, deleteAccount } from './account-api.ts';
import { AccountMenu } from './account-menu.tsx';
import { leave, loadMe, meChanged, useMe } from '../identity/account-store.ts';
import './account.css';
import { InvitationsSection, PeopleSection } from './admin-sections.tsx';
import { Field, PasswordField, Problem } from '../forms/fields.tsx';
import { signInPath } from '../navigation/return-to.ts';
import { SessionsSection } from './sessions-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { UsageSection } from './usage-section.tsx';
import { useWork } from '../forms/use-work.ts';

const words = messages.account;

export function AccountPage() {
  const me = useMe();
  const [hasFailed, setHasFailed] = useState(false);
  /** Number of password changes: each ends sessions and tokens, so that their lists are reloaded. */
  const [passwordChanges, setPasswordChanges] = useState(0);
  useEffect(() => {
    document.title = messages.pageTitle(words.heading);
    loadMe().catch(() => setHasFailed(true));
  }, []);
  if (me !== null && me.kind !== 'account') {
    return (
      <MessagePage heading={words.heading} body={words.signInFirst} below={<UsageSection />}>
        <Link href={signInPath('/sign-in', '/account')} className="button button-primary">
          {words.signIn}
        </Link>
      </MessagePage>
    );
  }
  return (
    <div className="page">
      <header className="page-header">
        <Brand />
        <AccountMenu />
      </header>
      <main className="account">
        <h1>{words.heading}</h1>
        {me === null && hasFailed && (
          <>
            <p className="section-body" role="alert">
              {words.notLoaded}
            </p>
            <button type="button" className="button" onClick={() => location.reload()}>
              {messages.document.reload}
            </button>
          </>
        )}
        {me !== null && (
          <>
            <ProfileSection me={me} />
            <UsageSection />
            <PasswordSection me={me} onChanged={() => setPasswordChanges((count) => count + 1)} />
            <SessionsSection key={`sessions ${passwordChanges}`} />
            <TokensSection key={`tokens ${passwordChanges}`} />
            {me.isAdmin && <InvitationsSection />}
            {me.isAdmin && <PeopleSection me={me} />}
            <DeleteSection me={me} />
          </>
        )}
      </main>
    </div>
  );
}

export function Section(props: {
  readonly heading: string;
  readonly body?: string;
  readonly children: ReactNode;
}) {
  const { heading, body, children } = props;
  return (
    <section className="account-section">
      <h2>{heading}</h2>
      {body !== undefined && <p className="section-body">{body}</p>}
      {children}
    </section>
  );
}

function ProfileSection({ me }: { readonly me: Me }) {
  const [name, setName] = useState(me.name);
  const [email, setEmail] = useState(me.email ?? '');
  const { isBusy, problem, problemOf, run } = useWork({ fields: ['name', 'email'] });
  const notify = useNotify();
  const save = async (): Promise<void> => {
    const isSaved = await run(async () => {
      meChanged(await changeMe({ name, email: email.trim() === '' ? null : email }));
    });
    if (isSaved) notify(words.saved);
  };
  return (
    <Section heading={words.profile}>
      <form
        className="account-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field
          label={words.userName}
          value={me.userName ?? ''}
          readOnly
          onChange={() => undefined}
        />
        <Field
          label={words.displayName}
          problem={problemOf('name')}
          value={name}
          maxLength={NAME_CHARACTERS}
          autoComplete="nickname"
          required
          onChange={setName}
        />
        <Field
          label={words.email}
          isOptional
          type="email"
          problem={problemOf('email')}
          value={email}
          maxLength={200}
          autoComplete="email"
          onChange={setEmail}
        />
        <Problem text={problem} />
        <button type="submit" className="button" disabled={isBusy}>
          {words.save}
        </button>
      </form>
    </Section>
  );
}

function PasswordSection({ me, onChanged }: { readonly me: Me; readonly onChanged: () => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { isBusy, problem, problemOf, run } = useWork({
    fields: ['current', 'next'],
    wrongPassword: 'current',
  });
  const notify = useNotify();
  const change = async (): Promise<void> => {
    const isChanged = await run(() => changePassword(current, next));
    if (!isChanged) return;
    setCurrent('');
    setNext('');
    meChanged({ ...me, hasPassword: true });
    onChanged();
    notify(words.passwordChanged);
  };
  return (
    <Section heading={words.passwordHeading} body={words.passwordEnds}>
      <form
        className="account-form"
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        {/* Tells password managers which account the password belongs to. */}
        <input type="text" autoComplete="username" value={me.userName ?? ''} readOnly hidden />
        {me.hasPassword && (
          <PasswordField
            label={words.currentPassword}
            problem={problemOf('current')}
            value={current}
            autoComplete="current-password"
            onChange={setCurrent}
          />
        )}
        <PasswordField
          label={words.newPassword}
          hint={words.passwordHint(PASSWORD_CHARACTERS_MIN)}
          problem={problemOf('next')}
          value={next}
          autoComplete="new-password"
          minLength={PASSWORD_CHARACTERS_MIN}
          onChange={setNext}
        />
        <Problem text={problem} />
        <button type="submit" className="button" disabled={isBusy}>
          {me.hasPassword ? words.changePassword : words.setPassword}
        </button>
      </form>
    </Section>
  );
}

function DeleteSection({ me }: { readonly me: Me }) {
  const [isAsking, setIsAsking] = useState(false);
  const [password, setPassword] = useState('');
  const { isBusy, problem, problemOf, run } = useWork({ fields: ['password'] });
  const remove = (): Promise<boolean> =>
    run(async () => {
      await deleteAccount(password);
      leave();
      location.assign('/');
    });
  return (
    <Section heading={words.deleteHeading} body={words.deleteBody}>
      {isAsking ? (
        <form
          className="account-form"
          onSubmit={(event) => {
            event.preventDefault();
            void remove();
          }}
        >
          {me.hasPassword && (
            <PasswordField
              label={words.password}
              problem={problemOf('password')}
              value={password}
              autoComplete="current-password"
              autoFocus
              onChange={setPassword}
            />
          )}
          <Problem text={problem} />
          <div className="account-actions">
            <button type="button" className="button" onClick={() => setIsAsking(false)}>
              {words.cancel}
            </button>
            <button type="submit" className="button button-danger" disabled={isBusy}>
              {words.deleteConfirm}
            </button>
          </div>
        </form>
      ) : (
        <button type="button" className="button button-danger" onClick={() => setIsAsking(true)}>
          {words.deleteAccount}
        </button>
      )}
    </Section>
  );
}
