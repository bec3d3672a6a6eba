/** The account menu in a page's header: the person's name, signing in and out. */
import { lazy, Suspense, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { PersonIcon } from '../ui/icons.tsx';
import type { MenuEntry } from '../ui/layers.ts';
import { Link } from '../ui/link.tsx';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import { MenuButton } from '../ui/menu-button.tsx';
import './account-menu.css';
import { meChanged, useMe } from '../identity/account-store.ts';
import { signInPath } from '../navigation/return-to.ts';

const words = messages.account;

const SignOutDialog = lazy(async () => {
  const { SignOutDialog: Dialog } = await import('./sign-out-dialog.tsx');
  return { default: Dialog };
});
const LanguageDialog = lazy(async () => {
  const { LanguageDialog: Dialog } = await import('./language-dialog.tsx');
  return { default: Dialog };
});
const NameDialog = lazy(async () => {
  const { NameDialog: Dialog } = await import('../people/name-dialog.tsx');
  return { default: Dialog };
});

export function AccountMenu() {
  const me = useMe();
  const [asked, setAsked] = useState<'name' | 'language' | 'signOut' | null>(null);
  if (me === null) return null;
  const name = displayName(me);
  const from = location.pathname + location.search;
  const isGuest = me.kind !== 'account';
  const close = (): void => setAsked(null);
  const ownName: MenuEntry = {
    label: messages.people.yourName,
    onSelect: () => setAsked('name'),
  };
  const language: MenuEntry = {
    label: words.language,
    onSelect: () => setAsked('language'),
  };
  const signUp: MenuEntry = { label: words.signUp, href: signInPath('/sign-up', from) };
  const entries: readonly MenuEntry[] = isGuest
    ? [
        ownName,
        language,
        ...(me.signUp === 'closed' ? [] : [signUp]),
        { label: words.signIn, href: signInPath('/sign-in', from) },
      ]
    : [
        ownName,
        language,
        { label: words.account, href: '/account' },
        { label: words.signOut, onSelect: () => setAsked('signOut') },
      ];
  return (
    <div className="account-menu">
      {isGuest && (
        <Link href={signInPath('/sign-in', from)} className="button account-sign-in">
          {words.signIn}
        </Link>
      )}
      <MenuButton
        id="account-menu"
        label={words.menu(name)}
        className="button button-quiet own-name"
        entries={entries}
        note={isGuest ? words.guestHint : undefined}
      >
        <PersonIcon />
        <span>{name}</span>
      </MenuButton>
      {asked !== null && (
        <LoadBoundary onFailed={close}>
          <Suspense fallback={null}>
            {asked === 'name' ? (
              <NameDialog name={me.name} onSaved={meChanged} onClose={close} />
            ) : asked === 'language' ? (
              <LanguageDialog onClose={close} />
            ) : (
              <SignOutDialog onClose={close} />
            )}
          </Suspense>
        </LoadBoundary>
      )}
    </div>
  );
}
