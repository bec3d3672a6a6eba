/** The pseudo-locale: English with accents, 40 % longer, in brackets that reveal truncation at either end. Pure. */

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const accented = [...'àƀćđéƒĝĥíĵķĺɱñóƥɋŕšţúṽŵẋýžÀƁĆĐÉƑĜĤÍĴĶĹṀÑÓƤɊŔŠŢÚṼŴẊÝŽ'];
const accents = new Map([...plain].map((letter, at) => [letter, accented[at] ?? letter]));
const filling = ' óñé ţŵó ţĥŕéé ƒóúŕ ƒíṽé';

const withAccents = (text: string): string =>
  [...text].map((letter) => accents.get(letter) ?? letter).join('');

/** @param message in ICU syntax; arguments and plural forms stay unchanged */
export function pseudo(message: string): string {
  const length = message.replace(/\{[^{}]*\}/g, '').length;
  const wanted = Math.ceil(length * 0.4);
  const longer = filling.repeat(Math.ceil(wanted / filling.length)).slice(0, wanted);
  return `⟦${inText(message)}${longer}⟧`;
}

/** Literal text of a plural form, or of the whole message. */
function inText(message: string): string {
  let out = '';
  for (let at = 0; at < message.length;) {
    const opens = message.indexOf('{', at);
    if (opens === -1) return out + withAccents(message.slice(at));
    const closes = closing(message, opens);
    out += withAccents(message.slice(at, opens)) + inArgument(message.slice(opens, closes + 1));
    at = closes + 1;
  }
  return out;
}

/** `{name}`, `{count, number}` and `{count, plural, one {…} other {…}}`, with its braces. */
function inArgument(argument: string): string {
  const head = /^\{\s*\w+\s*,\s*(?:plural|select|selectordinal)\s*,/.exec(argument)?.[0];
  if (head === undefined) return argument;
  let out = head;
  for (let at = head.length; at < argument.length;) {
    const opens = argument.indexOf('{', at);
    if (opens === -1) return out + argument.slice(at);
    const closes = closing(argument, opens);
    out += `${argument.slice(at, opens)}{${inText(argument.slice(opens + 1, closes))}}`;
    at = closes + 1;
  }
  return out;
}

function closing(text: string, opens: number): number {
  let depth = 0;
  for (let at = opens; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}
