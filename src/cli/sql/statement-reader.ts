import { BlockDepth } from './block-depth.js';

/**
 * Cuts what is typed or read from a file into statements, at each `;` that is not inside a string, a quoted name, a comment,
 * or a block of Snowflake Scripting. Text comes in any pieces; each character is looked at once.
 */
export class StatementReader {
  /** What was read of the statement that has begun. */
  #begun: string[] = [];
  /** The end of the text so far, where it takes more to tell what it is: half a word, the first sign of two. */
  #unread = '';
  #inside: Span | undefined;
  #block = new BlockDepth();

  /** True when nothing has begun: only blanks and comments so far. */
  get empty(): boolean {
    return this.#block.words === 0 && this.open === undefined && this.#unread.trim() === '';
  }

  /** What is inside at the end of the text so far, for the prompt. */
  get open(): Opening | undefined {
    // A comment to the end of the line ends with the text, too.
    if (this.#inside !== undefined && this.#inside.ends !== '\n') return this.#inside.what;
    return this.#block.open ? 'block' : undefined;
  }

  /** Adds text and gives the statements that are complete now, without their `;`. */
  push(text: string): readonly string[] {
    const chunk = this.#unread + text;
    const statements: string[] = [];
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#inside === undefined && chunk[at] === ';' && !this.#block.goesOn()) {
        if (this.#block.words > 0) statements.push([...this.#begun, chunk.slice(from, at)].join('').trim());
        this.clear();
        at += 1;
        from = at;
        continue;
      }
      const next = this.#inside === undefined ? this.#afterToken(chunk, at) : this.#afterSpan(chunk, at, this.#inside);
      if (next === at) break;
      at = next;
    }
    this.#begun.push(chunk.slice(from, at));
    this.#unread = chunk.slice(at);
    return statements;
  }

  /** The rest as a last statement, if it is one; begins anew. */
  flush(): string | undefined {
    const rest = [...this.#begun, this.#unread].join('').trim();
    const told = !this.empty && !(this.#block.words === 0 && this.open === 'comment');
    this.clear();
    return told ? rest : undefined;
  }

  /** Forgets what has begun. */
  clear(): void {
    this.#begun = [];
    this.#unread = '';
    this.#inside = undefined;
    this.#block = new BlockDepth();
  }

  /** The offset after what begins at `at`; `at` itself when more text is needed to tell. */
  #afterToken(text: string, at: number): number {
    const span = SPANS.find(({ begins }) => text.startsWith(begins, at));
    if (span !== undefined) {
      this.#inside = span;
      return at + span.begins.length;
    }
    const isLast = at === text.length - 1;
    const char = text[at] as string;
    if (isLast && FIRST_OF_TWO.has(char)) return at;
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined) {
      if (/\S/.test(char)) this.#block.read(char);
      return at + 1;
    }
    if (at + word.length === text.length) return at;
    const url = word.toLowerCase() === 'file' ? fileUrl(text, at) : '';
    // Half a URL: the rest decides.
    if (url !== '' && at + url.length === text.length) return at;
    const read = url.includes('/') ? url : word;
    this.#block.read(read.toUpperCase());
    return at + read.length;
  }

  /** The offset after the span's end, or after all of it that is there. */
  #afterSpan(text: string, at: number, span: Span): number {
    const end = spanEnd(text, at, span);
    if (end !== undefined) {
      this.#inside = undefined;
      if (span.what !== 'comment') this.#block.read('');
      return end;
    }
    const halfEnd = span.ends.length === 2 && text.endsWith(span.ends.charAt(0));
    const halfEscape = span.what === 'string' && (/\\+$/.exec(text.slice(at))?.[0].length ?? 0) % 2 === 1;
    return halfEnd || halfEscape ? text.length - 1 : text.length;
  }
}

/** What can be open at the end of a piece of text. */
export type Opening = 'string' | 'name' | 'comment' | 'dollar' | 'block';

interface Span {
  readonly begins: string;
  readonly ends: string;
  readonly what: Opening;
}

const SPANS: readonly Span[] = [
  { begins: "'", ends: "'", what: 'string' },
  { begins: '"', ends: '"', what: 'name' },
  { begins: '$$', ends: '$$', what: 'dollar' },
  { begins: '/*', ends: '*/', what: 'comment' },
  { begins: '--', ends: '\n', what: 'comment' },
  { begins: '//', ends: '\n', what: 'comment' },
];
const FIRST_OF_TWO = new Set(SPANS.filter(({ begins }) => begins.length === 2).map(({ begins }) => begins[0]));
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
/** `file://…` as PUT and GET write it without quotes: no comment begins in it. Also what may become one. */
const FILE_URL = /file:(?:\/?$|\/\/[^\s;]*)/iy;
const STRING_SIGN = /['\\]/g;

function fileUrl(text: string, at: number): string {
  FILE_URL.lastIndex = at;
  return FILE_URL.exec(text)?.[0] ?? '';
}

function spanEnd(text: string, from: number, span: Span): number | undefined {
  if (span.what !== 'string') {
    const end = text.indexOf(span.ends, from);
    return end === -1 ? undefined : end + span.ends.length;
  }
  STRING_SIGN.lastIndex = from;
  for (let sign = STRING_SIGN.exec(text); sign !== null; sign = STRING_SIGN.exec(text)) {
    if (sign[0] === span.ends) return sign.index + 1;
    STRING_SIGN.lastIndex = sign.index + 2;
  }
  return undefined;
}
