/** Lists the person's sessions. */
import { RelativeTime } from '../ui/relative-time.tsx';
import { messages } from '../i18n/messages.ts';
import { useNotify } from '../ui/notify.tsx';
import { endOtherSessions, endSession, listSessions } from './account-api.ts';
import { Section } from './account-page.tsx';
import { browserName } from './browser-name.ts';
import { Problem } from '../forms/fields.tsx';
import { useList } from './use-list.ts';
import { useWork } from '../forms/use-work.ts';

const words = messages.account;

export function SessionsSection() {
  const { items, hasFailed, reload } = useList('sessions', listSessions);
  const { isBusy, problem, run } = useWork();
  const notify = useNotify();
  const end = async (work: () => Promise<void>, done?: string): Promise<void> => {
    if ((await run(work)) && done !== undefined) notify(done);
    await reload();
  };
  return (
    <Section heading={words.sessionsHeading}>
      <ul className="account-list">
        {(items ?? []).map(({ id, isCurrent, lastUsedAt, userAgent, address }) => (
          <li key={id}>
            <div className="account-item">
              <strong>{browserName(userAgent)}</strong>
              <span className="account-detail">
                {isCurrent ? (
                  words.thisDevice
                ) : (
                  <RelativeTime timeMs={lastUsedAt} wording={words.lastUsed} />
                )}{' '}
                · {address}
              </span>
            </div>
            {!isCurrent && (
              <button
                type="button"
                className="button"
                disabled={isBusy}
                onClick={() => void end(() => endSession(id))}
              >
                {words.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
      <Problem text={hasFailed ? words.failed : problem} />
      {(items?.length ?? 0) > 1 && (
        <button
          type="button"
          className="button"
          disabled={isBusy}
          onClick={() => void end(endOtherSessions, words.othersEnded)}
        >
          {words.endOthers}
        </button>
      )}
    </Section>
  );
}
