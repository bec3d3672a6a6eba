/** The ten colours of people; their values are in ui/base.css. */
export const COLOR_COUNT = 10;

/** Class that sets `--person` to a person's colour. */
export function colorClass(color: number): string {
  return `person-color-${color % COLOR_COUNT}`;
}
