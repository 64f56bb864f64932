/** What to do about an operator that is none of so many. */
export function insteadOfUnknown(known: number): string {
  return `Build it from the ${known} that are (docs/operators.md lists them), or leave it outside of the model.`;
}
