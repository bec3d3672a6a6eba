/** Requests of a page that a test lets wait, so that others overtake them. */
import type { Page, Request } from '@playwright/test';

export interface HeldRequest {
  /** Resolves when the request that is held was sent. */
  readonly sent: Promise<unknown>;
  /** Resolves when the request was answered after all. */
  readonly release: () => Promise<unknown>;
}

/**
 * The next request that is meant waits until it is released, before it reaches the server or with the answer that it
 * got; those after it pass.
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

/** Whether a request to the API is meant: by its method, and its path with the query. */
export const asks =
  (method: string, path: RegExp) =>
  (request: Request): boolean => {
    const { pathname, search } = new URL(request.url());
    return request.method() === method && path.test(pathname + search);
  };
