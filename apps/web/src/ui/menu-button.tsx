/** A button that opens a menu of actions. */
import { Menu } from '@base-ui/react/menu';
import { useId, type ReactNode } from 'react';
import { layers, menus, type MenuEntry } from './layers.ts';
import { Tooltip } from './tooltip.tsx';

export function MenuButton(props: {
  /** Accessible name of the button and of its menu. */
  readonly label: string;
  readonly className: string;
  readonly entries: readonly MenuEntry[];
  /** Shown below the entries. */
  readonly note?: string | undefined;
  /** Equal for the same menu on every page: it stays open when its button is remounted. */
  readonly id?: string;
  readonly children: ReactNode;
}) {
  const { label, className, entries, note, id: givenId, children } = props;
  const ownId = useId();
  const id = givenId ?? ownId;
  return (
    <Tooltip label={label} id={id}>
      <Menu.Trigger
        id={id}
        handle={menus}
        payload={{ label, entries, note }}
        className={className}
        aria-label={label}
        onPointerEnter={layers.prepare}
        onFocus={layers.prepare}
        onClick={() => layers.whenShown(() => menus.open(id))}
      >
        {children}
      </Menu.Trigger>
    </Tooltip>
  );
}
