/**
 * Rebases the continuation of a recording to a text without one of its branches, as if its author had never had that
 * branch.
 *
 * One sequence holds the characters of both texts. An edit applies at the same place in it; deletions of the branch's
 * own text are dropped.
 */
import { countCodePoints, OperationBuilder, type TextOperation } from '@concord/ot';

/** Which texts contain a character: the recording, the text without the branch, or both. */
const RECORDING = 1;
const OTHER = 2;
const BOTH = 3;
type Views = typeof RECORDING | typeof OTHER | typeof BOTH;

/** Characters per block: a place is found by a walk over blocks, then inside one. */
const BLOCK = 512;

interface Block {
  readonly views: Views[];
  inRecording: number;
  inOther: number;
}

/** A place before a character, or at the end of a block. */
interface Place {
  readonly block: Block;
  readonly index: number;
  /** Its position in the text without the branch. */
  readonly inOther: number;
}

/**
 * @param baseLength of the text that both begin with, in code points
 * @param branch continues the recording from the base
 * @param continuation what the recording does after the branch
 * @returns the remaining edits of `continuation`, one operation each, for the base without the branch
 */
export function withoutBranch(
  baseLength: number,
  branch: readonly TextOperation[],
  continuation: readonly TextOperation[],
): TextOperation[] {
  const text = new SharedSequence(baseLength);
  for (const operation of branch) text.play(operation, RECORDING);
  return continuation
    .map((operation) => text.play(operation, BOTH))
    .filter((operation) => operation.length > 0);
}

class SharedSequence {
  readonly #blocks: Block[] = [{ views: [], inRecording: 0, inOther: 0 }];

  constructor(length: number) {
    for (let from = 0; from < length; from += BLOCK) {
      const count = Math.min(BLOCK, length - from);
      const views = new Array<Views>(count).fill(BOTH);
      this.#blocks.push({ views, inRecording: count, inOther: count });
    }
  }

  /**
   * Applies an operation of the recording. Throws RangeError if it does not fit.
   * @param views the texts that it changes: the recording only, or both
   * @returns its effect on the other text
   */
  play(operation: TextOperation, views: typeof RECORDING | typeof BOTH): TextOperation {
    const told = new OperationBuilder();
    const reachesOther = views === BOTH;
    let position = 0;
    let cursor = 0;
    const goTo = (inOther: number): void => {
      told.retain(inOther - cursor);
      cursor = inOther;
    };
    for (const component of operation) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') {
        const count = countCodePoints(component);
        const place = this.#after(position);
        this.#insert(place, count, views);
        position += count;
        if (!reachesOther) continue;
        goTo(place.inOther);
        told.insert(component);
        cursor += count;
      } else {
        for (let deleted = 0; deleted < component.d; deleted++) {
          const place = this.#before(position);
          const wasInOther = this.#remove(place, reachesOther);
          if (!reachesOther || !wasInOther) continue;
          goTo(place.inOther);
          told.delete(1);
        }
      }
    }
    return told.build();
  }

  /** The place right behind the first `position` characters of the recording. */
  #after(position: number): Place {
    if (position === 0) return { block: this.#blockAt(0), index: 0, inOther: 0 };
    const last = this.#before(position - 1);
    const isInOther = last.block.views[last.index] === BOTH;
    return { ...last, index: last.index + 1, inOther: last.inOther + (isInOther ? 1 : 0) };
  }

  /** The place before the character at this position of the recording. */
  #before(position: number): Place {
    let rest = position;
    let inOther = 0;
    for (const block of this.#blocks) {
      if (rest >= block.inRecording) {
        rest -= block.inRecording;
        inOther += block.inOther;
        continue;
      }
      for (const [index, views] of block.views.entries()) {
        if (views !== OTHER && rest-- === 0) return { block, index, inOther };
        if (views !== RECORDING) inOther += 1;
      }
    }
    throw new RangeError('An edit of the recording lies outside of its text');
  }

  #insert({ block, index }: Place, count: number, views: Views): void {
    block.views.splice(index, 0, ...new Array<Views>(count).fill(views));
    block.inRecording += count;
    if (views === BOTH) block.inOther += count;
    if (block.views.length > 2 * BLOCK) this.#split(block);
  }

  /** @returns whether the other text had the character */
  #remove({ block, index }: Place, fromBoth: boolean): boolean {
    const wasInOther = block.views[index] === BOTH;
    block.inRecording -= 1;
    if (wasInOther && !fromBoth) {
      block.views[index] = OTHER;
      return true;
    }
    block.views.splice(index, 1);
    if (wasInOther) block.inOther -= 1;
    return wasInOther;
  }

  #split(block: Block): void {
    const views = block.views.splice(block.views.length >> 1);
    const inRecording = views.filter((each) => each !== OTHER).length;
    const inOther = views.filter((each) => each !== RECORDING).length;
    block.inRecording -= inRecording;
    block.inOther -= inOther;
    this.#blocks.splice(this.#blocks.indexOf(block) + 1, 0, { views, inRecording, inOther });
  }

  #blockAt(index: number): Block {
    const block = this.#blocks[index];
    if (block === undefined) throw new RangeError('There is no such block');
    return block;
  }
}
