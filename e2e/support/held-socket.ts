/** A slow network: holds the frames that a page sends by its WebSocket. */
import type { Page } from '@playwright/test';

export class HeldSocket {
  isHeld = false;
  readonly #waiting: (() => void)[] = [];

  /** Installs the hook before the page opens a document. Frames to the page are not held. */
  readonly prepare = async (page: Page): Promise<void> => {
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      const toServer = socket.connectToServer();
      socket.onMessage((message) => {
        if (this.isHeld) this.#waiting.push(() => toServer.send(message));
        else toServer.send(message);
      });
    });
  };

  /** Drops the held frames, as when the page is gone before they are sent. */
  drop(): void {
    this.isHeld = false;
    this.#waiting.length = 0;
  }

  letGo(): void {
    this.isHeld = false;
    for (const send of this.#waiting.splice(0)) send();
  }
}
