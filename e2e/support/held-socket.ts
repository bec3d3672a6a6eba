/** A slow network: what the page sends by its socket waits until it is let go. */
import type { Page } from '@playwright/test';

export class HeldSocket {
  isHeld = false;
  readonly #waiting: (() => void)[] = [];

  /** Before the page opens a document; what it receives comes at once. */
  readonly prepare = async (page: Page): Promise<void> => {
    await page.routeWebSocket(/\/socket\.io\//, (socket) => {
      const toServer = socket.connectToServer();
      socket.onMessage((message) => {
        if (this.isHeld) this.#waiting.push(() => toServer.send(message));
        else toServer.send(message);
      });
    });
  };

  /** What a page that is gone had sent never arrives. */
  drop(): void {
    this.isHeld = false;
    this.#waiting.length = 0;
  }

  letGo(): void {
    this.isHeld = false;
    for (const send of this.#waiting.splice(0)) send();
  }
}
