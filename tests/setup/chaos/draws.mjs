/** Mulberry32: numbers in [0, 1); the same seed gives the same ones. */
export function drawsOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the entries `[weight, value]`, each as likely as its weight says. */
export function weighted(draw, entries) {
  let left = draw() * entries.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of entries) {
    left -= weight;
    if (left < 0) return value;
  }
  return entries.at(-1)[1];
}

export const between = (draw, least, most) => least + draw() * (most - least);
