/** Small parts that the sections of the share dialog have in common. */
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';

/** Why something did not work, beside what was tried; nothing when there is no problem. */
export function ProblemLine({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <p className="field-error" role="alert">
      {text}
    </p>
  );
}

/** One of a few roles, in the words of the page. */
export function RoleSelect<R extends string>(props: {
  readonly label: string;
  readonly value: R;
  readonly choices: readonly R[];
  readonly words: Readonly<Record<R, string>>;
  readonly disabled?: boolean;
  readonly onChange: (role: R) => void;
}) {
  const { label, value, choices, words, disabled = false, onChange } = props;
  return (
    <select
      className="field select"
      aria-label={label}
      value={value}
      disabled={disabled}
      onChange={(event) => {
        const chosen = choices.find((choice) => choice === event.currentTarget.value);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {words[choice]}
        </option>
      ))}
    </select>
  );
}

/** Asks once more, in the place of what was pressed. The focus is on the answer that changes nothing. */
export function ConfirmInPlace(props: {
  readonly question: string;
  readonly yes: string;
  readonly isBusy: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
  readonly children?: ReactNode;
}) {
  const { question, yes, isBusy, onYes, onNo, children } = props;
  return (
    <div className="confirm" role="group" aria-label={question}>
      <p>{question}</p>
      {children}
      <div className="confirm-actions">
        <button type="button" className="button button-danger" disabled={isBusy} onClick={onYes}>
          {yes}
        </button>
        <button type="button" className="button" autoFocus onClick={onNo}>
          {messages.sharing.cancel}
        </button>
      </div>
    </div>
  );
}
