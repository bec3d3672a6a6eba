/** Names of keys as printed on the person's keyboard. */
import { messages } from '../i18n/messages.ts';

const words = messages.keys;
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

const names: Readonly<Record<string, string>> = isApple
  ? { Mod: '⌘', Alt: '⌥', Shift: '⇧', Ctrl: '⌃', ArrowUp: '↑', ArrowDown: '↓' }
  : { Mod: words.control, Ctrl: words.control, Shift: words.shift, ArrowUp: '↑', ArrowDown: '↓' };

/** The names of the keys of `Mod-Shift-x`. */
export function keyNames(key: string): readonly string[] {
  return key
    .split('-')
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/** The names of the keys of `Mod-Shift-x` joined, for a tooltip. */
export function keyText(key: string): string {
  return keyNames(key).join(isApple ? '' : '+');
}
