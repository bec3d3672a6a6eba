/** Components shared by the sections of the share dialog. */
import type { ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';

/** A problem next to the control that caused it; renders nothing without one. */
export function ProblemLine({ text }: { readonly text: string }) {
  return text === '' ? null : (
    <p className="field-error" role="alert">
      {text}
    </p>
  );
}

/** Select element for roles, with the page's labels. */
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

/** Inline confirmation in place of the pressed button. The focus is on Cancel. */
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
