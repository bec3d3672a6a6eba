import { messages } from '../i18n/messages.ts';
import { Link } from './link.tsx';

export function BrandMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="brand-ground" />
      <path d="M20.6 11.2a6.8 6.8 0 1 0 0 9.6" className="brand-letter" />
      <path d="M24.5 9.5v13" className="brand-caret" />
    </svg>
  );
}

/** The product's name, a link to the list. */
export function Brand() {
  return (
    <Link href="/" className="brand">
      <BrandMark />
      <span>{messages.appName}</span>
    </Link>
  );
}
