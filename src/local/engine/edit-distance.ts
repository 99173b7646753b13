/** The Levenshtein distance of two texts, counted in characters: the fewest insertions, deletions and substitutions between them. */
export function editDistance(a: string, b: string): number {
  const [from, to] = [[...a], [...b]];
  let before = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, character] of from.entries()) {
    const row = [i + 1];
    for (const [j, other] of to.entries()) {
      const substituted = (before[j] as number) + Number(character !== other);
      row.push(Math.min(substituted, (before[j + 1] as number) + 1, (row[j] as number) + 1));
    }
    before = row;
  }
  return before[to.length] as number;
}
