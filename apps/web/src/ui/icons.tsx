/** Icons, drawn on a grid of 20 with the text's colour. They are decoration: their buttons have names. */
import type { ReactNode } from 'react';

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      {children}
    </svg>
  );
}

const icon = (path: string) => () => (
  <Icon>
    <path d={path} />
  </Icon>
);

export const PlusIcon = icon('M10 4v12M4 10h12');
export const DocumentIcon = icon('M6 3h5.5L15 6.5V17H6zM11 3v4h4M8.5 10.5h4M8.5 13.5h4');
export const LinkIcon = icon(
  'M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L9.9 5.9M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2l1.2-1.2',
);
export const DownloadIcon = icon('M10 3.5v9M6.5 9.5 10 13l3.5-3.5M4 16.5h12');
export const CopyIcon = icon('M7.5 7.5h8v9h-8zM12.5 7.5v-4h-8v9h3');
export const PrintIcon = icon('M6 7.5v-4h8v4M6 14H3.5V7.5h13V14H14M6 12h8v4.5H6z');
export const KeyboardIcon = icon(
  'M3 5.5h14v9H3zM6 8.5h.01M9 8.5h.01M12 8.5h.01M14.5 8.5h.01M6.5 11.5h7',
);
export const PersonIcon = icon(
  'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.6-3 2.9-4.5 6-4.5s5.4 1.5 6 4.5',
);
export const ShareIcon = icon(
  'M8 9.500a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600zM2.500 16c.5-2.800 2.600-4.200 5.500-4.200s5 1.400 5.500 4.200M15.500 6.500v5M13 9h5',
);
export const StarIcon = icon(
  'm10 3.200 2.100 4.300 4.700.7-3.400 3.300.8 4.700-4.200-2.200-4.200 2.200.8-4.700L3.200 8.200l4.700-.7z',
);
export const FolderIcon = icon('M3 5.500h4.500L9 7.500h8v8.500H3z');
export const TrashIcon = icon(
  'M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500 6.300 16.500h7.400l.8-11M8.500 8.500v5M11.500 8.500v5',
);
export const ClockIcon = icon('M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l2.500 1.500');
export const PeopleIcon = icon(
  'M7.500 9.500a2.700 2.700 0 1 0 0-5.400 2.700 2.700 0 0 0 0 5.400zM2.500 16c.4-2.700 2.300-4 5-4s4.600 1.300 5 4M13 9.300a2.400 2.400 0 1 0-1-4.600M14.500 12c1.700.4 2.800 1.600 3 3.600',
);
export const EyeIcon = icon(
  'M2.500 10c1.800-3.300 4.400-5 7.500-5s5.700 1.700 7.500 5c-1.800 3.300-4.400 5-7.500 5s-5.700-1.700-7.500-5zM10 12.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600z',
);
export const CloseIcon = icon('m5 5 10 10M15 5 5 15');
export const MailIcon = icon('M3 5h14v10H3zM3.500 5.500 10 11l6.500-5.500');
export const UndoIcon = icon('M7 4 3.5 7.5 7 11M4 7.5h8a4 4 0 0 1 0 8H8');
export const RedoIcon = icon('M13 4l3.5 3.5L13 11M16 7.5H8a4 4 0 0 0 0 8h4');
export const BoldIcon = icon('M6.5 4h4a2.9 2.9 0 0 1 0 6h-4zM6.5 10h4.8a3 3 0 0 1 0 6H6.5z');
export const ItalicIcon = icon('M8.5 4H14M6 16h5.500M11.300 4 8.700 16');
export const StrikethroughIcon = icon(
  'M3.500 10h13M13.800 6.700C13.500 5 12 4 10 4 7.800 4 6.300 5.100 6.300 6.900c0 .9.400 1.600 1.100 2.100M6 13.200c.3 1.800 1.900 2.800 4 2.800 2.300 0 3.900-1.100 3.900-3 0-.9-.3-1.600-.9-2.100',
);
export const CodeIcon = icon('m7 6-4 4 4 4M13 6l4 4-4 4');
export const CodeBlockIcon = icon(
  'M3 4h14v12H3zM8.500 7.500 6 10l2.500 2.500M11.500 7.500 14 10l-2.500 2.500',
);
export const BulletListIcon = icon(
  'M8 5.500h8.500M8 10h8.500M8 14.500h8.500M4 5.500h.01M4 10h.01M4 14.500h.01',
);
export const OrderedListIcon = icon(
  'M8.500 5.500h8M8.500 10h8M8.500 14.500h8M3.200 4.300 4.500 3.700v4M3.200 12.600c.3-.7 2-.7 2 .4 0 .9-1.900 1.700-1.900 2.900h2.100',
);
export const TaskListIcon = icon('M3 4h4v4H3zM3.500 14l1.300 1.300L7.500 12.500M10 6h7M10 14h7');
export const QuoteIcon = icon('M4 4.500v11M8 6h8.500M8 10h8.500M8 14h5.500');
export const FindIcon = icon('M9 14a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM12.700 12.700 16.500 16.500');

export function MoreIcon() {
  return (
    <svg className="icon icon-filled" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="4.5" cy="10" r="1.6" />
      <circle cx="10" cy="10" r="1.6" />
      <circle cx="15.5" cy="10" r="1.6" />
    </svg>
  );
}

/** A letter and a digit are clearer than any drawing of a heading. */
export function HeadingIcon({ level }: { readonly level: number }) {
  return (
    <span className="icon-letters" aria-hidden="true">
      H<small>{level}</small>
    </span>
  );
}
