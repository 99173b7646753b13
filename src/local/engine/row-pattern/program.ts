/** A pattern of rows, its symbols by number. */
export type PatternNode =
  /** A row of the symbol; `mark` (0 to 65,535) stands for the row in the path of a match. */
  | { readonly kind: 'symbol'; readonly symbol: number; readonly mark: number }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice' | 'permute'; readonly items: readonly PatternNode[] }
  | {
      readonly kind: 'repeat';
      readonly item: PatternNode;
      readonly min: number;
      /** Null: without an end. */
      readonly max: number | null;
      readonly reluctant: boolean;
    };

export const Op = { symbol: 0, split: 1, jump: 2, start: 3, end: 4, match: 5 } as const;

/** A pattern as instructions for `PartitionMatcher`, one column per field. */
export interface Program {
  readonly op: Uint8Array;
  /** The symbol; of a split and a jump, where to go on (first). */
  readonly a: Int32Array;
  /** The mark; of a split, where to go on when the first way led nowhere. */
  readonly b: Int32Array;
  /** Splits are numbered: `split[at]` of `splits`. */
  readonly split: Int32Array;
  readonly splits: number;
  /** Some loop may go round without a row. */
  readonly emptyLoops: boolean;
  /** It may match no row at all. */
  readonly matchesEmpty: boolean;
}

/** Counted repetitions and permutations are written out; a program has no more instructions than this. */
export const MOST_INSTRUCTIONS = 100_000;

/** Throws `RangeError` when the program would be longer than `MOST_INSTRUCTIONS`. */
export function compilePattern(pattern: PatternNode): Program {
  const compiler = new Compiler();
  compiler.node(pattern);
  compiler.emit(Op.match, 0, 0);
  return compiler.program(nullable(pattern));
}

/** Whether no row at all matches the pattern. */
function nullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'symbol':
      return false;
    case 'start':
    case 'end':
      return true;
    case 'choice':
      return node.items.some(nullable);
    case 'sequence':
    case 'permute':
      return node.items.every(nullable);
    case 'repeat':
      return node.min === 0 || nullable(node.item);
  }
}

class Compiler {
  readonly #op: number[] = [];
  readonly #a: number[] = [];
  readonly #b: number[] = [];
  #emptyLoops = false;

  emit(op: number, a: number, b: number): number {
    if (this.#op.length >= MOST_INSTRUCTIONS) throw new RangeError('the pattern is too large');
    this.#a.push(a);
    this.#b.push(b);
    return this.#op.push(op) - 1;
  }

  get #here(): number {
    return this.#op.length;
  }

  node(node: PatternNode): void {
    switch (node.kind) {
      case 'symbol':
        this.emit(Op.symbol, node.symbol, node.mark);
        return;
      case 'start':
        this.emit(Op.start, 0, 0);
        return;
      case 'end':
        this.emit(Op.end, 0, 0);
        return;
      case 'sequence':
        for (const item of node.items) this.node(item);
        return;
      case 'choice':
        this.#choice(node.items.map((item) => () => this.node(item)));
        return;
      case 'permute':
        this.#permute(node.items);
        return;
      case 'repeat':
        this.#repeat(node);
        return;
    }
  }

  /** The ways are tried in their order; all go on behind the last one. */
  #choice(ways: readonly (() => void)[]): void {
    const ends: number[] = [];
    ways.forEach((way, i) => {
      if (i === ways.length - 1) {
        way();
        return;
      }
      const split = this.emit(Op.split, this.#here + 1, 0);
      way();
      ends.push(this.emit(Op.jump, 0, 0));
      this.#b[split] = this.#here;
    });
    for (const end of ends) this.#a[end] = this.#here;
  }

  #repeat({ item, min, max, reluctant }: PatternNode & { kind: 'repeat' }): void {
    const copies = max === null ? Math.max(min - 1, 0) : min;
    for (let i = 0; i < copies; i++) this.node(item);
    if (max === null) {
      this.#loop(item, min > 0, reluctant);
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      splits.push(this.emit(Op.split, 0, 0));
      this.node(item);
    }
    splits.forEach((split) => this.#aim(split, split + 1, this.#here, reluctant));
  }

  #loop(item: PatternNode, once: boolean, reluctant: boolean): void {
    if (nullable(item)) this.#emptyLoops = true;
    if (once) {
      const body = this.#here;
      this.node(item);
      const split = this.emit(Op.split, 0, 0);
      this.#aim(split, body, split + 1, reluctant);
      return;
    }
    const split = this.emit(Op.split, 0, 0);
    this.node(item);
    this.emit(Op.jump, split, 0);
    this.#aim(split, split + 1, this.#here, reluctant);
  }

  #aim(split: number, again: number, on: number, reluctant: boolean): void {
    this.#a[split] = reluctant ? on : again;
    this.#b[split] = reluctant ? again : on;
  }

  /** One block for each set of items that are still to come, so that n items need n · 2ⁿ⁻¹ copies and not n!. */
  #permute(items: readonly PatternNode[]): void {
    if (items.length > 16) throw new RangeError('the pattern is too large');
    const jumps: { at: number; left: number }[] = [];
    const blocks = new Map<number, number>();
    for (let left = (1 << items.length) - 1; left > 0; left--) {
      blocks.set(left, this.#here);
      const next = items.flatMap((item, i) => (left & (1 << i) ? [{ item, after: left & ~(1 << i) }] : []));
      next.forEach(({ item, after }, i) => {
        const split = i < next.length - 1 ? this.emit(Op.split, this.#here + 1, 0) : undefined;
        this.node(item);
        jumps.push({ at: this.emit(Op.jump, 0, 0), left: after });
        if (split !== undefined) this.#b[split] = this.#here;
      });
    }
    blocks.set(0, this.#here);
    for (const { at, left } of jumps) this.#a[at] = blocks.get(left) as number;
  }

  program(matchesEmpty: boolean): Program {
    const split = new Int32Array(this.#op.length);
    let splits = 0;
    this.#op.forEach((op, i) => {
      if (op === Op.split) split[i] = splits++;
    });
    return {
      op: Uint8Array.from(this.#op),
      a: Int32Array.from(this.#a),
      b: Int32Array.from(this.#b),
      split,
      splits,
      emptyLoops: this.#emptyLoops,
      matchesEmpty,
    };
  }
}
