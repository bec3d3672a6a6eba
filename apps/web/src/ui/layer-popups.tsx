/** Popups of menus, popovers and tooltips. On phones, CSS shows menus and popovers as bottom sheets (layers.css). */
import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import { Tooltip } from '@base-ui/react/tooltip';
import { useEffect, useId, type ReactNode } from 'react';
import { usePath } from '../navigation/routes.ts';
import {
  layers,
  menus,
  popovers,
  tooltips,
  type MenuContents,
  type MenuEntry,
  type PopoverContents,
} from './layers.ts';
import { followLink } from './link.tsx';

const GAP_PX = 8;

export const renderPopups = (): ReactNode => <Popups />;

function Popups() {
  const path = usePath();
  useEffect(
    () => () => {
      // Close popups on navigation.
      menus.close();
      popovers.close();
    },
    [path],
  );
  useEffect(() => layers.shown(), []);
  return (
    <>
      <Menu.Root handle={menus} modal={false}>
        {({ payload }) => payload !== undefined && <MenuPopup contents={payload} />}
      </Menu.Root>
      <Popover.Root handle={popovers}>
        {({ payload }) => payload !== undefined && <PopoverPopup contents={payload} />}
      </Popover.Root>
      <Tooltip.Root handle={tooltips} disableHoverablePopup>
        {({ payload }) => (
          <Tooltip.Portal>
            <Tooltip.Positioner className="tooltip-layer" sideOffset={6} collisionPadding={GAP_PX}>
              <Tooltip.Popup className="tooltip">{payload}</Tooltip.Popup>
            </Tooltip.Positioner>
          </Tooltip.Portal>
        )}
      </Tooltip.Root>
    </>
  );
}

function MenuPopup({ contents }: { readonly contents: MenuContents }) {
  const { label, entries, note } = contents;
  const noteId = useId();
  return (
    <Menu.Portal>
      <Menu.Positioner className="layer" align="end" sideOffset={GAP_PX} collisionPadding={GAP_PX}>
        <Menu.Popup
          className="popover"
          aria-label={label}
          aria-describedby={note === undefined ? undefined : noteId}
        >
          {entries.map((entry) => (
            <Entry key={entry.key ?? entry.label} entry={entry} />
          ))}
          {note !== undefined && (
            <p id={noteId} className="menu-note" role="presentation">
              {note}
            </p>
          )}
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  );
}

function Entry({ entry }: { readonly entry: MenuEntry }) {
  const { label, icon, className = '' } = entry;
  const classes = `menu-item ${className}`;
  const content = (
    <>
      {icon}
      {label}
    </>
  );
  if ('href' in entry) {
    return (
      <Menu.LinkItem
        href={entry.href}
        className={classes}
        closeOnClick
        onClick={(event) => followLink(event, entry.href)}
      >
        {content}
      </Menu.LinkItem>
    );
  }
  return (
    <Menu.Item className={classes} onClick={entry.onSelect}>
      {content}
    </Menu.Item>
  );
}

function PopoverPopup({ contents }: { readonly contents: PopoverContents }) {
  const { label, content } = contents;
  return (
    <Popover.Portal>
      <Popover.Positioner
        className="layer"
        align="end"
        sideOffset={GAP_PX}
        collisionPadding={GAP_PX}
      >
        <Popover.Popup className="popover" aria-label={label}>
          {content(() => popovers.close())}
        </Popover.Popup>
      </Popover.Positioner>
    </Popover.Portal>
  );
}
