/** Avatars of the people present. The own one changes the name, another's follows their caret. */
import type { Person } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { MenuButton } from '../ui/menu-button.tsx';
import { PopoverButton } from '../ui/popover-button.tsx';
import { useMediaQuery } from '../ui/use-media-query.ts';
import { colorClass } from './colors.ts';
import { NameForm } from './name-form.tsx';
import { displayName, initials } from './names.ts';
import './people.css';

/** Avatars that fit beside the title; the others are summarized by a number. */
const SHOWN = 5;
const SHOWN_ON_PHONES = 2;

interface PeopleListProps {
  readonly people: readonly Person[];
  /** Number of people present, whether listed or not. */
  readonly total: number;
  readonly self: number;
  readonly followed: number | null;
  readonly onFollow: (person: Person) => void;
}

export function PeopleList({ people, total, self, followed, onFollow }: PeopleListProps) {
  const isPhone = useMediaQuery('(max-width: 700px)');
  const room = isPhone ? SHOWN_ON_PHONES : SHOWN;
  // The own person first, then in the order of arrival.
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
            <IconButton
              label={messages.people.follow(displayName(person))}
              className="avatar-button"
              aria-pressed={person.session === followed}
              onClick={() => onFollow(person)}
            >
              <Avatar person={person} />
            </IconButton>
          )}
        </li>
      ))}
      {hidden.length > 0 && (
        <li>
          <MenuButton
            label={messages.people.more(hiddenTotal)}
            className="avatar-button"
            entries={hidden.map((person) => ({
              key: person.session,
              label: displayName(person),
              icon: <Avatar person={person} />,
              onSelect: () => onFollow(person),
            }))}
          >
            <span className="avatar avatar-more">+{hiddenTotal}</span>
          </MenuButton>
        </li>
      )}
    </ul>
  );
}

function OwnAvatar({ person }: { readonly person: Person }) {
  return (
    <PopoverButton
      label={messages.people.changeName(displayName(person))}
      panelLabel={messages.people.yourName}
      className="avatar-button"
      // The new name arrives with the presence list.
      panel={(close) => <NameForm name={person.name} onSaved={close} />}
    >
      <Avatar person={person} />
    </PopoverButton>
  );
}

function Avatar({ person }: { readonly person: Person }) {
  return (
    <span className={`avatar ${colorClass(person.color)}`} aria-hidden="true">
      {initials(displayName(person))}
    </span>
  );
}
