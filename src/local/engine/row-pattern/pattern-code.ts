import { isNullable, type PatternNode } from './pattern-node.js';

/** One step of a pattern as it is written down first: where nothing else is said, the next one follows. */
export type Code =
  | { readonly op: 'symbol'; readonly symbol: number; readonly mark: number; readonly rounds: number }
  /** Try `first`; when that leads nowhere, `second`. */
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'start' | 'end' | 'match' }
  /** A round of a loop whose body may match no row begins, and ends, going back to `to`. `round` is one bit. */
  | { readonly op: 'round'; readonly round: number }
  | { readonly op: 'again'; readonly round: number; readonly to: number };

/** Counted repetitions and permutations are written out; no pattern has more steps than this. */
export const MOST_INSTRUCTIONS = 100_000;
const MOST_ITEMS = 16;
const MOST_ROUNDS = 30;

export function tooLarge(): RangeError {
  return new RangeError('the pattern is too large');
}

/** Throws `RangeError` when there would be more than `MOST_INSTRUCTIONS`. */
export function codeOf(pattern: PatternNode): readonly Code[] {
  const writer = new Writer();
  writer.node(pattern);
  writer.add({ op: 'match' });
  return writer.code;
}

class Writer {
  readonly code: Code[] = [];
  /** How many loops with rounds stand around. */
  #depth = 0;

  add<C extends Code>(code: C): C {
    if (this.code.length >= MOST_INSTRUCTIONS) throw tooLarge();
    this.code.push(code);
    return code;
  }

  get #here(): number {
    return this.code.length;
  }

  node(node: PatternNode): void {
    switch (node.kind) {
      case 'symbol':
        this.add({ op: 'symbol', symbol: node.symbol, mark: node.mark, rounds: (1 << this.#depth) - 1 });
        return;
      case 'start':
      case 'end':
        this.add({ op: node.kind });
        return;
      case 'sequence':
        for (const item of node.items) this.node(item);
        return;
      case 'choice':
        this.#choice(node.items);
        return;
      case 'permute':
        this.#permute(node.items);
        return;
      case 'repeat':
        this.#repeat(node);
        return;
    }
  }

  /** The items are tried in their order; all go on behind the last one. */
  #choice(items: readonly PatternNode[]): void {
    const ends: { to: number }[] = [];
    items.forEach((item, i) => {
      const split = i === items.length - 1 ? undefined : this.#split();
      this.node(item);
      if (split === undefined) return;
      ends.push(this.add({ op: 'jump', to: 0 }));
      split.second = this.#here;
    });
    for (const end of ends) end.to = this.#here;
  }

  /** Its first way is what follows. */
  #split(): Code & { op: 'split' } {
    return this.add({ op: 'split', first: this.#here + 1, second: 0 });
  }

  #repeat({ item, min, max, reluctant }: PatternNode & { kind: 'repeat' }): void {
    const rounds = max === null && isNullable(item);
    const copies = max === null && !rounds ? Math.max(min - 1, 0) : min;
    for (let i = 0; i < copies; i++) this.node(item);
    if (rounds) this.#rounds(item, reluctant);
    else if (max === null) this.#loop(item, min > 0, reluctant);
    else this.#upTo(item, max - min, reluctant);
  }

  #upTo(item: PatternNode, most: number, reluctant: boolean): void {
    const splits: (Code & { op: 'split' })[] = [];
    for (let i = 0; i < most; i++) {
      splits.push(this.#split());
      this.node(item);
    }
    for (const split of splits) aim(split, split.first, this.#here, reluctant);
  }

  #loop(item: PatternNode, once: boolean, reluctant: boolean): void {
    const begin = this.#here;
    const split = once ? undefined : this.#split();
    this.node(item);
    if (split === undefined) {
      const again = this.#split();
      aim(again, begin, again.first, reluctant);
      return;
    }
    this.add({ op: 'jump', to: begin });
    aim(split, split.first, this.#here, reluctant);
  }

  /** A round without a row is none: it would go on for ever. */
  #rounds(item: PatternNode, reluctant: boolean): void {
    if (this.#depth >= MOST_ROUNDS) throw tooLarge();
    const begin = this.#here;
    const split = this.#split();
    const round = 1 << this.#depth;
    this.add({ op: 'round', round });
    this.#depth += 1;
    this.node(item);
    this.#depth -= 1;
    this.add({ op: 'again', round, to: begin });
    aim(split, split.first, this.#here, reluctant);
  }

  /** One block for each set of items that are still to come, so that n items need n · 2ⁿ⁻¹ copies and not n!. */
  #permute(items: readonly PatternNode[]): void {
    if (items.length > MOST_ITEMS) throw tooLarge();
    const jumps: { readonly jump: { to: number }; readonly left: number }[] = [];
    const blocks = new Map<number, number>();
    for (let left = 2 ** items.length - 1; left > 0; left--) {
      blocks.set(left, this.#here);
      const next = items.flatMap((item, i) => (left & (1 << i) ? [{ item, after: left & ~(1 << i) }] : []));
      next.forEach(({ item, after }, i) => {
        const split = i < next.length - 1 ? this.#split() : undefined;
        this.node(item);
        jumps.push({ jump: this.add({ op: 'jump', to: 0 }), left: after });
        if (split !== undefined) split.second = this.#here;
      });
    }
    blocks.set(0, this.#here);
    for (const { jump, left } of jumps) jump.to = blocks.get(left) as number;
  }
}

function aim(split: Code & { op: 'split' }, again: number, on: number, reluctant: boolean): void {
  split.first = reluctant ? on : again;
  split.second = reluctant ? again : on;
}
