/**
 * The undo history across reloads: what is kept of it, when, and how an editor begins with it. It belongs to one
 * text, known by its checksum; with any other it would take back what nobody typed.
 */
import type { KeptUndo } from '@concord/client/browser';
import { historyField, redoDepth, undoDepth } from '@codemirror/commands';
import { EditorState, type EditorStateConfig } from '@codemirror/state';

/** The newest steps, up to this many and, about, these many bytes of undone or removed text. */
const MOST_STEPS = 200;
const MOST_BYTES = 500_000;

/** As CodeMirror 6 writes a step. Selections between steps are not kept. */
interface Step {
  readonly changes?: ChangesJson;
  readonly mapped?: ChangesJson;
  readonly startSelection?: unknown;
  readonly selectionsAfter: readonly unknown[];
}
/** Lengths, and the lines that are put in behind them. */
type ChangesJson = readonly (number | readonly (number | string)[])[];
interface HistoryJson {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

/** @returns null when there is nothing to take back or to do again. */
export function undoToKeep(state: EditorState, checksum: number): KeptUndo | null {
  if (undoDepth(state) + redoDepth(state) === 0) return null;
  const { history } = state.toJSON({ history: historyField }) as { history: HistoryJson };
  const done = newestSteps(history.done, MOST_STEPS, MOST_BYTES);
  const left = { steps: MOST_STEPS - done.steps.length, bytes: MOST_BYTES - done.bytes };
  const undone = newestSteps(history.undone, left.steps, left.bytes);
  return { checksum, history: { done: done.steps, undone: undone.steps } };
}

/** The last ones of a branch, which are the next to be taken: a step does not need those before it. */
function newestSteps(
  branch: readonly Step[],
  most: number,
  mostBytes: number,
): { readonly steps: readonly Step[]; readonly bytes: number } {
  const steps: Step[] = [];
  let bytes = 0;
  for (const step of branch.toReversed()) {
    // One without changes only remembers selections.
    if (step.changes === undefined) continue;
    const size = sizeOf(step.changes) + sizeOf(step.mapped ?? []);
    if (steps.length === most || bytes + size > mostBytes) break;
    steps.unshift({ ...step, selectionsAfter: [] });
    bytes += size;
  }
  return { steps, bytes };
}

function sizeOf(changes: ChangesJson): number {
  let bytes = 0;
  for (const part of changes.flat()) bytes += typeof part === 'string' ? part.length : 8;
  return bytes;
}

/**
 * The state of a new editor, with the kept history if it belongs to this text. The selection is the
 * configuration's: where one was does not come back.
 */
export function createStateWithUndo(
  config: EditorStateConfig & { readonly doc: string },
  kept: KeptUndo | null,
  checksum: number,
): EditorState {
  const state = EditorState.create(config);
  if (kept?.checksum !== checksum) return state;
  const selection = state.selection.toJSON() as unknown;
  const json = { doc: config.doc, selection, history: kept.history };
  try {
    return EditorState.fromJSON(json, config, { history: historyField });
  } catch {
    // Written by another version, or damaged: undo is a convenience, the text is there.
    return state;
  }
}
