import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The Chromium to test with: CONCORD_CHROMIUM, or the first on PATH.
 * @returns {string | undefined}
 */
export function chromiumOnPath() {
  const given = process.env['CONCORD_CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
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
