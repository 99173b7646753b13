const NUMBER = /^[+-]?\d{1,38}(\.\d{1,37})?$/;

/** What a text may be of, the narrowest first; a column is what all of its texts are. */
const KINDS: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['NUMBER', NUMBER],
  ['REAL', /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i],
  ['BOOLEAN', /^(true|false)$/i],
  ['DATE', /^\d{4}-\d{2}-\d{2}$/],
  ['TIME', /^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$/],
  ['TIMESTAMP_NTZ', /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/],
  ['OBJECT', /^\{.*\}$/s],
  ['ARRAY', /^\[.*\]$/s],
];
const MOST_DIGITS = 38;

/** The type that all texts of a column are of, found out one text after the other. */
export class InferredType {
  #possible = KINDS;
  #seen = false;
  #whole = 1;
  #scale = 0;

  add(text: string): void {
    this.#seen = true;
    if (this.#possible.some(([, pattern]) => !pattern.test(text)))
      this.#possible = this.#possible.filter(([, pattern]) => pattern.test(text));
    if (this.#possible[0]?.[0] === 'NUMBER') this.#measure(text);
  }

  /** As INFER_SCHEMA writes it; `TEXT` for a column without values. */
  get type(): string {
    const type = this.#seen ? this.#possible[0]?.[0] : undefined;
    if (type === undefined) return 'TEXT';
    return type === 'NUMBER' ? `NUMBER(${Math.min(MOST_DIGITS, this.#whole + this.#scale)}, ${this.#scale})` : type;
  }

  #measure(text: string): void {
    const [whole = '', fraction = ''] = text.split('.');
    this.#whole = Math.max(this.#whole, whole.replace(/^[+-]?0*/, '').length);
    this.#scale = Math.max(this.#scale, fraction.length);
  }
}
