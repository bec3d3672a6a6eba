import type { TextOperation } from '@concord/ot';

/** The characters that an operation inserts. */
export const insertedBy = (operation: TextOperation): readonly string[] =>
  operation.flatMap((component) => (typeof component === 'string' ? [...component] : []));
