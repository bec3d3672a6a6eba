/** A button that opens a panel other than a menu: a form, for instance. */
import { Popover } from '@base-ui/react/popover';
import { useId, type ReactNode } from 'react';
import { layers, popovers } from './layers.ts';
import { Tooltip } from './tooltip.tsx';

export function PopoverButton(props: {
  /** Accessible name of the button. */
  readonly label: string;
  /** Accessible name of the panel. */
  readonly panelLabel: string;
  readonly className: string;
  /** Content of the panel; rendered each time it opens. */
  readonly panel: (close: () => void) => ReactNode;
  readonly children: ReactNode;
}) {
  const { label, panelLabel, className, panel, children } = props;
  const id = useId();
  return (
    <Tooltip label={label} id={id}>
      <Popover.Trigger
        id={id}
        handle={popovers}
        payload={{ label: panelLabel, content: panel }}
        className={className}
        aria-label={label}
        onPointerEnter={layers.prepare}
        onFocus={layers.prepare}
        onClick={() => layers.whenShown(() => popovers.open(id))}
      >
        {children}
      </Popover.Trigger>
    </Tooltip>
  );
}
