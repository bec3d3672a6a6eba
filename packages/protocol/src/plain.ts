/**
 * `@concord/protocol/plain`: what needs no schemas. Each thread of the database loads its modules anew, and loading the
 * schema library would take longer than opening the database.
 */
export * from './words.ts';
export * from './roles.ts';
export * from './limits.ts';
