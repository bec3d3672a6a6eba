/** Lucide icons, named by their meaning in the app. Decorative: their buttons have accessible names. */
import {
  Bold,
  Clock,
  Code,
  Copy,
  Download,
  Ellipsis,
  Eye,
  FileText,
  Folder,
  Italic,
  Keyboard,
  Link,
  List,
  ListOrdered,
  ListTodo,
  Mail,
  Plus,
  Printer,
  Redo2,
  Search,
  SquareCode,
  Star,
  Strikethrough,
  TextQuote,
  Trash2,
  Undo2,
  User,
  UserPlus,
  Users,
  X,
  type LucideIcon,
} from 'lucide-react';

/** Size and stroke come from the class (controls.css); Lucide hides unnamed icons from screen readers. */
export const icon = (Drawing: LucideIcon) => () => <Drawing className="icon" />;

export const PlusIcon = icon(Plus);
export const DocumentIcon = icon(FileText);
export const LinkIcon = icon(Link);
export const DownloadIcon = icon(Download);
export const CopyIcon = icon(Copy);
export const PrintIcon = icon(Printer);
export const KeyboardIcon = icon(Keyboard);
export const PersonIcon = icon(User);
export const ShareIcon = icon(UserPlus);
export const StarIcon = icon(Star);
export const FolderIcon = icon(Folder);
export const TrashIcon = icon(Trash2);
export const ClockIcon = icon(Clock);
export const PeopleIcon = icon(Users);
export const EyeIcon = icon(Eye);
export const CloseIcon = icon(X);
export const MailIcon = icon(Mail);
export const UndoIcon = icon(Undo2);
export const RedoIcon = icon(Redo2);
export const BoldIcon = icon(Bold);
export const ItalicIcon = icon(Italic);
export const StrikethroughIcon = icon(Strikethrough);
export const CodeIcon = icon(Code);
export const CodeBlockIcon = icon(SquareCode);
export const BulletListIcon = icon(List);
export const OrderedListIcon = icon(ListOrdered);
export const TaskListIcon = icon(ListTodo);
export const QuoteIcon = icon(TextQuote);
export const FindIcon = icon(Search);
export const MoreIcon = icon(Ellipsis);

/** A letter and a digit are clearer than any drawing of a heading. */
export function HeadingIcon({ level }: { readonly level: number }) {
  return (
    <span className="icon-letters" aria-hidden="true">
      H<small>{level}</small>
    </span>
  );
}
