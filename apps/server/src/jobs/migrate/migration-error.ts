/** One plain sentence, or several lines, about a migration that cannot begin or is not complete. */
export class MigrationError extends Error {
  readonly code = 'migration';
}
