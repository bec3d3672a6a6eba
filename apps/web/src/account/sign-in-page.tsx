/** `/sign-in` and `/sign-up`. */
import { PASSWORD_CHARACTERS_MIN, type Me } from '@concord/protocol';
import { useEffect, useState, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { useQuery } from '../navigation/routes.ts';
import { Brand } from '../ui/brand.tsx';
import { Link } from '../ui/link.tsx';
import './account.css';
import { beginSignOn, loadMe, signIn, signUp, useMe } from '../identity/account-store.ts';
import { Field, PasswordField, Problem } from '../forms/fields.tsx';
import { problemOfCode } from '../forms/form-problem.ts';
import { returnPath, signInPath } from '../navigation/return-to.ts';
import { useWork, type Work } from '../forms/use-work.ts';

const words = messages.account;

export function SignInPage() {
  const query = useQuery();
  const me = useMe();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const code = new URLSearchParams(query).get('problem') ?? '';
  const work = useWork({ firstProblem: problemOfCode(code) ?? '' });
  const { isBusy, problem, run } = work;
  const submit = (): Promise<boolean> =>
    run(async () => {
      await signIn({ login, password });
      location.assign(returnPath(query));
    });
  return (
    <EntryPage heading={words.signIn} body={words.signInBody} me={me} query={query}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field
          label={words.login}
          value={login}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          onChange={setLogin}
        />
        <PasswordField
          label={words.password}
          value={password}
          autoComplete="current-password"
          onChange={setPassword}
        />
        <Problem text={problem} />
        <button type="submit" className="button button-primary entry-submit" disabled={isBusy}>
          {words.signIn}
        </button>
      </form>
      <SignOn me={me} query={query} invitation="" work={work} />
      {me !== null && me.signUp !== 'closed' && (
        <p className="entry-other">
          {words.newHere}{' '}
          <Link href={signInPath('/sign-up', returnPath(query))} className="text-link">
            {words.signUp}
          </Link>
        </p>
      )}
    </EntryPage>
  );
}

/** Reads the invitation from the fragment, which is never sent to the server, and removes it from the address bar. */
function useInvitation(): string {
  const [invitation] = useState(() => location.hash.slice(1));
  useEffect(() => {
    if (location.hash !== '') {
      history.replaceState(history.state, '', location.pathname + location.search);
    }
  }, []);
  return invitation;
}

export function SignUpPage() {
  const query = useQuery();
  const me = useMe();
  const invitation = useInvitation();
  const [userName, setUserName] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const work = useWork({ fields: ['userName', 'email'] });
  const { isBusy, problem, problemOf, run } = work;
  const submit = (): Promise<boolean> =>
    run(async () => {
      await signUp({
        userName,
        password,
        ...(email.trim() !== '' && { email }),
        ...(invitation !== '' && { invitation }),
      });
      location.assign(returnPath(query));
    });
  const isInvited = invitation !== '';
  const isPossible = isInvited || me?.signUp === 'open';
  const body = isInvited
    ? words.invitedBody
    : me?.signUp === 'closed'
      ? me.mayCreate
        ? words.signUpClosedBody
        : words.signUpNowhereBody
      : me?.signUp === 'invitation'
        ? words.invitationNeededBody
        : words.signUpBody;
  return (
    <EntryPage heading={words.signUp} body={body} me={me} query={query}>
      {isPossible && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field
            label={words.userName}
            hint={words.userNameHint}
            problem={problemOf('userName')}
            value={userName}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            minLength={2}
            maxLength={39}
            autoFocus
            required
            onChange={setUserName}
          />
          <Field
            label={words.email}
            isOptional
            type="email"
            problem={problemOf('email')}
            value={email}
            name="email"
            autoComplete="email"
            maxLength={200}
            onChange={setEmail}
          />
          <PasswordField
            label={words.password}
            hint={words.passwordHint(PASSWORD_CHARACTERS_MIN)}
            value={password}
            autoComplete="new-password"
            minLength={PASSWORD_CHARACTERS_MIN}
            onChange={setPassword}
          />
          <Problem text={problem} />
          <button type="submit" className="button button-primary entry-submit" disabled={isBusy}>
            {words.signUp}
          </button>
        </form>
      )}
      {isPossible && <SignOn me={me} query={query} invitation={invitation} work={work} />}
      <p className="entry-other">
        {words.haveAccount}{' '}
        <Link href={signInPath('/sign-in', returnPath(query))} className="text-link">
          {words.signIn}
        </Link>
      </p>
    </EntryPage>
  );
}

function EntryPage(props: {
  readonly heading: string;
  readonly body: string;
  readonly me: Me | null;
  readonly query: string;
  readonly children: ReactNode;
}) {
  const { heading, body, me, query, children } = props;
  useEffect(() => {
    document.title = messages.pageTitle(heading);
  }, [heading]);
  useEffect(() => {
    // The session may have been ended elsewhere without this page knowing: reload the account.
    loadMe().catch(() => undefined);
  }, []);
  return (
    <div className="entry-page">
      <header className="entry-header">
        <Brand />
      </header>
      <main className="entry">
        <h1>{heading}</h1>
        {me?.kind === 'account' ? (
          <>
            <p className="entry-body">{words.signedInAlready(me.userName ?? me.name)}</p>
            <Link href={returnPath(query)} className="button button-primary entry-submit">
              {returnPath(query) === '/' ? words.toDocuments : words.goOn}
            </Link>
          </>
        ) : (
          <>
            <p className="entry-body">{body}</p>
            {children}
          </>
        )}
      </main>
    </div>
  );
}

function SignOn(props: {
  readonly me: Me | null;
  readonly query: string;
  readonly invitation: string;
  /** The form's pending request and its problem. */
  readonly work: Work;
}) {
  const { me, query, invitation, work } = props;
  if (me === null || me.singleSignOn === null) return null;
  const begin = (): Promise<boolean> =>
    work.run(() =>
      beginSignOn({ returnTo: returnPath(query), ...(invitation !== '' && { invitation }) }),
    );
  return (
    <>
      <p className="entry-or">{words.or}</p>
      <button
        type="button"
        className="button entry-submit"
        disabled={work.isBusy}
        onClick={() => void begin()}
      >
        {words.singleSignOn(me.singleSignOn)}
      </button>
    </>
  );
}
