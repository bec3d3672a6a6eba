/** Holds requests of a page, so that tests can reorder them. */
import type { Page, Request } from '@playwright/test';

export interface HeldRequest {
  /** Resolves when the page has sent the request that is held. */
  readonly sent: Promise<unknown>;
  /** Lets the request go. Resolves when the page has the response. */
  readonly release: () => Promise<unknown>;
}

/**
 * Holds the next matching request until it is released: before it reaches the server, or with the response that it got.
 * Later requests pass.
 */
export async function holdNext(
  page: Page,
  isMeant: (request: Request) => boolean,
  where: 'before the server' | 'after the server' = 'before the server',
): Promise<HeldRequest> {
  let release = (): void => undefined;
  const isReleased = new Promise<void>((resolve) => (release = resolve));
  const sent = page.waitForRequest(isMeant);
  const answered = page.waitForResponse((response) => isMeant(response.request()));
  let isHeld = false;
  await page.route(
    (url) => url.pathname.startsWith('/api/v1/'),
    async (route) => {
      if (isHeld || !isMeant(route.request())) return route.fallback();
      isHeld = true;
      if (where === 'before the server') {
        await isReleased;
        return route.continue();
      }
      const response = await route.fetch();
      await isReleased;
      return route.fulfill({ response });
    },
  );
  return {
    sent,
    release: () => {
      release();
      return answered;
    },
  };
}

/** Matches requests to the API by method, and by path with query. */
export const asks =
  (method: string, path: RegExp) =>
  (request: Request): boolean => {
    const { pathname, search } = new URL(request.url());
    return request.method() === method && path.test(pathname + search);
  };
