/** Icons of working offline, on the same grid as the others (ui/icons.tsx). */

const draw = (path: string) => () => (
  <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d={path} />
  </svg>
);

/** A cloud that is crossed out. */
export const OfflineIcon = draw(
  'M6.800 6.300a4.600 4.600 0 0 1 7.600 1.600 3.800 3.800 0 0 1 2.300 6.300M13.500 15.500H6a3.300 3.300 0 0 1-.4-6.600M3.500 3.500l13 13',
);
/** On this device: an arrow into a tray. */
export const KeptIcon = draw('M10 3.500v8M6.800 8.500 10 11.700l3.200-3.200M4 13v3.500h12V13');
