import { expect, it } from 'vitest';
import { watchForAccess } from './access-return.ts';

/** Ports whose clock, focus and server the test controls. */
class Page {
  answers: (boolean | Error)[] = [];
  isLookedAt = true;
  asked = 0;
  returned = 0;
  readonly timers: (() => void)[] = [];
  back: (() => void) | null = null;

  watch(): () => void {
    return watchForAccess(() => this.returned++, {
      mayRead: async () => {
        this.asked++;
        const answer = this.answers.shift() ?? false;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      isLookedAt: () => this.isLookedAt,
      after: (_ms, run) => {
        this.timers.push(run);
        return () => {
          const place = this.timers.indexOf(run);
          if (place >= 0) this.timers.splice(place, 1);
        };
      },
      onBack: (run) => {
        this.back = run;
        return () => (this.back = null);
      },
    });
  }

  async timePasses(): Promise<void> {
    for (const run of this.timers.splice(0)) run();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

it('a page polls until the document can be read again, also across failing requests', async () => {
  const page = new Page();
  page.answers = [false, new Error('no network'), true];
  page.watch();
  for (let i = 0; i < 5; i++) await page.timePasses();
  expect([page.asked, page.returned]).toEqual([3, 1]);
  expect(page.back).toBeNull();
});

it('a hidden page does not poll, and polls at once when it becomes visible', async () => {
  const page = new Page();
  page.answers = [true];
  page.isLookedAt = false;
  page.watch();
  await page.timePasses();
  expect(page.asked).toBe(0);
  page.isLookedAt = true;
  page.back?.();
  await page.timePasses();
  expect([page.asked, page.returned]).toEqual([1, 1]);
});

it('a page that was left stops polling', async () => {
  const page = new Page();
  page.watch()();
  await page.timePasses();
  expect([page.asked, page.timers.length]).toEqual([0, 0]);
});
