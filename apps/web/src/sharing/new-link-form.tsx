/** Form for a new link: role, expiry, password. All fields have a valid default. */
import {
  LABEL_CHARACTERS,
  PASSWORD_CHARACTERS_MAX,
  PASSWORD_CHARACTERS_MIN,
  type CreatedShareLink,
  type CreateShareLink,
  type LinkRole,
} from '@concord/protocol';
import { useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { DAY_MS, expiryChoices, expiryOf, toLocalTime, type ExpiryChoice } from './expiry.ts';
import { linkRoles } from './link-roles.ts';
import { ProblemLine, RoleSelect } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';

const words = messages.sharing;

export function NewLinkForm(props: {
  readonly onCreate: (link: CreateShareLink) => Promise<CreatedShareLink>;
  readonly onCreated: (link: CreatedShareLink) => void;
  readonly onCancel: () => void;
}) {
  const { onCreate, onCreated, onCancel } = props;
  const [role, setRole] = useState<LinkRole>('viewer');
  const [label, setLabel] = useState('');
  const [password, setPassword] = useState('');
  const [choice, setChoice] = useState<ExpiryChoice>('never');
  const [localTime, setLocalTime] = useState('');
  const [isPast, setIsPast] = useState(false);
  const [openedAt] = useState(Date.now);
  const { isBusy, problem, attempt } = useAttempt();

  const create = async (): Promise<void> => {
    const expiresAt = expiryOf(choice, localTime, Date.now());
    setIsPast(expiresAt === 'invalid');
    if (expiresAt === 'invalid') return;
    const created = await attempt(() =>
      onCreate({
        role,
        ...(label.trim() !== '' && { label: label.trim() }),
        ...(password !== '' && { password }),
        ...(expiresAt !== null && { expiresAt }),
      }),
    );
    if (created !== undefined) onCreated(created);
  };

  return (
    <form
      className="new-link"
      aria-label={words.newLinkHeading}
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <div className="new-link-fields">
        <label>
          <span className="field-label">{words.linkRole}</span>
          <RoleSelect
            label={words.linkRole}
            value={role}
            choices={linkRoles}
            words={words.role}
            onChange={setRole}
          />
        </label>
        <label>
          <span className="field-label">{words.expiry}</span>
          <RoleSelect
            label={words.expiry}
            value={choice}
            choices={expiryChoices}
            words={words.expiryChoice}
            onChange={(chosen) => {
              setChoice(chosen);
              setIsPast(false);
              // Default: tomorrow at this hour.
              if (localTime === '') setLocalTime(toLocalTime(Date.now() + DAY_MS));
            }}
          />
        </label>
        {choice === 'until' && (
          <label className="new-link-whole">
            <span className="field-label">{words.expiryTime}</span>
            <input
              className="field"
              type="datetime-local"
              value={localTime}
              min={toLocalTime(openedAt)}
              required
              onChange={(event) => setLocalTime(event.currentTarget.value)}
            />
          </label>
        )}
        <label>
          <FieldLabel text={words.label} />
          <input
            className="field"
            value={label}
            maxLength={LABEL_CHARACTERS}
            autoComplete="off"
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <span className="field-hint">{words.labelHint}</span>
        </label>
        <label>
          <FieldLabel text={words.password} />
          <input
            className="field"
            type="text"
            value={password}
            minLength={PASSWORD_CHARACTERS_MIN}
            maxLength={PASSWORD_CHARACTERS_MAX}
            autoCapitalize="none"
            // The password of a link is meant to be passed on: not for a password manager.
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <span className="field-hint">{words.passwordHint}</span>
        </label>
      </div>
      <ProblemLine text={isPast ? words.expiryPast : problem} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="submit" className="button button-primary" disabled={isBusy}>
          {words.createLink}
        </button>
      </div>
    </form>
  );
}

function FieldLabel({ text }: { readonly text: string }) {
  return (
    <span className="field-label">
      {text} <span className="field-optional">({words.optional})</span>
    </span>
  );
}
