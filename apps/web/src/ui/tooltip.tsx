/**
 * Shows what a button does on hover or keyboard focus. Visual only: the button has its own accessible name.
 */
import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import { layers, tooltips } from './layers.ts';

export function Tooltip(props: {
  readonly label: string;
  /** The id of the button, if it has one. */
  readonly id?: string;
  /** The button. */
  readonly children: ReactElement<Record<string, unknown>>;
}) {
  const { label, id, children } = props;
  return (
    <Base.Trigger
      {...(id !== undefined && { id })}
      handle={tooltips}
      payload={label}
      onPointerEnter={layers.prepare}
      render={children}
    />
  );
}
