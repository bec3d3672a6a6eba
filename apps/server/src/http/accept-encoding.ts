/** What `Accept-Encoding` says (RFC 9110, section 12.5.3). */

/** Whether the answer may be compressed by gzip: without the header anything may be. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return true;
  const weights = new Map<string, number>();
  for (const part of String(header).split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const weight = parameters.find((each) => each.startsWith('q='))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight));
  }
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return weight > 0;
}
