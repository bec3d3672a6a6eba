/** Mutants of title merging (docs/protocol.md, "Titles"): each removes one mechanism. */
import {
  focused,
  inFolder,
  mutant,
  renaming,
  renamingInVain,
  renamingOutOfOrder,
  type Mutant,
} from './mutant.ts';

const client = inFolder('packages/client/src/core');
const store = inFolder('apps/server/src/store/core');
const owner = inFolder('apps/server/src/documents/core');

export const titleMutants: readonly Mutant[] = [
  focused(
    renamingInVain,
    mutant(
      'titleNeverReadAgain',
      'the title is read again now and then, since a failed write may have landed',
      owner(
        `if (titleVersion <= this.#titleVersion) return;`,
        `if (titleVersion <= this.#titleVersion || renameId === null) return;`,
      ),
    ),
  ),
  focused(
    renaming,
    mutant(
      'renamedTwice',
      'a renaming with a known id is not applied again',
      store(`if (isKnown) return present;`, `void isKnown;`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'lastTitleWins',
      'the server transforms a renaming over changes of the title since its base',
      store(`base === null\n      ?`, `base !== ''\n      ?`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'typedOverNoTitle',
      'a title typed before any is known renames the one that the page showed',
      client(`const visible = this.isKnown ? this.visible : base;`, `const { visible } = this;`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'typedTitleNotMoved',
      'unsent changes of the title are transformed over remote ones',
      client(`if (this.#queue[0]?.isFrozen === false) this.#move();`, ``),
      client(
        `const { id, base, title } = first;`,
        `const { id, title } = first;\n    const base = this.#title;`,
      ),
    ),
  ),
  focused(
    renaming,
    mutant(
      'typedBehindNotMoved',
      'changes typed while a renaming is in flight are transformed over its response',
      client(
        `if (this.#asked === id) this.#asked = null;\n    this.#move();`,
        `if (this.#asked === id) this.#asked = null;`,
      ),
    ),
  ),
  focused(
    renaming,
    mutant(
      'renamingNotKept',
      'the device stores the id of a renaming, and it is resent under that id',
      client(
        `renames.filter(isChange).map((rename) => ({ ...rename, isFrozen: true }));`,
        `renames.filter(isChange).map((rename) => ({ ...rename, id: [...rename.id].reverse().join('') as RenameId, isFrozen: true }));`,
      ),
    ),
  ),
  focused(
    renaming,
    mutant(
      'sentAgainAsAnother',
      'a renaming that may have been sent is frozen',
      client(`if (last?.isFrozen === false) {`, `if (last !== undefined) {`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'keptIsTypedInto',
      'a renaming loaded from the device counts as sent',
      client(`({ ...rename, isFrozen: true }));`, `({ ...rename, isFrozen: false }));`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'titleNotKept',
      'the device stores a title that the server does not have yet',
      client(
        `titleVersion: this.#version, renames };`,
        `titleVersion: this.#version, renames: [] };`,
      ),
    ),
  ),
  focused(
    renamingOutOfOrder,
    mutant(
      'lateTitleTaken',
      'a client applies a title only if its version is newer',
      client(`if (titleVersion <= this.#version) return;`, ``),
    ),
  ),
  focused(
    renamingOutOfOrder,
    mutant(
      'ownerTakesLateTitle',
      'the owner applies a title only if its version is newer',
      owner(`if (titleVersion <= this.#titleVersion) return;`, ``),
    ),
  ),
];
