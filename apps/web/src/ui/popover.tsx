/**
 * A button and the panel that it opens, on the browser's own popover: light dismiss, Esc and the top layer
 * come with it. The panel is placed below the button, or above it where there is more room; on phones CSS makes
 * it a sheet.
 */
import { useId, useRef, useState, type ReactNode, type ToggleEvent } from 'react';

const GAP_PX = 8;

export function Popover(props: {
  /** Accessible name of the button. */
  readonly label: string;
  readonly buttonClass: string;
  readonly button: ReactNode;
  /** Accessible name of the panel. */
  readonly panelLabel: string;
  /** Rendered anew each time it opens. */
  readonly children: (close: () => void) => ReactNode;
}) {
  const { label, buttonClass, button, panelLabel, children } = props;
  const id = useId();
  const buttonElement = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);

  const place = (event: ToggleEvent<HTMLDivElement>): void => {
    if (event.newState !== 'open' || buttonElement.current === null) return;
    setIsOpen(true);
    const { top, bottom, right } = buttonElement.current.getBoundingClientRect();
    const isBelow = innerHeight - bottom >= top;
    const measures = {
      top: isBelow ? `${bottom + GAP_PX}px` : 'auto',
      bottom: isBelow ? 'auto' : `${innerHeight - top + GAP_PX}px`,
      room: `${(isBelow ? innerHeight - bottom : top) - 3 * GAP_PX}px`,
      right: `${Math.max(GAP_PX, innerWidth - right)}px`,
    };
    for (const [name, value] of Object.entries(measures)) {
      event.currentTarget.style.setProperty(`--popover-${name}`, value);
    }
  };
  const toggled = (event: ToggleEvent<HTMLDivElement>): void => {
    if (event.newState === 'closed') setIsOpen(false);
    else panel.current?.querySelector<HTMLElement>('input, button, a')?.focus();
  };

  return (
    <>
      <button
        ref={buttonElement}
        type="button"
        className={buttonClass}
        aria-label={label}
        title={label}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        popoverTarget={id}
      >
        {button}
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="popover"
        role="dialog"
        aria-label={panelLabel}
        onBeforeToggle={place}
        onToggle={toggled}
      >
        {isOpen && children(() => document.getElementById(id)?.hidePopover())}
      </div>
    </>
  );
}
