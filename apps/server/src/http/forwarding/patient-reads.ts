/**
 * Reads whose node does not answer: it was killed, or is cut off. Its lease names it as the owner until the lease ends,
 * and then another node has the document, maybe this one. A read changes nothing, so it waits for that instead of being
 * refused, for a bounded time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DocumentId } from '@concord/protocol';
import type { DocumentLocations, Location } from '../../cluster/locations.ts';
import type { LiveLease } from '../../store/ports/cluster-store.ts';
import { answerProblem } from '../answer-problem.ts';
import type { Forwarder } from './forwarder.ts';
import { tooMuchForwarded } from './forwarding-problems.ts';
import type { ForwardedClient } from './node-tokens.ts';

/** Longer than a lease of the usual length, and than another node needs to take a document over. */
const PATIENCE_MS = 5_000;
/** Between questions where the document is; most are answered from memory. */
const LOOK_MS = 100;
/** A node that is only slow is asked again after so long. */
const AGAIN_MS = 1_000;

export interface PatientReadsOptions {
  readonly forwarder: Pick<Forwarder, 'admit' | 'attempt'>;
  readonly locations: Pick<DocumentLocations, 'locate'>;
  /** Milliseconds, as the next; for tests. */
  readonly patienceMs?: number;
  readonly againMs?: number;
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
    const { forwarder, patienceMs = PATIENCE_MS } = this.#options;
    const release = forwarder.admit('request', client.address);
    if (release === null) {
      answerProblem(response, tooMuchForwarded());
      return 'answered';
    }
    // Each attempt leaves some.
    response.setMaxListeners(0);
    request.setMaxListeners(0);
    const until = performance.now() + patienceMs;
    try {
      for (let to = lease; ;) {
        const problem = await forwarder.attempt(request, response, { lease: to, client });
        if (problem === null) return 'answered';
        const next = await this.#next(read, to, until);
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

  /** Where to send it now; null when it is not waited any longer. */
  async #next(read: Read, failed: LiveLease, until: number): Promise<Location | null> {
    const { locations, againMs = AGAIN_MS } = this.#options;
    const againAt = performance.now() + againMs;
    while (!read.response.destroyed && performance.now() < until) {
      await sleep(LOOK_MS * (0.5 + Math.random()));
      const location = await locations.locate(read.documentId);
      const isSame = location.kind === 'elsewhere' && location.lease.leaseId === failed.leaseId;
      if (!isSame || performance.now() >= againAt) return location;
    }
    return null;
  }
}
