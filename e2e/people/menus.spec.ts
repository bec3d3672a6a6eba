/** Menus, dialogs and tooltips: with the keyboard, for screen readers, and while the page around them changes. */
import { expect, test } from '@playwright/test';
import { PersonAtPage } from '../support/people.ts';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

test('a menu is opened, searched, used and left with the keyboard alone', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.createDocument('Plan', 'One.');
  const button = ann.page.getByRole('button', { name: 'More' });
  await button.focus();
  await ann.press('ArrowDown');
  const item = (name: string) => ann.menu.getByRole('menuitem', { name });
  await expect(item('Copy text')).toBeFocused();
  await expect(button).toHaveAttribute('aria-expanded', 'true');
  await ann.press('ArrowDown');
  await expect(item('Download Markdown')).toBeFocused();
  await ann.press('p');
  await expect(item('Print')).toBeFocused();
  await ann.press('End');
  await expect(item('Keyboard shortcuts')).toBeFocused();
  // It goes round.
  await ann.press('ArrowDown');
  await expect(item('Copy text')).toBeFocused();
  await ann.press('Escape');
  await expect(ann.menu).toHaveCount(0);
  await expect(button).toBeFocused();

  await ann.press('ArrowUp');
  await expect(item('Keyboard shortcuts')).toBeFocused();
  await ann.press('Enter');
  await expect(ann.menu).toHaveCount(0);
  await expect(ann.dialog).toContainText('Bold');
  await ann.press('Escape');
  await expect(ann.dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await ann.leave();
});

test('a dialog that a menu opened holds the focus, and gives it back to the button of the menu', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.request('POST', '/documents', { title: 'Letter', text: 'Dear all' });
  await ann.page.reload();
  const button = ann.page.getByRole('button', { name: 'Actions for “Letter”' });
  await button.press('Enter');
  await ann.choose('Move to folder…');
  await expect(ann.dialog.getByLabel('New folder')).toBeFocused();
  for (let tab = 0; tab < 6; tab += 1) {
    await ann.press('Tab');
    await expect(ann.dialog.locator(':focus')).toHaveCount(1);
  }
  await ann.press('Escape');
  await expect(ann.dialog).toHaveCount(0);
  await expect(button).toBeFocused();
  await ann.leave();
});

test('an open account menu stays when the page around it is rendered anew', async ({ browser }) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  // The list arrives while the menu is open; it is empty, and the page another, which has a header of its own.
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await ann.page.route('**/api/v1/documents?*', async (route) => {
    await held;
    await route.continue();
  });
  await ann.page.reload();
  await ann.accountMenu.click();
  await expect(ann.menu).toBeVisible();
  release();
  await expect(ann.page.getByRole('heading', { name: 'Write together' })).toBeVisible();
  await expect(ann.menu).toBeVisible();
  await ann.choose('Your name');
  await ann.dialog.getByRole('textbox').fill('Ann Archer');
  await ann.press('Enter');
  await expect(ann.dialog).toHaveCount(0);
  await expect(ann.accountMenu).toContainText('Ann Archer');
  await ann.leave();
});

test('what an icon does is told beside it, to the pointer and to the keyboard', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.createDocument('Plan', 'One.');
  const tooltip = ann.page.locator('.tooltip');
  await ann.page.getByRole('button', { name: 'Bold' }).hover();
  await expect(tooltip).toContainText('Bold');
  await ann.page.mouse.move(0, 0);
  await expect(tooltip).toHaveCount(0);
  const share = ann.page.getByRole('button', { name: 'More' });
  await share.focus();
  await ann.press('Shift+Tab', 'Tab');
  await expect(tooltip).toHaveText('More');
  await ann.press('Escape');
  await expect(tooltip).toHaveCount(0);
  await ann.leave();
});

test('on a phone a menu is a sheet at the foot of the screen, with targets for fingers', async ({
  browser,
}) => {
  const ann = await PersonAtPage.at(browser, `${server.url}/`);
  await ann.page.setViewportSize({ width: 360, height: 640 });
  await ann.createDocument('Plan', 'One.');
  await ann.page.getByRole('button', { name: 'More' }).click();
  await expect(ann.menu).toBeVisible();
  const box = await ann.menu.boundingBox();
  expect(box).toMatchObject({ x: 8, width: 344 });
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBe(632);
  const heights = await ann.menu
    .getByRole('menuitem')
    .evaluateAll((items) => items.map((item) => item.clientHeight));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
  // A press beside it puts it away.
  await ann.page.mouse.click(180, 200);
  await expect(ann.menu).toHaveCount(0);
  await ann.leave();
});
