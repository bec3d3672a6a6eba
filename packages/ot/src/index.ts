export * from './operation.ts';
export * from './document-text.ts';
export * from './validate.ts';
export * from './split.ts';
export * from './diff.ts';
export * from './checksum.ts';
export * from './merge-passages.ts';
export * from './merge-titles.ts';
