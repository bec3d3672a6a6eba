/** Who one is, in a page's header: name, signing in and out. */
import { lazy, Suspense, useState } from 'react';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { NameForm } from '../people/name-form.tsx';
import { PersonIcon } from '../ui/icons.tsx';
import { Link } from '../ui/link.tsx';
import { LoadBoundary } from '../ui/load-boundary.tsx';
import { Popover } from '../ui/popover.tsx';
import './account-menu.css';
import { meChanged, useMe } from '../identity/account-store.ts';
import { signInPath } from '../navigation/return-to.ts';

const words = messages.account;

const SignOutDialog = lazy(async () => {
  const { SignOutDialog: Dialog } = await import('./sign-out-dialog.tsx');
  return { default: Dialog };
});

export function AccountMenu() {
  const me = useMe();
  const [isLeaving, setIsLeaving] = useState(false);
  if (me === null) return null;
  const name = displayName(me);
  const from = location.pathname + location.search;
  const isGuest = me.kind !== 'account';
  return (
    <div className="account-menu">
      {isGuest && (
        <Link href={signInPath('/sign-in', from)} className="button account-sign-in">
          {words.signIn}
        </Link>
      )}
      <Popover
        label={words.menu(name)}
        buttonClass="button button-quiet own-name"
        button={
          <>
            <PersonIcon />
            <span>{name}</span>
          </>
        }
        panelLabel={words.account}
      >
        {(close) => (
          <>
            <NameForm
              name={me.name}
              onSaved={(saved) => {
                meChanged(saved);
                close();
              }}
            />
            {isGuest ? (
              <>
                <p className="menu-note">{words.guestHint}</p>
                {me.signUp !== 'closed' && (
                  <Link href={signInPath('/sign-up', from)} className="menu-item menu-link">
                    {words.signUp}
                  </Link>
                )}
                <Link href={signInPath('/sign-in', from)} className="menu-item menu-link">
                  {words.signIn}
                </Link>
              </>
            ) : (
              <div className="menu-group">
                <Link href="/account" className="menu-item menu-link">
                  {words.account}
                </Link>
                <button
                  type="button"
                  className="menu-item"
                  onClick={() => {
                    close();
                    setIsLeaving(true);
                  }}
                >
                  {words.signOut}
                </button>
              </div>
            )}
          </>
        )}
      </Popover>
      {isLeaving && (
        <LoadBoundary onFailed={() => setIsLeaving(false)}>
          <Suspense fallback={null}>
            <SignOutDialog onClose={() => setIsLeaving(false)} />
          </Suspense>
        </LoadBoundary>
      )}
    </div>
  );
}
