/** Formats active at the caret, which the toolbar shows as pressed. */
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';

export type ActiveFormat =
  | 'bold'
  | 'italic'
  | 'strikethrough'
  | 'code'
  | 'link'
  | 'quote'
  | 'codeBlock'
  | 'bullet'
  | 'ordered'
  | 'task'
  | `heading${1 | 2 | 3 | 4 | 5 | 6}`;

const formatOfNode: Readonly<Record<string, ActiveFormat>> = {
  StrongEmphasis: 'bold',
  Emphasis: 'italic',
  Strikethrough: 'strikethrough',
  InlineCode: 'code',
  Link: 'link',
  Blockquote: 'quote',
  FencedCode: 'codeBlock',
  CodeBlock: 'codeBlock',
  ATXHeading1: 'heading1',
  ATXHeading2: 'heading2',
  ATXHeading3: 'heading3',
  ATXHeading4: 'heading4',
  ATXHeading5: 'heading5',
  ATXHeading6: 'heading6',
  SetextHeading1: 'heading1',
  SetextHeading2: 'heading2',
};

/** Inspects only the syntax nodes around the caret. */
export function activeFormats(state: EditorState): ReadonlySet<ActiveFormat> {
  const formats = new Set<ActiveFormat>();
  const { head } = state.selection.main;
  const tree = syntaxTree(state);
  let nearestList: ActiveFormat | null = null;
  for (const side of [-1, 1] as const) {
    const start: SyntaxNode = tree.resolveInner(head, side);
    for (let node: SyntaxNode | null = start; node !== null; node = node.parent) {
      const format = formatOfNode[node.name];
      if (format !== undefined) formats.add(format);
      if (node.name === 'ListItem') nearestList ??= listKind(node);
    }
  }
  if (nearestList !== null) formats.add(nearestList);
  return formats;
}

function listKind(item: SyntaxNode): ActiveFormat {
  if (item.getChild('Task') !== null) return 'task';
  return item.parent?.name === 'OrderedList' ? 'ordered' : 'bullet';
}
