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
      'a title that the store reported as not written is found there now and then',
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
      'a renaming that is known by its id is not applied again',
      store(`if (isKnown) return present;`, `void isKnown;`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'lastTitleWins',
      'the server moves a renaming over what the title has become since',
      store(`base === null\n      ?`, `base !== ''\n      ?`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'typedTitleNotMoved',
      'what is typed and was not sent is moved over the title of others',
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
      'what is typed while a renaming is under way is moved over the answer',
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
      'the device keeps the id of a renaming, and it is sent again under that one',
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
      'what may have been sent is not typed into any more',
      client(`if (last?.isFrozen === false) {`, `if (last !== undefined) {`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'keptIsTypedInto',
      'what the device kept may have been sent before it was opened again',
      client(`({ ...rename, isFrozen: true }));`, `({ ...rename, isFrozen: false }));`),
    ),
  ),
  focused(
    renaming,
    mutant(
      'titleNotKept',
      'a title that the server does not have yet is on the device',
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
      'a client takes a title only when its version is newer',
      client(`if (titleVersion <= this.#version) return;`, ``),
    ),
  ),
  focused(
    renamingOutOfOrder,
    mutant(
      'ownerTakesLateTitle',
      'the owner takes a title only when its version is newer',
      owner(`if (titleVersion <= this.#titleVersion) return;`, ``),
    ),
  ),
];
