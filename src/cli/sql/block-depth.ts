const AFTER_PLAIN_BEGIN = new Set(['TRANSACTION', 'WORK', 'NAME']);
const CLOSED_BY_NAME = new Set(['IF', 'FOR', 'WHILE', 'LOOP', 'REPEAT']);

/** Counts the blocks of Snowflake Scripting around a place in a statement: their inner `;` end no statement. */
export class BlockDepth {
  #words = 0;
  #first = '';
  #last = '';
  #beforeLast = '';
  #depth = 0;
  /** DECLARE was read, its BEGIN not yet. */
  #declares = false;
  #isBlock = false;

  /** Words, signs and literals of the statement so far. */
  get words(): number {
    return this.#words;
  }

  get open(): boolean {
    return this.#isBlock && (this.#declares || this.#depth > 0);
  }

  /** The next word in upper case or the next sign; `''` for a literal or a quoted name. */
  read(word: string): void {
    this.#words += 1;
    if (this.#words === 1) this.#first = word;
    this.#beforeLast = this.#last;
    this.#last = word;
    this.#count(word, this.#beforeLast);
  }

  /** Whether a `;` here belongs to the statement. `BEGIN;` alone starts a transaction. */
  goesOn(): boolean {
    if (this.#words === 1 && this.#first === 'BEGIN') this.#noBlock();
    return this.open;
  }

  #count(word: string, before: string): void {
    const first = this.#words === 1 || (this.#first === 'CREATE' && before === 'AS') || before === 'IMMEDIATE';
    if (word === 'DECLARE' && first) {
      this.#isBlock = true;
      this.#declares = true;
    } else if (word === 'BEGIN' && (first || this.#isBlock)) {
      this.#isBlock = true;
      this.#declares = false;
      this.#depth += 1;
    } else if (this.#isBlock && word === 'CASE' && before !== 'END') this.#depth += 1;
    else if (this.#isBlock && word === 'END') this.#depth -= 1;
    else if (this.#isBlock && before === 'END' && CLOSED_BY_NAME.has(word)) this.#depth += 1;
    else if (before === 'BEGIN' && AFTER_PLAIN_BEGIN.has(word)) this.#noBlock();
  }

  #noBlock(): void {
    if (this.#depth === 1) this.#isBlock = false;
  }
}
