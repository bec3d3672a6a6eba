/** What the front door answers: what happened, and which setting of the server's changes it. */
import { Problem } from './problem.ts';

export const foreignOrigin = (): Problem =>
  new Problem(
    403,
    'forbiddenOrigin',
    'Forbidden',
    'Pages of this origin may not use this server. Nothing was done. If they should, its administrator ' +
      'lists their origin in CONCORD_ORIGINS.',
  );

export const unknownHost = (): Problem =>
  new Problem(
    421,
    'unknownHost',
    'Misdirected request',
    'This server is not reached by this name. Nothing was done. Its administrator says its name in ' +
      'CONCORD_PUBLIC_URL, and further ones in CONCORD_ORIGINS.',
  );

export const jsonp = (): Problem =>
  new Problem(
    403,
    'jsonpRefused',
    'Forbidden',
    'Polling by script elements (JSONP) is not allowed here: use WebSocket, or polling by fetch.',
  );

export const wrongMethod = (): Problem =>
  new Problem(405, 'methodNotAllowed', 'Method not allowed', 'Only GET and POST are used here.', {
    allow: 'GET, POST',
  });
