/**
 * What something costs on the disk, about: measured, a text of 1 MB takes 3.4 MB, once in the log, and in the search
 * index and the checkpoint. An operation brings its envelope of ids and numbers.
 */
const TEXT_FACTOR = 3;
const OPERATION_BYTES = 150;
/** Rows of a document in all its tables, without any text. */
const DOCUMENT_BYTES = 8 * 1024;

export const costOfText = (text: string): number => TEXT_FACTOR * Buffer.byteLength(text);

export const costOfDocument = (text: string): number => DOCUMENT_BYTES + costOfText(text);

/** @param op as it came, not validated yet */
export function costOfOperation(op: unknown): number {
  if (!Array.isArray(op)) return OPERATION_BYTES;
  let cost = OPERATION_BYTES;
  for (const component of op) {
    cost += typeof component === 'string' ? costOfText(component) : 8;
  }
  return cost;
}
