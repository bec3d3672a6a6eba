/** Codes of a stopped client whose text is a copy that can be merged: see copy-banner.tsx. */
const codes = ['otherHistory', 'overtaken'] as const;

export type CopyCode = (typeof codes)[number];

export const isCopyCode = (code: string): code is CopyCode => codes.some((each) => each === code);
