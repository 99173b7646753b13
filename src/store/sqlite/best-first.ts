/**
 * Positions of the highest scores, the highest first; of equal ones the later position comes first. Takes O(n log k) for k of n:
 * a question about a common word has hits by the hundred thousand, and a page shows twenty.
 */
export function bestFirst(scores: Float64Array, count: number): readonly number[] {
  const heap: number[] = [];
  const isWorse = (one: number, other: number): boolean => {
    const difference = (scores[one] as number) - (scores[other] as number);
    return difference < 0 || (difference === 0 && one < other);
  };
  for (let position = 0; position < scores.length; position += 1) {
    if (heap.length < count) {
      heap.push(position);
      rise(heap, isWorse);
    } else if (isWorse(heap[0] as number, position)) {
      heap[0] = position;
      sink(heap, isWorse);
    }
  }
  return heap.sort((one, other) => (isWorse(one, other) ? 1 : -1));
}

type IsWorse = (one: number, other: number) => boolean;

/** The worst is on top; restores that after an addition at the end. */
function rise(heap: number[], isWorse: IsWorse): void {
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isWorse(heap[at] as number, heap[above] as number)) return;
    swap(heap, at, above);
    at = above;
  }
}

/** As `rise`, after a replacement of the top. */
function sink(heap: number[], isWorse: IsWorse): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const below = right < heap.length && isWorse(heap[right] as number, heap[left] as number) ? right : left;
    if (!isWorse(heap[below] as number, heap[at] as number)) return;
    swap(heap, at, below);
    at = below;
  }
}

function swap(heap: number[], one: number, other: number): void {
  const kept = heap[one] as number;
  heap[one] = heap[other] as number;
  heap[other] = kept;
}
