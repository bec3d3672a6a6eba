/** `/s/<token>`: opens a share link, asking for its password when it has one, and shows the document. */
import { PASSWORD_CHARACTERS_MAX } from '@concord/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { beKnown } from '../identity/account-store.ts';
import { ApiError } from '../http/api.ts';
import { DocumentSkeleton } from './document-skeleton.tsx';
import { MessagePage } from '../ui/message-page.tsx';
import { messages } from '../i18n/messages.ts';
import { navigate } from '../navigation/routes.ts';
import { ProblemLine } from '../sharing/parts.tsx';
import { problemText } from '../forms/problem-text.ts';
import { openShareLink } from '../sharing/sharing-api.ts';

const words = messages.sharing;

type Opening =
  | { readonly phase: 'opening' }
  | { readonly phase: 'password'; readonly problem: string }
  | { readonly phase: 'gone' }
  | { readonly phase: 'failed' };

/** State of the page after a refusal, or without an answer. */
function afterError(error: unknown, wasPasswordGiven: boolean): Opening {
  if (!(error instanceof ApiError)) return { phase: 'failed' };
  if (error.code === 'linkPassword') {
    return { phase: 'password', problem: wasPasswordGiven ? words.passwordWrong : '' };
  }
  // A malformed token is rejected with 400: it opens nothing either.
  if (error.status === 404 || error.status === 400) return { phase: 'gone' };
  if (wasPasswordGiven) return { phase: 'password', problem: problemText(error) };
  return { phase: 'failed' };
}

export function ShareLinkPage({ token }: { readonly token: string }) {
  const [opening, setOpening] = useState<Opening>({ phase: 'opening' });
  const begun = useRef('');

  const open = useCallback(
    async (password?: string): Promise<void> => {
      try {
        // Without a cookie the role would go to a guest who is never recognized again, and use up one use of the link.
        await beKnown();
        const { url } = await openShareLink(token, password);
        // Replaces the link, which is a secret, in the history and the address bar.
        navigate(url, { replace: true });
      } catch (error) {
        setOpening(afterError(error, password !== undefined));
      }
    },
    [token],
  );
  useEffect(() => {
    // React may run the effect twice; the link must be opened once.
    if (begun.current === token) return;
    begun.current = token;
    void open();
  }, [token, open]);

  switch (opening.phase) {
    case 'opening':
      return <DocumentSkeleton title="" />;
    case 'password':
      return <AskPassword problem={opening.problem} onOpen={open} />;
    case 'gone':
      return <MessagePage heading={words.linkGoneHeading} body={words.linkGoneBody} />;
    case 'failed':
      return (
        <MessagePage heading={words.linkFailedHeading} body={words.linkFailedBody}>
          <button
            type="button"
            className="button button-primary"
            onClick={() => {
              setOpening({ phase: 'opening' });
              void open();
            }}
          >
            {messages.documents.tryAgain}
          </button>
        </MessagePage>
      );
  }
}

function AskPassword(props: {
  readonly problem: string;
  readonly onOpen: (password: string) => Promise<void>;
}) {
  const { problem, onOpen } = props;
  const [password, setPassword] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const open = async (): Promise<void> => {
    setIsBusy(true);
    await onOpen(password);
    setIsBusy(false);
    field.current?.select();
  };
  return (
    <MessagePage heading={words.passwordHeading} body={words.passwordBody}>
      <form
        className="link-password"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <label>
          <span className="field-label">{words.password}</span>
          <input
            ref={field}
            className="field"
            type="password"
            value={password}
            maxLength={PASSWORD_CHARACTERS_MAX}
            autoComplete="off"
            autoFocus
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <ProblemLine text={problem} />
        <button
          type="submit"
          className="button button-primary"
          disabled={isBusy || password === ''}
        >
          {words.openDocument}
        </button>
      </form>
    </MessagePage>
  );
}
