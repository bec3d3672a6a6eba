import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The Chromium to test with: CONCORD_CHROMIUM, or the first on PATH. The shell without windows is the same engine, and
 * takes a third less processor time.
 * @returns {string | undefined}
 */
export function chromiumOnPath() {
  const given = process.env['CONCORD_CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  for (const name of ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']) {
    for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
      try {
        accessSync(join(directory, name), constants.X_OK);
        return join(directory, name);
      } catch {
        // Not this one.
      }
    }
  }
  return undefined;
}
