/** A link within the app: ordinary clicks stay in the page, all others are the browser's. */
import type { MouseEvent, ReactNode } from 'react';
import { navigate, type NavigationState } from '../navigation/routes.ts';
import { Tooltip } from './tooltip.tsx';

export function followLink(event: MouseEvent, href: string, state: NavigationState = {}): void {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (!isPlain || event.altKey || event.defaultPrevented) return;
  event.preventDefault();
  navigate(href, { state });
}

export function Link(props: {
  readonly href: string;
  readonly className: string;
  /** Accessible name, also shown beside it, where it has no text. */
  readonly label?: string;
  /** It leads to what is shown already. */
  readonly isCurrent?: boolean;
  readonly state?: NavigationState;
  readonly children: ReactNode;
}) {
  const { href, className, label, isCurrent = false, state, children } = props;
  const link = (
    <a
      href={href}
      className={className}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => followLink(event, href, state)}
    >
      {children}
    </a>
  );
  return label === undefined ? link : <Tooltip label={label}>{link}</Tooltip>;
}
