/**
 * Layers above the page: menus, popovers and tooltips, one of each kind at a time, by Base UI
 * (docs/decisions/0018-primitives.md). Their buttons are part of the page and open them through these handles; the
 * popups are a chunk of their own (layer-popups.tsx), outside of the pages' render tree.
 */
import { Menu } from '@base-ui/react/menu';
import { Popover } from '@base-ui/react/popover';
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactNode } from 'react';
import { LatePart } from './late-part.ts';

/** A menu entry: an action, or a link within the app. */
export type MenuEntry = {
  /** Required if several entries have the same label. */
  readonly key?: string | number;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly className?: string;
} & ({ readonly onSelect: () => void } | { readonly href: string });

export interface MenuContents {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  /** Description of the menu, shown below its entries. */
  readonly note?: string | undefined;
}

export interface PopoverContents {
  readonly label: string;
  /** Rendered each time the popover opens. */
  readonly content: (close: () => void) => ReactNode;
}

export const menus = Menu.createHandle<MenuContents>();
export const popovers = Popover.createHandle<PopoverContents>();
export const tooltips = Tooltip.createHandle<string>();

/** Renders all popups. */
export const layers = new LatePart<() => ReactNode>(async () => {
  const { renderPopups } = await import('./layer-popups.tsx');
  return renderPopups;
});
