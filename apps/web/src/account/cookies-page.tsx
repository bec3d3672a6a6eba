/** Replaces every page when the browser refuses cookies: what they are for, and how to allow them. */
import { MessageFrame } from '../ui/message-page.tsx';
import { hasFormerVisits } from '../identity/account-store.ts';
import { cookiesMessages as words } from './cookies-messages.ts';

export function CookiesPage() {
  return (
    <MessageFrame heading={words.heading}>
      <p>{hasFormerVisits() ? words.whyNow : words.why}</p>
      <p>{words.how}</p>
      <div className="message-actions">
        <button type="button" className="button button-primary" onClick={() => location.reload()}>
          {words.again}
        </button>
      </div>
    </MessageFrame>
  );
}
