/** Addresses that exist, asked by a method they do not have: 405, or for OPTIONS 204, with what they have in `Allow`. */
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.ts';

/**
 * Collects the routes that are registered from now on. The returned function is to be called when all are: it adds
 * the missing methods to each address. Addresses with a wildcard are left out, since nothing need be there, and so
 * are files.
 */
export function watchMethods(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*') || /^\/(assets|api\/docs)(\/|$)/.test(url)) return;
    const methods = methodsOf.get(url) ?? new Set<string>();
    for (const each of [method].flat()) methods.add(each);
    methodsOf.set(url, methods);
  });
  return () => {
    // Registering them calls the hook again.
    for (const [url, methods] of [...methodsOf].map(
      ([each, its]) => [each, new Set(its)] as const,
    )) {
      const missing = app.supportedMethods.filter((method) => !methods.has(method));
      const allow = [...methods, ...(methods.has('OPTIONS') ? [] : ['OPTIONS'])].sort().join(', ');
      app.route({
        method: missing,
        url,
        schema: { hide: true },
        // Before a body is read.
        onRequest: (request, reply, done) => {
          if (request.method !== 'OPTIONS') return done(methodNotAllowed(request.method, allow));
          void reply.code(204).header('allow', allow).send();
        },
        handler: () => undefined,
      });
    }
  };
}

function methodNotAllowed(method: string, allow: string): Problem {
  const detail = `There is no ${method} here, only ${allow}. Nothing was changed.`;
  return new Problem(405, 'methodNotAllowed', 'Method not allowed', detail, { allow });
}
