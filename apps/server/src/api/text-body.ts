/** Bodies that are texts: UTF-8, and nothing else. */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../http/problem.ts';

export const textTypes = ['text/markdown', 'text/plain'] as const;

/** From now on, bodies of the instance are texts, of at most so many bytes; JSON is refused. */
export function acceptTexts(app: FastifyInstance, bodyLimit: number): void {
  app.removeAllContentTypeParsers();
  for (const type of textTypes) {
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit }, (request, body, done) => {
      try {
        requireUtf8(request.headers['content-type'] ?? '');
        done(null, decode(body as Buffer));
      } catch (error) {
        done(error as Problem);
      }
    });
  }
}

function requireUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
  if (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)) return;
  const detail = 'Texts are sent as UTF-8.';
  throw new Problem(415, 'unsupportedMediaType', 'Unsupported media type', detail);
}

/** A byte order mark at the beginning is not part of the text. Throws a {@link Problem} 400 `invalidText`. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, 'invalidText', 'Bad request', 'The text is not valid UTF-8.');
  }
}
