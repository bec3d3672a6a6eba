/** Cells of the tables of results. */
export const kindTitle = { product: 'own library', wire: 'bare' } as const;

export const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 2 : ms < 100 ? 1 : 0);
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
export const ratio = (value: number): string => `${value.toFixed(2)}×`;

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
