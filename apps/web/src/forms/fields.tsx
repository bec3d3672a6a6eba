/** Building blocks of account forms: fields and problem messages. */
import { useEffect, useId, useState, type ComponentProps, type ReactNode } from 'react';
import { messages } from '../i18n/messages.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { EyeIcon } from '../ui/icons.tsx';

const words = messages.account;

interface Labelled {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly isOptional?: boolean | undefined;
  /** Problem of the submitted value; empty for none. */
  readonly problem?: string | undefined;
}

interface InputAttributes {
  readonly id: string;
  readonly className: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

/** A label, its input, and below it a hint or, in its place, the problem. */
function LabelledInput(
  props: Labelled & { readonly children: (input: InputAttributes) => ReactNode },
) {
  const { label, hint, isOptional = false, problem = '', children } = props;
  const id = useId();
  const isWrong = problem !== '';
  useEffect(() => {
    if (isWrong) document.getElementById(id)?.focus();
  }, [isWrong, id]);
  return (
    <div className="form-field">
      <label htmlFor={id} className="field-label">
        {label}
        {isOptional && <span className="field-optional"> ({words.optional})</span>}
      </label>
      {children({
        id,
        className: 'field',
        'aria-describedby': isWrong || hint !== undefined ? `${id}-note` : undefined,
        'aria-invalid': isWrong || undefined,
      })}
      {isWrong ? (
        <p id={`${id}-note`} className="form-hint form-hint-wrong" role="alert">
          {problem}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-note`} className="form-hint">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export function Field(
  props: Labelled &
    Omit<ComponentProps<'input'>, 'className' | 'onChange'> & {
      readonly onChange: (value: string) => void;
    },
) {
  const { label, hint, isOptional, problem, onChange, ...own } = props;
  return (
    <LabelledInput {...{ label, hint, isOptional, problem }}>
      {(input) => (
        <input {...own} {...input} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
    </LabelledInput>
  );
}

export function PasswordField(
  props: Omit<Labelled, 'isOptional'> & {
    readonly value: string;
    readonly autoComplete: 'current-password' | 'new-password';
    readonly onChange: (value: string) => void;
    readonly minLength?: number;
    readonly autoFocus?: boolean;
  },
) {
  const { label, hint, problem, onChange, ...own } = props;
  const [isShown, setIsShown] = useState(false);
  return (
    <LabelledInput {...{ label, hint, problem }}>
      {(input) => (
        <div className="password-field">
          <input
            {...own}
            {...input}
            type={isShown ? 'text' : 'password'}
            required
            maxLength={200}
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
          <IconButton
            label={words.showPassword}
            hint={isShown ? words.hidePassword : words.showPassword}
            aria-pressed={isShown}
            onClick={() => setIsShown(!isShown)}
          >
            <EyeIcon />
          </IconButton>
        </div>
      )}
    </LabelledInput>
  );
}

export function Problem({ text }: { readonly text: string }) {
  // Rendered always: a live region must exist before its content changes.
  return (
    <p className="form-problem" role="alert">
      {text}
    </p>
  );
}
