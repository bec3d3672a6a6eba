/**
 * The undo history across reloads: truncates and serializes it, and restores it into a new editor. It belongs to one
 * text, identified by its checksum; applied to any other it would revert text that was never typed.
 */
import type { KeptUndo } from '@concord/client/browser';
import { historyField, redoDepth, undoDepth } from '@codemirror/commands';
import { EditorState, type EditorStateConfig } from '@codemirror/state';

/** Limits of the stored history: number of steps, and approximate bytes of inserted or removed text. */
const MAX_STEPS = 200;
const MAX_BYTES = 500_000;

/** A step as CodeMirror 6 serializes it. Selections between steps are not stored. */
interface Step {
  readonly changes?: ChangesJson;
  readonly mapped?: ChangesJson;
  readonly startSelection?: unknown;
  readonly selectionsAfter: readonly unknown[];
}
/** A serialized `ChangeSet`: lengths, each with the lines inserted in its place. */
type ChangesJson = readonly (number | readonly (number | string)[])[];
interface HistoryJson {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

/** @returns null if there is nothing to undo or redo */
export function undoToKeep(state: EditorState, checksum: number): KeptUndo | null {
  if (undoDepth(state) + redoDepth(state) === 0) return null;
  const { history } = state.toJSON({ history: historyField }) as { history: HistoryJson };
  const done = newestSteps(history.done, MAX_STEPS, MAX_BYTES);
  const left = { steps: MAX_STEPS - done.steps.length, bytes: MAX_BYTES - done.bytes };
  const undone = newestSteps(history.undone, left.steps, left.bytes);
  return { checksum, history: { done: done.steps, undone: undone.steps } };
}

/** The newest steps of a branch, which are undone or redone first and do not depend on older ones. */
function newestSteps(
  branch: readonly Step[],
  most: number,
  mostBytes: number,
): { readonly steps: readonly Step[]; readonly bytes: number } {
  const steps: Step[] = [];
  let bytes = 0;
  for (const step of branch.toReversed()) {
    // A step without changes only stores selections.
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
 * The state of a new editor, with the stored history if it belongs to this text. The selection is that of the
 * configuration; the former one is not restored.
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
    // Written by another version, or damaged: continue without a history, the text does not depend on it.
    return state;
  }
}
