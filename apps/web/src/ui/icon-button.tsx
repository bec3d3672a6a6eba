/** A button with only an icon: it has an accessible name and a tooltip. */
import type { ComponentProps, ReactNode } from 'react';
import { Tooltip } from './tooltip.tsx';

export function IconButton(
  props: Omit<ComponentProps<'button'>, 'aria-label' | 'title' | 'type' | 'children'> & {
    readonly label: string;
    /** Text of the tooltip, if not the name. */
    readonly hint?: string;
    readonly children: ReactNode;
  },
) {
  const { label, hint = label, className = 'icon-button', children, ...own } = props;
  return (
    <Tooltip label={hint}>
      <button type="button" className={className} aria-label={label} {...own}>
        {children}
      </button>
    </Tooltip>
  );
}
