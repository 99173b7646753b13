/** Where each line of a text begins, in UTF-16 code units. A text that ends with a line break has no empty line after it. */
export class LineStarts {
  readonly #starts: number[] = [0];
  readonly length: number;

  constructor(text: string) {
    this.length = text.length;
    for (let at = text.indexOf('\n'); at >= 0 && at + 1 < text.length; at = text.indexOf('\n', at + 1))
      this.#starts.push(at + 1);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Index (from 0) of the line that holds the position. */
  lineAt(position: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the line (from 0) begins; past the last one, the end of the text. */
  startOf(line: number): number {
    return this.#starts[line] ?? this.length;
  }
}
