/** API tokens, for programs that act in the person's name. */
import { LABEL_CHARACTERS, tokenScopes, type TokenScope } from '@concord/protocol';
import { useState } from 'react';
import { ApiError } from '../http/api.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { messages } from '../i18n/messages.ts';
import { createToken, deleteToken, listTokens } from './account-api.ts';
import { Section } from './account-page.tsx';
import { OnceShown } from './once-shown.tsx';
import { Field, PasswordField, Problem } from '../forms/fields.tsx';
import { useList } from './use-list.ts';
import { useWork } from '../forms/use-work.ts';

const words = messages.account;

export function TokensSection() {
  const { items, hasFailed, reload } = useList('tokens', listTokens);
  const [phase, setPhase] = useState<'list' | 'form' | { readonly token: string }>('list');
  const { isBusy, problem, run } = useWork();
  const remove = async (id: string): Promise<void> => {
    await run(() => deleteToken(id));
    await reload();
  };
  return (
    <Section heading={words.tokensHeading} body={words.tokensBody}>
      <ul className="account-list">
        {(items ?? []).map(({ id, label, scopes, lastUsedAt }) => (
          <li key={id}>
            <div className="account-item">
              <strong>{label}</strong>
              <span className="account-detail">
                {scopes.map((scope) => words.scopes[scope]).join(', ')} ·{' '}
                {lastUsedAt === null ? (
                  words.neverUsed
                ) : (
                  <RelativeTime timeMs={lastUsedAt} wording={words.lastUsed} />
                )}
              </span>
            </div>
            <button
              type="button"
              className="button"
              disabled={isBusy}
              onClick={() => void remove(id)}
            >
              {words.deleteToken}
            </button>
          </li>
        ))}
      </ul>
      <Problem text={hasFailed ? words.failed : problem} />
      {phase === 'list' && (
        <div className="account-actions">
          <button type="button" className="button" onClick={() => setPhase('form')}>
            {words.newToken}
          </button>
          <a className="button button-quiet" href="/api/docs">
            {words.aboutApi}
          </a>
        </div>
      )}
      {phase === 'form' && (
        <TokenForm
          onCancel={() => setPhase('list')}
          onCreated={(token) => {
            setPhase({ token });
            void reload();
          }}
        />
      )}
      {typeof phase === 'object' && (
        <OnceShown label={words.tokenValue} secret={phase.token} onDone={() => setPhase('list')} />
      )}
    </Section>
  );
}

function TokenForm(props: {
  readonly onCancel: () => void;
  readonly onCreated: (token: string) => void;
}) {
  const { onCancel, onCreated } = props;
  const [label, setLabel] = useState('');
  const [scopes, setScopes] = useState<readonly TokenScope[]>(['documents:read']);
  /** Null until the server requires it. */
  const [password, setPassword] = useState<string | null>(null);
  const { isBusy, problem, problemOf, run } = useWork({ fields: ['password'] });
  const create = (): Promise<boolean> =>
    run(async () => {
      try {
        onCreated((await createToken(label, scopes, password ?? undefined)).token);
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'passwordNeeded') throw error;
        setPassword('');
      }
    });
  return (
    <form
      className="account-form"
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Field
        label={words.tokenLabel}
        value={label}
        maxLength={LABEL_CHARACTERS}
        autoComplete="off"
        autoFocus
        required
        onChange={setLabel}
      />
      {tokenScopes.map((scope) => (
        <label key={scope} className="checkbox">
          <input
            type="checkbox"
            checked={scopes.includes(scope)}
            onChange={
              ({ currentTarget: { checked } }) =>
              setScopes(tokenScopes.filter((each) => (each === scope ? checked : scopes.includes(each)))) // prettier-ignore
            }
          />
          <span>{words.scopes[scope]}</span>
        </label>
      ))}
      {password !== null && (
        <PasswordField
          label={words.currentPassword}
          hint={words.tokenNeedsPassword}
          problem={problemOf('password')}
          value={password}
          autoComplete="current-password"
          autoFocus
          onChange={setPassword}
        />
      )}
      <Problem text={problem} />
      <div className="account-actions">
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button
          type="submit"
          className="button button-primary"
          disabled={isBusy || scopes.length === 0}
        >
          {words.createToken}
        </button>
      </div>
    </form>
  );
}
