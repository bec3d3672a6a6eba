/** Who is here: an avatar each. One's own changes the name, another's takes the view to their caret. */
import type { Person } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { Popover } from '../ui/popover.tsx';
import { useMediaQuery } from '../ui/use-media-query.ts';
import { colorClass } from './colors.ts';
import { NameForm } from './name-form.tsx';
import { displayName, initials } from './names.ts';
import './people.css';

/** Avatars that fit beside the title; the others are behind a number. */
const SHOWN = 5;
const SHOWN_ON_PHONES = 2;

interface PeopleListProps {
  readonly people: readonly Person[];
  /** Present in all, named or not. */
  readonly total: number;
  readonly self: number;
  readonly followed: number | null;
  readonly onFollow: (person: Person) => void;
}

export function PeopleList({ people, total, self, followed, onFollow }: PeopleListProps) {
  const isPhone = useMediaQuery('(max-width: 700px)');
  const room = isPhone ? SHOWN_ON_PHONES : SHOWN;
  // Oneself first, who is always there; then in the order of arrival.
  const ordered = [...people].sort(
    (a, b) => Number(b.session === self) - Number(a.session === self) || a.session - b.session,
  );
  const shown = ordered.length > room ? ordered.slice(0, room - 1) : ordered;
  const hidden = ordered.slice(shown.length);
  const hiddenTotal = Math.max(hidden.length, total - shown.length);
  return (
    <ul className="people" aria-label={messages.people.heading}>
      {shown.map((person) => (
        <li key={person.session}>
          {person.session === self ? (
            <OwnAvatar person={person} />
          ) : (
            <button
              type="button"
              className="avatar-button"
              aria-label={messages.people.follow(displayName(person))}
              title={messages.people.follow(displayName(person))}
              aria-pressed={person.session === followed}
              onClick={() => onFollow(person)}
            >
              <Avatar person={person} />
            </button>
          )}
        </li>
      ))}
      {hidden.length > 0 && (
        <li>
          <Popover
            label={messages.people.more(hiddenTotal)}
            buttonClass="avatar-button"
            button={<span className="avatar avatar-more">+{hiddenTotal}</span>}
            panelLabel={messages.people.heading}
          >
            {(close) =>
              hidden.map((person) => (
                <button
                  key={person.session}
                  type="button"
                  className="menu-item"
                  onClick={() => {
                    onFollow(person);
                    close();
                  }}
                >
                  <Avatar person={person} />
                  {displayName(person)}
                </button>
              ))
            }
          </Popover>
        </li>
      )}
    </ul>
  );
}

function OwnAvatar({ person }: { readonly person: Person }) {
  return (
    <Popover
      label={messages.people.changeName(displayName(person))}
      buttonClass="avatar-button"
      button={<Avatar person={person} />}
      panelLabel={messages.people.yourName}
    >
      {/* The new name comes back with the list of people. */}
      {(close) => <NameForm name={person.name} onSaved={close} />}
    </Popover>
  );
}

function Avatar({ person }: { readonly person: Person }) {
  return (
    <span className={`avatar ${colorClass(person.color)}`} aria-hidden="true">
      {initials(displayName(person))}
    </span>
  );
}
