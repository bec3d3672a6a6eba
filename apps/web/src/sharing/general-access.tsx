/** General access: the role of anyone who has the document's address. */
import type { AnyoneAccess } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { ProblemLine, RoleSelect } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';

const choices: readonly AnyoneAccess[] = ['off', 'viewer', 'commenter', 'editor'];

export function GeneralAccess(props: {
  readonly anyone: AnyoneAccess;
  readonly onChange: (anyone: AnyoneAccess) => Promise<void>;
}) {
  const { anyone, onChange } = props;
  const { isBusy, problem, attempt } = useAttempt();
  const words = messages.sharing;
  return (
    <section className="access-section">
      <div className="access-row">
        <div className="access-who">
          <h3>{words.general}</h3>
          <p className="access-hint">{words.generalHint[anyone]}</p>
        </div>
        <RoleSelect
          label={words.general}
          value={anyone}
          choices={choices}
          words={words.anyone}
          disabled={isBusy}
          onChange={(chosen) => void attempt(() => onChange(chosen))}
        />
      </div>
      <ProblemLine text={problem} />
    </section>
  );
}
