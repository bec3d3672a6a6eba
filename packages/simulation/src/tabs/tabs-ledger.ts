/**
 * Follows every character from the keystroke in a tab to the log. Characters are unique (characters.ts), so the log
 * itself tells whether a keystroke was lost or doubled, or a character deleted that the person never deleted (I4, I5).
 *
 * A deletion may come back: a mirror that is told a whole text moves what was typed in it over the difference of two
 * texts, which inserts anew what stands elsewhere in the new one (docs/protocol.md#away-for-long).
 */
import type { DocumentText, TextOperation } from '@concord/ot';
import { must } from '../invariant-error.ts';

export class TabsLedger {
  readonly #typed = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #logged = new Set<string>();
  /** Lost with a page that died before anything else had them. */
  readonly #forgiven = new Set<string>();
  #text: string[] = [];
  #version = 0;

  get text(): string {
    return this.#text.join('');
  }
  get version(): number {
    return this.#version;
  }

  /** Returns what was typed. */
  edited(before: DocumentText, operation: TextOperation): readonly string[] {
    const typed: string[] = [];
    let position = 0;
    for (const component of operation) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') typed.push(...component);
      else {
        const deleted = before.sliceCodePoints(position, position + component.d);
        for (const character of deleted) this.#deleted.add(character);
        position += component.d;
      }
    }
    for (const character of typed) this.#typed.add(character);
    return typed;
  }

  logged(version: number, op: TextOperation): void {
    must(version === this.#version + 1, 'I3', () => `version ${version} after ${this.#version}`);
    this.#version = version;
    let position = 0;
    for (const component of op) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') {
        const characters = [...component];
        for (const character of characters) {
          const isKnown = this.#typed.has(character);
          must(isKnown, 'I4', () => `version ${version} inserts ${character}, which was not typed`);
          const isFirst = !this.#logged.has(character);
          must(isFirst, 'I4', () => `version ${version} inserts ${character} a second time`);
          this.#logged.add(character);
        }
        this.#text.splice(position, 0, ...characters);
        position += characters.length;
      } else {
        for (const character of this.#text.splice(position, component.d)) {
          const isDeleted = this.#deleted.has(character);
          must(isDeleted, 'I4', () => `version ${version} deletes ${character} by itself`);
        }
      }
    }
  }

  /** Typed, not deleted, and not in the log yet. */
  get owed(): readonly string[] {
    return [...this.#typed].filter((character) => this.isOwed(character));
  }

  isOwed(character: string): boolean {
    const isSettled = this.#logged.has(character) || this.#deleted.has(character);
    return this.#typed.has(character) && !isSettled && !this.#forgiven.has(character);
  }

  /** Something died: what is not held elsewhere is lost, as it is when a computer loses power. */
  forgive(isHeld: (character: string) => boolean): void {
    for (const character of this.owed) if (!isHeld(character)) this.#forgiven.add(character);
  }
}
