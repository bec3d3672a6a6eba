/** Lengths of the common prefix and suffix of two texts, in UTF-16 units, never within a surrogate pair. */

export function commonPrefixUtf16(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  // Not within a surrogate pair.
  return length > 0 && (a.charCodeAt(length - 1) & 0xfc00) === 0xd800 ? length - 1 : length;
}

/** @param prefix length of the common prefix, which the suffix must not overlap */
export function commonSuffixUtf16(a: string, b: string, prefix: number): number {
  const most = Math.min(a.length, b.length) - prefix;
  let length = 0;
  while (
    length < most &&
    a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length)
  ) {
    length++;
  }
  return length > 0 && (a.charCodeAt(a.length - length) & 0xfc00) === 0xdc00 ? length - 1 : length;
}
