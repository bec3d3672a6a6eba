/** Names for guests who have not chosen one: always the same for the same person. */

const adjectives = [
  'Amber', 'Azure', 'Brave', 'Bright', 'Calm', 'Clever', 'Coral', 'Crimson', 'Curious', 'Eager',
  'Early', 'Gentle', 'Golden', 'Happy', 'Honest', 'Ivory', 'Jade', 'Keen', 'Kind', 'Lively',
  'Lucky', 'Mellow', 'Merry', 'Nimble', 'Noble', 'Patient', 'Quick', 'Quiet', 'Rosy', 'Silver',
  'Sunny', 'Witty',
] as const; // prettier-ignore
const animals = [
  'Badger', 'Beaver', 'Bison', 'Crane', 'Deer', 'Dolphin', 'Eagle', 'Falcon', 'Finch', 'Fox',
  'Gecko', 'Hare', 'Hedgehog', 'Heron', 'Ibis', 'Koala', 'Lark', 'Lemur', 'Lynx', 'Magpie',
  'Marten', 'Otter', 'Owl', 'Panda', 'Puffin', 'Raven', 'Robin', 'Seal', 'Sparrow', 'Swan',
  'Turtle', 'Wren',
] as const; // prettier-ignore

/** @param userId a hexadecimal hash; two people share a name about once in a thousand. */
export function guestName(userId: string): string {
  const bits = Number.parseInt(userId.slice(0, 6), 16) || 0;
  return `${adjectives[bits % adjectives.length]} ${animals[(bits >> 5) % animals.length]}`;
}
