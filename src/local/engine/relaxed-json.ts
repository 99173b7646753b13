/** The text is no JSON, not even of the relaxed kind. The message is Snowflake's: what is wrong, and how many characters were read. */
export class JsonProblem extends Error {}

const DEEPEST = 1000;
const KEYWORDS: Readonly<Record<string, string>> = { true: 'true', false: 'false', null: 'null', undefined: 'null' };
const NUMBER = /^([+-]?)0*(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const BLANKS = ' \t\r\n';
const WORD = /[A-Za-z0-9_$.+-]/;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Strict JSON without blanks for what Snowflake's parser takes beyond it: keys without quotes, texts in single quotes, and
 * elements that are left out of an array (`[1, ,3]`, `[1,]`), which become null. Throws JsonProblem.
 */
export function strictJson(text: string): string {
  return new Reader(text).document();
}

class Reader {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  document(): string {
    const value = this.value();
    const next = this.next();
    if (next === '') return value;
    if (next === '{' || next === '[') throw new JsonProblem('more than one document in the input');
    if (WORD.test(next)) this.word();
    throw this.misplaced(next);
  }

  private value(): string {
    const next = this.next();
    if (next === '{' || next === '[') return this.nested(next);
    if (next === '"' || next === "'") return JSON.stringify(this.quoted(next));
    if (next !== '' && WORD.test(next)) return this.word();
    throw this.misplaced(next);
  }

  private nested(next: string): string {
    if (++this.depth > DEEPEST) throw this.problem('too many levels of nesting', 1);
    const value = next === '{' ? this.object() : this.array();
    this.depth--;
    return value;
  }

  private object(): string {
    this.at++;
    const members: string[] = [];
    for (;;) {
      const next = this.next();
      if (next === '}') {
        this.at++;
        return `{${members.join(',')}}`;
      }
      const key = this.key(next);
      if (this.next() !== ':') throw this.problem(this.next() === '' ? 'incomplete object value' : 'missing colon', 1);
      this.at++;
      if (this.next() === '') throw this.problem('incomplete object value', 1);
      members.push(`${JSON.stringify(key)}:${this.value()}`);
      this.comma('}', 'incomplete object value');
    }
  }

  private key(next: string): string {
    if (next === '') throw this.problem('incomplete object value', 1);
    if (next === '"' || next === "'") return this.quoted(next);
    if (!WORD.test(next)) throw this.misplaced(next);
    return this.letters();
  }

  private array(): string {
    this.at++;
    const elements: string[] = [];
    for (;;) {
      const next = this.next();
      if (next === '') throw this.problem('incomplete array value', 1);
      if (next === ']' && elements.length === 0) {
        this.at++;
        return '[]';
      }
      elements.push(next === ',' || next === ']' ? 'null' : this.value());
      if (!this.comma(']', 'incomplete array value')) {
        this.at++;
        return `[${elements.join(',')}]`;
      }
    }
  }

  /** Reads the comma before another member or element; false before the closing bracket, which is not read. */
  private comma(closing: string, incomplete: string): boolean {
    const next = this.next();
    if (next === closing) return false;
    if (next === '') throw this.problem(incomplete, 1);
    if (next !== ',') throw this.problem('missing comma', 1);
    this.at++;
    return true;
  }

  private word(): string {
    const word = this.letters();
    const keyword = KEYWORDS[word];
    if (keyword !== undefined) return keyword;
    const [, sign = '', whole = '', fraction, exponent] = NUMBER.exec(word) ?? [];
    if (!/\d/.test(word) || !NUMBER.test(word)) throw this.problem(`unknown keyword "${word}"`, 1);
    const decimals = fraction === undefined || fraction === '' ? '' : `.${fraction}`;
    return `${sign === '-' ? '-' : ''}${whole === '' ? '0' : whole}${decimals}${exponent === undefined ? '' : `e${exponent}`}`;
  }

  private letters(): string {
    const start = this.at;
    while (this.at < this.text.length && WORD.test(this.text[this.at] as string)) this.at++;
    return this.text.slice(start, this.at);
  }

  private quoted(quote: string): string {
    let value = '';
    for (this.at++; ; this.at++) {
      const char = this.text[this.at];
      if (char === undefined || char === '\n' || char === '\r') throw this.problem('unfinished string', 1);
      if (char === quote) {
        this.at++;
        return value;
      }
      value += char === '\\' ? this.escaped() : char;
    }
  }

  private escaped(): string {
    const char = this.text[++this.at];
    if (char === undefined) throw this.problem('unfinished string', 1);
    if (char !== 'u') return ESCAPES[char] ?? char;
    const hex = this.text.slice(this.at + 1, this.at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.problem('hex digit is expected in \\u???? escape sequence', 2);
    this.at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  /** The next character that is no blank, which is not read; empty at the end. */
  private next(): string {
    while (this.at < this.text.length && BLANKS.includes(this.text[this.at] as string)) this.at++;
    return this.text[this.at] ?? '';
  }

  private misplaced(next: string): JsonProblem {
    if (next === '') return this.problem('incomplete value', 1);
    const names: Readonly<Record<string, string>> = { ':': 'colon', ',': 'comma' };
    if ('{}[]:,'.includes(next)) return this.problem(`misplaced ${names[next] ?? next}`, 1);
    return this.problem(`invalid character outside of a string: '${next}'`, 1);
  }

  /** `ahead`: characters that were looked at and not read yet. */
  private problem(what: string, ahead: number): JsonProblem {
    return new JsonProblem(`${what}, pos ${this.at + ahead}`);
  }
}
