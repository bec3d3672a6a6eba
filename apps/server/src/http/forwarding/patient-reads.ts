/**
 * Reads whose node does not answer: it was killed, or is cut off. Its lease names it as the owner until the lease ends,
 * and then another node has the document, maybe this one. A read changes nothing, so it waits for that instead of being
 * refused, for a bounded time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DocumentId } from '@concord/protocol';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { answerProblem } from '../answer-problem.ts';
import type { Forwarder } from './forwarder.ts';
import { tooMuchForwarded } from './forwarding-problems.ts';
import type { ForwardedClient } from './node-tokens.ts';
import { searchFor, type PatienceOptions } from './patience.ts';

export interface PatientReadsOptions extends PatienceOptions {
  readonly forwarder: Pick<Forwarder, 'admit' | 'attempt'>;
}

export interface Read {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly documentId: DocumentId;
  readonly client: ForwardedClient;
}

/** Whether the request may be sent again: it changes nothing, and has no body that was sent already. */
export function isRead({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

export class PatientReads {
  readonly #options: PatientReadsOptions;

  constructor(options: PatientReadsOptions) {
    this.#options = options;
  }

  /**
   * Answers the request by the node that has the document. Resolves to `here` if this node has it by now: nothing was
   * answered then. Never rejects.
   */
  async forward(read: Read, lease: LiveLease): Promise<'answered' | 'here'> {
    const { request, response, client } = read;
    const { forwarder } = this.#options;
    const release = forwarder.admit('request', client.address);
    if (release === null) {
      answerProblem(response, tooMuchForwarded());
      return 'answered';
    }
    // Each attempt leaves some.
    response.setMaxListeners(0);
    request.setMaxListeners(0);
    const search = searchFor(read.documentId, this.#options, () => response.destroyed);
    try {
      for (let to = lease; ;) {
        const problem = await forwarder.attempt(request, response, { lease: to, client });
        if (problem === null) return 'answered';
        const next = await search(to);
        if (next?.kind === 'here') return 'here';
        if (next === null) {
          if (!response.destroyed) answerProblem(response, problem);
          return 'answered';
        }
        to = next.lease;
      }
    } finally {
      release();
    }
  }
}
