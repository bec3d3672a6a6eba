/**
 * A merge by lines: the passages that one side or both changed, with the four versions of each, for the
 * review of a merge by the author of one side. The merge itself is a transform.
 */
import type { DocumentText } from './document-text.ts';
import { Lines, type Place } from './line-places.ts';
import { countCodePoints, transformUncommitted, type TextOperation } from './operation.ts';

/** Two operations on one base: theirs was committed first, mine is transformed over it. */
export interface ConcurrentOperations {
  readonly base: DocumentText;
  readonly mine: TextOperation;
  readonly theirs: TextOperation;
}

/**
 * Whole lines, each with the `\n` behind it, of the four texts; outside the passages the texts are equal.
 * Positions are code points. `both`: the sides changed the same line, or inserted at the same place. Lines
 * inserted between others are a separate passage, which is empty in the base.
 */
export interface MergePassage {
  readonly kind: 'mine' | 'theirs' | 'both';
  readonly baseFrom: number;
  readonly baseTo: number;
  readonly baseText: string;
  readonly mineText: string;
  readonly theirsText: string;
  readonly mergedFrom: number;
  readonly mergedTo: number;
  readonly mergedText: string;
}

/** The merged text, as owner and clients compute it. */
export function mergedText({ base, mine, theirs }: ConcurrentOperations): DocumentText {
  return base.apply(theirs).apply(transformUncommitted(mine, theirs));
}

/**
 * The passages in the order of the text. Neighbouring passages of one side are joined; those of both sides
 * are minimal, since each needs a decision. The cost is about the length of the text plus the operations and
 * the passages' texts.
 */
export function mergePassages(operations: ConcurrentOperations): MergePassage[] {
  const { base, mine, theirs } = operations;
  const texts: Texts = {
    base: new NearbyReader(base),
    mine: new NearbyReader(base.apply(mine)),
    theirs: new NearbyReader(base.apply(theirs)),
    merged: new NearbyReader(mergedText(operations)),
  };
  const lines = new Lines(base);
  const edits = [...editsOf(mine, 'mine', lines), ...editsOf(theirs, 'theirs', lines)];
  const passages: MergePassage[] = [];
  let before: Growth = { mine: 0, theirs: 0, merged: 0 };
  for (const { from, to, kind, growth } of groupsOf(edits.sort(inOrder), lines, texts)) {
    const after = grown(before, growth);
    const cut = (version: keyof Growth): string =>
      texts[version].slice(from + before[version], to + after[version]);
    passages.push({
      kind,
      baseFrom: from,
      baseTo: to,
      baseText: texts.base.slice(from, to),
      mineText: cut('mine'),
      theirsText: cut('theirs'),
      mergedFrom: from + before.merged,
      mergedTo: to + after.merged,
      mergedText: cut('merged'),
    });
    before = after;
  }
  return passages;
}

type Side = 'mine' | 'theirs';

/** By how many code points each version is longer than the base, up to a place. */
interface Growth {
  readonly mine: number;
  readonly theirs: number;
  readonly merged: number;
}

const grown = (a: Growth, b: Growth): Growth => ({
  mine: a.mine + b.mine,
  theirs: a.theirs + b.theirs,
  merged: a.merged + b.merged,
});

const negative = ({ mine, theirs, merged }: Growth): Growth => ({
  mine: -mine,
  theirs: -theirs,
  merged: -merged,
});

const versions = ['mine', 'theirs', 'merged'] as const;

type Texts = Readonly<Record<keyof Growth | 'base', NearbyReader>>;

/** One replacement: `from`..`to` of the base is replaced by `inserted` code points. */
interface Edit {
  readonly side: Side;
  readonly from: number;
  readonly to: number;
  readonly inserted: number;
  readonly firstPlace: Place;
  readonly lastPlace: Place;
}

const inOrder = (a: Edit, b: Edit): number => a.from - b.from || a.firstPlace - b.firstPlace;

function editsOf(operation: TextOperation, side: Side, lines: Lines): Edit[] {
  const edits: Edit[] = [];
  let position = 0;
  let open: { from: number; insert: string } | null = null;
  const close = (): void => {
    if (open === null) return;
    const { from, insert } = open;
    const places = lines.placesOf(from, position, insert);
    edits.push({ side, from, to: position, inserted: countCodePoints(insert), ...places });
    open = null;
  };
  for (const component of operation) {
    if (typeof component === 'number') {
      close();
      position += component;
      continue;
    }
    open ??= { from: position, insert: '' };
    if (typeof component === 'string') open.insert += component;
    else position += component.d;
  }
  close();
  return edits;
}

/** Edits that belong together, and the whole lines around them. */
class Group {
  readonly edits: Edit[] = [];
  readonly #lines: Lines;
  #kind: MergePassage['kind'];
  #growth: Growth = { mine: 0, theirs: 0, merged: 0 };
  #firstPlace: Place;
  #lastPlace: Place;
  /** End of the changed range in the base, insertions included. */
  #end = 0;
  #insertedEnd = -1;
  readonly #lastEnd = { mine: 0, theirs: 0 };

  constructor(first: Edit, lines: Lines) {
    this.#lines = lines;
    this.#kind = first.side;
    this.#firstPlace = first.firstPlace;
    this.#lastPlace = first.lastPlace;
    this.add(first);
  }

  get kind(): MergePassage['kind'] {
    return this.#kind;
  }
  get from(): number {
    return this.#lines.startOf(this.#firstPlace >> 1);
  }
  get to(): number {
    return this.#lines.startOf((this.#lastPlace + 1) >> 1);
  }
  get growth(): Growth {
    return this.#growth;
  }

  /** Same line or gap; or one removes what the other changes; or both insert at one position. */
  takes(edit: Edit): boolean {
    const bothInsert = edit.inserted > 0 && edit.from === this.#insertedEnd;
    return edit.firstPlace <= this.#lastPlace || edit.from < this.#end || bothInsert;
  }

  /** Edits come in order. */
  add(edit: Edit): void {
    const { side, from, to, inserted } = edit;
    this.edits.push(edit);
    if (side !== this.#kind) this.#kind = 'both';
    this.#lastPlace = Math.max(this.#lastPlace, edit.lastPlace);
    this.#end = Math.max(this.#end, to);
    if (inserted > 0) this.#insertedEnd = Math.max(this.#insertedEnd, to);
    // Edits of one side do not overlap: only the other side's last one can reach beyond `from`.
    const otherEnd = this.#lastEnd[side === 'mine' ? 'theirs' : 'mine'];
    const removedByBoth = Math.max(0, Math.min(to, otherEnd) - from);
    const longer = inserted - (to - from);
    this.#lastEnd[side] = to;
    this.#growth = grown(this.#growth, {
      mine: side === 'mine' ? longer : 0,
      theirs: side === 'theirs' ? longer : 0,
      merged: longer + removedByBoth,
    });
  }

  /**
   * Lines inserted behind a line begin with its `\n`, so that the group starts one position before its own
   * lines. True if all versions still have a `\n` there, so that the passage can begin behind it.
   */
  beginsAtLine(before: Growth, texts: Texts): boolean {
    const { from, to } = this;
    if (from <= (this.edits[0]?.from ?? 0)) return true;
    return versions.every(
      (version) =>
        from <= to + this.#growth[version] &&
        texts[version].isLineBreak(from + before[version] - 1),
    );
  }

  takeLineBefore(): void {
    this.#firstPlace = 2 * (this.#firstPlace >> 1) - 1;
  }

  /** Whether the group before this one has a line in common with it. */
  meets(before: Group): boolean {
    return this.#firstPlace <= before.#lastPlace;
  }

  /** Whether this one and the group before it, both of one side, are neighbours. */
  continues(before: Group): boolean {
    return this.#kind !== 'both' && this.#kind === before.#kind && this.from === before.to;
  }
}

function groupsOf(edits: readonly Edit[], lines: Lines, texts: Texts): Group[] {
  const groups: Group[] = [];
  let before: Growth = { mine: 0, theirs: 0, merged: 0 };
  const close = (closed: Group): void => {
    let group = closed;
    for (;;) {
      if (!group.beginsAtLine(before, texts)) group.takeLineBefore();
      const last = groups.at(-1);
      if (last === undefined || !(group.meets(last) || group.continues(last))) break;
      // The joined group may begin at another place, so it is compared again.
      groups.pop();
      before = grown(before, negative(last.growth));
      for (const edit of group.edits) last.add(edit);
      group = last;
    }
    groups.push(group);
    before = grown(before, group.growth);
  };
  let open: Group | undefined;
  for (const edit of edits) {
    if (open?.takes(edit) === true) open.add(edit);
    else {
      if (open !== undefined) close(open);
      open = new Group(edit, lines);
    }
  }
  if (open !== undefined) close(open);
  return groups;
}

/** Reads a text by positions in code points, each near the one before. */
class NearbyReader {
  readonly #text: string;
  #codePoint = 0;
  #utf16 = 0;

  constructor(text: DocumentText) {
    this.#text = text.toString();
  }

  slice(from: number, to: number): string {
    const start = this.#utf16At(from);
    return this.#text.slice(start, this.#utf16At(to));
  }

  isLineBreak(codePoint: number): boolean {
    return this.#text[this.#utf16At(codePoint)] === '\n';
  }

  #utf16At(codePoint: number): number {
    while (this.#codePoint < codePoint && this.#utf16 < this.#text.length) {
      this.#utf16 += (this.#text.charCodeAt(this.#utf16) & 0xfc00) === 0xd800 ? 2 : 1;
      this.#codePoint++;
    }
    while (this.#codePoint > codePoint && this.#utf16 > 0) {
      this.#utf16 -= (this.#text.charCodeAt(this.#utf16 - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
      this.#codePoint--;
    }
    return this.#utf16;
  }
}
