/** The pages of the web app: one file for all addresses, under a strict content security policy. */
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newGuest, renewedCookies } from '../accounts/guest.ts';
import { isHttps } from './principal-of-request.ts';
import type { Config } from '../platform/config.ts';
import { Problem } from './problem.ts';

const WEB_DIRECTORY = fileURLToPath(new URL('../../../web/dist/', import.meta.url));
const PAGE = join(WEB_DIRECTORY, 'index.html');
const ASSETS_DIRECTORY = join(WEB_DIRECTORY, 'assets', sep);

/**
 * Strict, and without inline scripts; the editor inserts its styles by script. The service worker keeps the page
 * with its headers, so that one without a network is under the same policy.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  // The WebSocket of the own origin is among them (CSP level 3).
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** `/sign-up` has its invitation, and `/s/<token>` its secret, where no other site learns it. */
const pages = ['/', '/new', '/d/:name', '/s/:token', '/sign-in', '/sign-up', '/account'] as const;

export async function registerPages(
  app: FastifyInstance,
  config: Pick<Config, 'publicUrl'>,
): Promise<void> {
  const isBuilt = existsSync(PAGE);
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: WEB_DIRECTORY,
      index: false,
      wildcard: false,
      // Its own header would come after the one set here.
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isHashed = path.startsWith(ASSETS_DIRECTORY);
        // What has no hash in its name is asked for anew: above all the service worker and the manifest.
        const cacheControl = isHashed ? 'public, max-age=31536000, immutable' : 'no-cache';
        void reply.header('cache-control', cacheControl);
        if (path === PAGE) void reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
      },
    });
  }
  const page = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (!isBuilt) {
      const detail = 'The web app is not built. Run: npm run build';
      throw new Problem(503, 'notBuilt', 'Not built', detail);
    }
    const secure = isHttps(config, request);
    const cookies = renewedCookies(request.headers, secure) ?? newGuest(secure).setCookies;
    return reply
      .headers({
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'set-cookie': cookies,
        'cache-control': 'no-cache, private',
      })
      .sendFile('index.html', { cacheControl: false });
  };
  for (const path of pages) app.get(path, page);
}
