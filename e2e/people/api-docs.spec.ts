/** The pages that describe the API work under their content security policy. */
import { expect, test } from '@playwright/test';
import type { TestServer } from '../support/server.ts';
import { serve } from '../support/serving.ts';

let server: TestServer;
serve('file', (started) => (server = started));

test('the API reference lists the operations and sends requests from the page', async ({
  page,
}) => {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const response = await page.goto(`${server.url}/api/docs`);
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  const operation = page.locator('#operations-Documents-listDocuments');
  await operation.getByText('/api/v1/documents').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.getByText('"documents": []').first()).toBeVisible();
  expect(complaints).toEqual([]);
});
