/** A link within the app: ordinary clicks stay in the page, all others are the browser's. */
import type { MouseEvent, ReactNode } from 'react';
import { navigate, type NavigationState } from '../navigation/routes.ts';

export function Link(props: {
  readonly href: string;
  readonly className: string;
  readonly label?: string;
  /** It leads to what is shown already. */
  readonly isCurrent?: boolean;
  readonly state?: NavigationState;
  readonly children: ReactNode;
}) {
  const { href, className, label, isCurrent = false, state = {}, children } = props;
  const followLink = (event: MouseEvent): void => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!isPlain || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    navigate(href, { state });
  };
  return (
    <a
      href={href}
      className={className}
      aria-label={label}
      title={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={followLink}
    >
      {children}
    </a>
  );
}
