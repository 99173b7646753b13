/** "a 3, b 1": how often each value is there, the most frequent first. */
export function tally(values) {
  const counts = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([value, count]) => `${value} ${count}`)
    .join(', ');
}

export const percent = (share) => `${(share * 100).toFixed(3)} %`;

export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
