/** What the command says of a mutant that it does not know. */
export const noSuchMutant = (name: string, known: readonly { readonly name: string }[]): string =>
  [
    `There is no mutant ${name}. One that was just written has to be compiled first: npm run typecheck.`,
    `There are these: ${known.map((each) => each.name).join(', ')}`,
  ].join('\n');
