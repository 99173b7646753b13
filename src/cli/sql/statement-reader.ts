/**
 * Cuts what is typed or read from a file into statements, at each `;` that is not inside a string, a quoted name, a comment,
 * or a block of Snowflake Scripting. Text comes in any pieces.
 */
export class StatementReader {
  #text = '';
  /** What the text so far holds, read once after each change of it. */
  #cut: Cut = NOTHING;

  /** True when nothing has begun: only blanks and comments so far. */
  get empty(): boolean {
    return this.#cut.words.length === 0 && this.#cut.open === undefined;
  }

  /** What is inside at the end of the text so far, for the prompt. */
  get open(): Opening | undefined {
    return this.#cut.open;
  }

  /** Adds text and gives the statements that are complete now, without their `;`. */
  push(text: string): readonly string[] {
    this.#text += text;
    const statements: string[] = [];
    for (;;) {
      this.#cut = cut(this.#text);
      const { end, words } = this.#cut;
      if (end === undefined) return statements;
      if (words.length > 0) statements.push(this.#text.slice(0, end).trim());
      this.#text = this.#text.slice(end + 1);
    }
  }

  /** The rest as a last statement, if it is one; begins anew. */
  flush(): string | undefined {
    const { words, open } = this.#cut;
    const rest = this.#text.trim();
    this.clear();
    return words.length > 0 || (open !== undefined && open !== 'comment') ? rest : undefined;
  }

  /** Forgets what has begun. */
  clear(): void {
    this.#text = '';
    this.#cut = NOTHING;
  }
}

/** What can be open at the end of a piece of text. */
export type Opening = 'string' | 'name' | 'comment' | 'dollar' | 'block';

interface Cut {
  /** Offset of the `;` that ends the first statement. */
  readonly end?: number;
  /** Its words in upper case, names and literals left out. */
  readonly words: readonly string[];
  readonly open?: Opening;
}

const NOTHING: Cut = { words: [] };

const SPANS: readonly { readonly begins: string; readonly ends: string; readonly what: Opening }[] = [
  { begins: "'", ends: "'", what: 'string' },
  { begins: '"', ends: '"', what: 'name' },
  { begins: '$$', ends: '$$', what: 'dollar' },
  { begins: '/*', ends: '*/', what: 'comment' },
  { begins: '--', ends: '\n', what: 'comment' },
  { begins: '//', ends: '\n', what: 'comment' },
];
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;

function cut(text: string): Cut {
  const words: string[] = [];
  const block = new BlockDepth();
  let at = 0;
  while (at < text.length) {
    const span = SPANS.find(({ begins }) => text.startsWith(begins, at));
    if (span !== undefined) {
      const end = spanEnd(text, at + span.begins.length, span);
      if (end === undefined) {
        // A comment to the end of the line ends with the text, too.
        return span.ends === '\n' ? { words } : { words, open: span.what };
      }
      at = end;
      if (span.what !== 'comment') words.push('');
      continue;
    }
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word !== undefined) {
      words.push(word.toUpperCase());
      block.word(words);
      at += word.length;
      continue;
    }
    const char = text[at] as string;
    if (char === ';' && !block.endsWith(words)) return { end: at, words };
    if (char === ';') words.push(';');
    else if (/\S/.test(char)) words.push(char);
    at += 1;
  }
  return block.open ? { words, open: 'block' } : { words };
}

function spanEnd(text: string, from: number, span: { ends: string; what: Opening }): number | undefined {
  let at = from;
  for (;;) {
    if (span.what === 'string' && text[at] === '\\') {
      at += 2;
      continue;
    }
    if (at >= text.length) return undefined;
    if (text.startsWith(span.ends, at)) return at + span.ends.length;
    at += 1;
  }
}

const AFTER_PLAIN_BEGIN = new Set(['TRANSACTION', 'WORK', 'NAME']);
const CLOSED_BY_NAME = new Set(['IF', 'FOR', 'WHILE', 'LOOP', 'REPEAT']);

/** Counts the blocks of Snowflake Scripting around a place: their inner `;` end no statement. */
class BlockDepth {
  #depth = 0;
  /** DECLARE was read, its BEGIN not yet. */
  #declares = false;
  #isBlock = false;

  get open(): boolean {
    return this.#isBlock && (this.#declares || this.#depth > 0);
  }

  word(words: readonly string[]): void {
    const word = words.at(-1);
    const before = words.at(-2);
    const first = words.length === 1 || (words[0] === 'CREATE' && before === 'AS') || before === 'IMMEDIATE';
    if (word === 'DECLARE' && first) {
      this.#isBlock = true;
      this.#declares = true;
    } else if (word === 'BEGIN' && (first || this.#isBlock)) {
      this.#isBlock = true;
      this.#declares = false;
      this.#depth += 1;
    } else if (this.#isBlock && word === 'CASE' && before !== 'END') this.#depth += 1;
    else if (this.#isBlock && word === 'END') this.#depth -= 1;
    else if (this.#isBlock && before === 'END' && word !== undefined && CLOSED_BY_NAME.has(word)) this.#depth += 1;
    else if (before === 'BEGIN' && word !== undefined && AFTER_PLAIN_BEGIN.has(word)) this.#noBlock();
  }

  /** Whether a `;` here belongs to the statement. `BEGIN;` alone starts a transaction. */
  endsWith(words: readonly string[]): boolean {
    if (words.length === 1 && words[0] === 'BEGIN') this.#noBlock();
    return this.open;
  }

  #noBlock(): void {
    if (this.#depth === 1) this.#isBlock = false;
  }
}
