/** Security headers of each response, by @fastify/helmet. */
import type { FastifyHelmetOptions } from '@fastify/helmet';
import type { Config } from '../platform/config.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function securityHeaders({ publicUrl }: Pick<Config, 'publicUrl'>): FastifyHelmetOptions {
  return {
    // Each kind of page has its own (pages.ts, openapi.ts); a service worker would be bound by one of its script.
    contentSecurityPolicy: false,
    // Only with an https public URL, and without subdomains, which may not support https.
    strictTransportSecurity: publicUrl?.startsWith('https:')
      ? { maxAge: YEAR_SECONDS, includeSubDomains: false }
      : false,
    // The app's addresses hold ids of documents and share links.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  };
}
