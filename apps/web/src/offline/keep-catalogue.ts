/** The texts of the page's language, for visits without a network. */
import { translation } from '../i18n/catalogue.ts';

/**
 * Fetches them once more when the service worker is there, which keeps what passes through it: on a first visit they
 * came without it. Nothing is kept where there is no service worker.
 */
export function keepCatalogue(): void {
  const { address } = translation;
  // Absent outside secure contexts, whatever the type says.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (address === null || container === undefined || container.controller !== null) return;
  const fetchAgain = (): void => void fetch(address).catch(() => undefined);
  container.addEventListener('controllerchange', fetchAgain, { once: true });
}
