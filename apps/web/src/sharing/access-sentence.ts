/** Summarizes access to a document in plain sentences, for the head of the share dialog. Pure. */
import type { AnyoneAccess, LinkRole, Role } from '@concord/protocol';
import { messages } from '../i18n/messages.ts';
import { displayName } from '../people/names.ts';
import { linkRoles } from './link-roles.ts';

export interface AccessSummary {
  readonly anyone: AnyoneAccess;
  /** People with a role of their own, without the reader. */
  readonly others: readonly { readonly name: string }[];
  readonly links: readonly { readonly role: LinkRole; readonly expiresAt: number | null }[];
}

/** Maximum names in a sentence. */
const NAMED = 2;

const { sentence: words } = messages.sharing;

/**
 * "Only you and Ann can open this document." · "Anyone with the link can edit. Ann and 2 others have access of
 * their own." Expired links are left out.
 * @param now milliseconds since 1970
 */
export function accessSentence({ anyone, others, links }: AccessSummary, now: number): string {
  const working = links.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  const sentences: string[] = [];
  if (anyone === 'off') {
    if (others.length === 0 && working.length === 0) return words.onlyYou;
    const all = [words.yourself, ...named(others)];
    if (working.length > 0) all.push(words.holdersOfLinks(working.length));
    sentences.push(words.onlyThese(all));
  } else {
    sentences.push(words.anyone[anyone]);
    if (others.length > 0) sentences.push(words.ownAccess(named(others), others.length));
  }
  if (working.length > 0)
    sentences.push(words.linksLet(working.length, anyone === 'off', verbsOf(working)));
  return sentences.join(' ');
}

/** What the reader can do, who is not an owner. */
export function visitorSentence(role: Exclude<Role, 'owner'>, owner: string): string {
  return messages.sharing.visitor[role](owner);
}

/** The first names, and the number of others. */
function named(people: AccessSummary['others']): readonly string[] {
  if (people.length <= NAMED) return people.map(displayName);
  const shown = people.slice(0, NAMED - 1).map(displayName);
  return [...shown, words.others(people.length - shown.length)];
}

function verbsOf(links: AccessSummary['links']): readonly string[] {
  return linkRoles.filter((role) => links.some((link) => link.role === role)).map((role) => words.verb[role]); // prettier-ignore
}
