/**
 * Says beside a button what it does, to people who point at it or reach it by keyboard. It is for the eye alone: the
 * button has its accessible name itself.
 */
import { Tooltip as Base } from '@base-ui/react/tooltip';
import type { ReactElement } from 'react';
import { layers, tooltips } from './layers.ts';

export function Tooltip(props: {
  readonly label: string;
  /** That of the button, when it has one. */
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
