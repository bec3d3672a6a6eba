/** Share links: list, change, revoke and create. */
import type { ShareLink } from '@concord/protocol';
import { useRef, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { LinkIcon, PlusIcon } from '../ui/icons.tsx';
import { CreatedLink } from './created-link.tsx';
import { linkRoles } from './link-roles.ts';
import { NewLinkForm } from './new-link-form.tsx';
import { ConfirmInPlace, ProblemLine, RoleSelect } from './parts.tsx';
import { useAttempt } from '../forms/use-attempt.ts';
import type { SharingChanges } from './use-sharing.ts';

const words = messages.sharing;

type Changes = Pick<SharingChanges, 'createLink' | 'changeLink' | 'removeLink'>;

export function LinksSection(props: {
  readonly links: readonly ShareLink[];
  readonly changes: Changes;
}) {
  const { links, changes } = props;
  const [isMaking, setIsMaking] = useState(false);
  /** Address of the link just created, which the server does not return again. */
  const [address, setAddress] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <section className="access-section" aria-labelledby="access-links">
      <h3 ref={heading} id="access-links" tabIndex={-1}>
        {words.links}
      </h3>
      <p className="access-hint">{words.linksHint}</p>
      {links.length > 0 && (
        <ul className="access-list">
          {links.map((link) => (
            <LinkRow
              key={link.id}
              link={link}
              changes={changes}
              onRemoved={() => heading.current?.focus()}
            />
          ))}
        </ul>
      )}
      {address !== '' && <CreatedLink address={address} onDone={() => setAddress('')} />}
      {isMaking ? (
        <NewLinkForm
          onCreate={changes.createLink}
          onCreated={({ url }) => {
            setIsMaking(false);
            setAddress(location.origin + url);
          }}
          onCancel={() => setIsMaking(false)}
        />
      ) : (
        <button
          type="button"
          className="button"
          onClick={() => {
            setAddress('');
            setIsMaking(true);
          }}
        >
          <PlusIcon />
          {words.newLink}
        </button>
      )}
    </section>
  );
}

function LinkRow(props: {
  readonly link: ShareLink;
  readonly changes: Changes;
  readonly onRemoved: () => void;
}) {
  const { link, changes, onRemoved } = props;
  const { id, role, people } = link;
  const [isAsking, setIsAsking] = useState(false);
  const { isBusy, problem, attempt } = useAttempt();
  const label = link.label === '' ? words.noLabel : link.label;
  const remove = async (): Promise<void> => {
    const isDone = await attempt(async () => {
      await changes.removeLink(id);
      return true;
    });
    setIsAsking(false);
    if (isDone === true) onRemoved();
  };
  return (
    <li>
      <div className="access-row access-row-link">
        <span className="access-avatar" aria-hidden="true">
          <LinkIcon />
        </span>
        <div className="access-who">
          <span className="access-name">{label}</span>
          <LinkFacts link={link} />
        </div>
        <RoleSelect
          label={words.roleOf(label)}
          value={role}
          choices={linkRoles}
          words={words.role}
          disabled={isBusy}
          onChange={(chosen) => void attempt(() => changes.changeLink(id, { role: chosen }))}
        />
        <button
          type="button"
          className="button button-quiet"
          aria-label={words.revokeLink(label)}
          disabled={isBusy}
          onClick={() => setIsAsking(true)}
        >
          {words.revoke}
        </button>
      </div>
      {isAsking && (
        <ConfirmInPlace
          question={words.revokeConfirm(people)}
          yes={words.revoke}
          isBusy={isBusy}
          onYes={() => void remove()}
          onNo={() => setIsAsking(false)}
        />
      )}
      <ProblemLine text={problem} />
    </li>
  );
}

/** "Password · until 3 May 2030, 12:00 · 2 people came by it" */
function LinkFacts({ link }: { readonly link: ShareLink }) {
  const { hasPassword, expiresAt, people } = link;
  const [now] = useState(Date.now);
  const isExpired = expiresAt !== null && expiresAt <= now;
  const facts = [
    ...(hasPassword ? [words.passwordMark] : []),
    ...(expiresAt === null || isExpired ? [] : [words.expires(expiresAt)]),
    people === 0 ? words.linkUnused : words.came(people),
  ];
  return (
    <span className="access-hint">
      {isExpired && <strong className="access-expired">{words.expired} · </strong>}
      {facts.join(' · ')}
    </span>
  );
}
