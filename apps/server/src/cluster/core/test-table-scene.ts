/** An ownership table with a database of rows that answers what a test lets it answer. */
import type { OwnershipRow } from '../../store/ports/cluster-store.ts';
import type {
  OwnershipAnswer,
  OwnershipEffect,
  OwnershipInput,
  OwnershipQuestion,
} from './ownership-io.ts';
import { OwnershipTable } from './ownership-table.ts';
import type { Member } from './rendezvous.ts';

export const member = (node: string, weight = 1): Member => ({
  leaseId: `${node}#1`,
  node,
  weight,
});

type Question<Type extends OwnershipQuestion['type']> = Extract<
  OwnershipQuestion,
  { readonly type: Type }
>;

type Ask = Extract<OwnershipEffect, { readonly type: 'ask' }>;

export class TableScene {
  readonly table = new OwnershipTable();
  /** All effects, in order. */
  readonly effects: OwnershipEffect[] = [];

  /** Node `a` holds its lease, and knows these members. */
  constructor(live: readonly Member[] = [member('a')]) {
    this.step({ type: 'leaseHeld', leaseId: 'a#1' });
    this.members(live);
  }

  step(input: OwnershipInput): readonly OwnershipEffect[] {
    const effects = this.table.step(input);
    this.effects.push(...effects);
    return effects;
  }

  members(live: readonly Member[], ended: readonly string[] = []): readonly OwnershipEffect[] {
    return this.step({ type: 'members', live, ended });
  }

  acquire(documentId = 'd', isForwarded = false): readonly OwnershipEffect[] {
    return this.step({ type: 'acquire', documentId, isForwarded });
  }

  /** Answers the newest question about the document. */
  answer(answer: OwnershipAnswer, documentId = 'd'): readonly OwnershipEffect[] {
    const ticket = this.#newest(documentId)?.ticket ?? 0;
    return this.step({ type: 'answered', documentId, ticket, answer });
  }

  row(row: OwnershipRow, documentId = 'd'): readonly OwnershipEffect[] {
    return this.answer({ type: 'row', row }, documentId);
  }

  /** The newest question about the document; throws when it is of another type. */
  asked<Type extends OwnershipQuestion['type']>(type: Type, documentId = 'd'): Question<Type> {
    const question = this.#newest(documentId)?.question;
    if (question?.type !== type) throw new Error(`asked ${question?.type}, not ${type}`);
    return question as Question<Type>;
  }

  /** Takes a document that was released at version 0. */
  hold(documentId = 'd', isForwarded = false): void {
    this.acquire(documentId, isForwarded);
    this.row({ epoch: 4, owner: null, head: 0 }, documentId);
    this.answer({ type: 'swapped', outcome: 'won' }, documentId);
    this.answer({ type: 'head', head: 0, epoch: 0 }, documentId);
  }

  /** How many effects of a type there were. */
  count(type: OwnershipEffect['type']): number {
    return this.effects.filter((effect) => effect.type === type).length;
  }

  #newest(documentId: string): Ask | undefined {
    return this.effects.findLast(
      (effect): effect is Ask => effect.type === 'ask' && effect.documentId === documentId,
    );
  }
}
