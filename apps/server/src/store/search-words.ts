/** Words of a search, as every store understands them: runs of letters, digits and marks. */
export function searchWords(search: string): string[] {
  return search.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== '');
}
