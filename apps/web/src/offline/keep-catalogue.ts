/** Caches the page's translated texts for offline visits. */
import { translation } from '../i18n/catalogue.ts';

/**
 * Fetches the catalogue again once the service worker is active, which caches it: on a first visit it was loaded
 * before. Without a service worker nothing is cached.
 */
export function keepCatalogue(): void {
  const { address } = translation;
  // Undefined outside secure contexts, contrary to its type.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (address === null || container === undefined || container.controller !== null) return;
  const fetchAgain = (): void => void fetch(address).catch(() => undefined);
  container.addEventListener('controllerchange', fetchAgain, { once: true });
}
