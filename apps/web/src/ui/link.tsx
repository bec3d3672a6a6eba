/** A link within the app: plain clicks navigate without a reload, others are left to the browser. */
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
  /** Accessible name and tooltip of a link without text. */
  readonly label?: string;
  /** The link targets the current page. */
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
