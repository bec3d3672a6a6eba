/** Inline styles of Markdown syntax and of code. Colours are in ui/base.css. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';

const monospace = { fontFamily: 'var(--font-code)', fontSize: '0.9em' };

const style = HighlightStyle.define([
  // Markdown
  { tag: tags.heading, fontWeight: '650' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.link, color: 'var(--link)' },
  { tag: tags.url, color: 'var(--ink-quiet)' },
  { tag: tags.monospace, class: 'cm-inlineCode' },
  { tag: tags.processingInstruction, color: 'var(--mark)', fontWeight: '400' },
  { tag: tags.contentSeparator, color: 'var(--mark)' },
  { tag: tags.atom, ...monospace, color: 'var(--link)' },
  { tag: tags.labelName, color: 'var(--ink-quiet)' },
  // Code
  { tag: [tags.comment, tags.meta], color: 'var(--code-comment)' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.tagName],
    color: 'var(--code-function)',
  },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--code-type)' },
  { tag: [tags.attributeName, tags.propertyName], color: 'var(--code-property)' },
]);

export const markdownHighlighting: Extension = syntaxHighlighting(style);
