/** Sizes of texts as JSON in UTF-8, without encoding them. */

/** Bytes of one UTF-16 unit of a well-formed text as JSON; each half of a pair counts two of its four. */
function unitBytes(unit: number): number {
  if (unit < 0x20) {
    // \b, \t, \n, \f and \r are escaped in two bytes, other control characters in six.
    return unit === 8 || unit === 9 || unit === 10 || unit === 12 || unit === 13 ? 2 : 6;
  }
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  if (unit < 0x800 || (unit & 0xf800) === 0xd800) return 2;
  return 3;
}

/** Anything that takes more than one byte as JSON in UTF-8. */
const LARGER_THAN_A_BYTE = /[^\x20\x21\x23-\x5b\x5d-\x7f]/;

/** Bytes of a well-formed string as JSON in UTF-8, quotes included. */
export function jsonStringBytes(text: string): number {
  // Most long texts are plain ASCII, and testing for that takes a third of the time of counting.
  if (!LARGER_THAN_A_BYTE.test(text)) return text.length + 2;
  let bytes = 2;
  for (let i = 0; i < text.length; i++) bytes += unitBytes(text.charCodeAt(i));
  return bytes;
}

/** The longest beginning of a well-formed `text`, in whole code points, of at most `bytes` in a JSON string. */
export function beginningWithin(text: string, bytes: number): string {
  const plain = text.slice(0, Math.max(0, bytes));
  if (!LARGER_THAN_A_BYTE.test(plain)) return plain;
  let left = bytes;
  let end = 0;
  while (end < text.length) {
    left -= unitBytes(text.charCodeAt(end));
    if (left < 0) break;
    end++;
  }
  const cutsPair = end > 0 && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return text.slice(0, cutsPair ? end - 1 : end);
}
