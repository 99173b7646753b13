import { LocalError } from '../local-error.js';

/** Characters of one record, of which a table's VARIANT or text takes half. */
const LONGEST_RECORD = 32 * 1024 * 1024;

function tooLong(line: number): LocalError {
  return new LocalError(
    '100082',
    '22000',
    `The record that begins on line ${line} has more than ${LONGEST_RECORD} characters; is a quote or bracket not closed?`,
  );
}

/** One record of a file, its fields as texts. */
export interface FileRecord {
  readonly fields: readonly (string | null)[];
  /** 1-based line on which it begins. */
  readonly line: number;
  /** 1-based place of each field in the record. */
  readonly starts: readonly number[];
  /** As it stands in the file. */
  readonly raw: string;
  /** Why it is no record, for a document that is none. */
  readonly malformed?: string;
}

/** How the records of a CSV file are written. */
export interface CsvDialect {
  /** Empty: the whole record is one field. */
  readonly delimiter: string;
  /** Empty: the whole file is one record. A line feed takes a carriage return before it along. */
  readonly recordDelimiter: string;
  readonly quote: string;
  /** Of enclosed and unenclosed fields; empty for none. */
  readonly escape: string;
  /** Of unenclosed fields only; empty for none. */
  readonly unenclosedEscape: string;
  readonly skipHeader: number;
  readonly skipBlankLines: boolean;
  readonly trimSpace: boolean;
  readonly nullIf: readonly string[];
  readonly emptyAsNull: boolean;
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

/** Splits texts into records. A quote that is not closed takes the rest of the file into its field. */
export async function* csvRecords(texts: AsyncIterable<string>, dialect: CsvDialect): AsyncGenerator<FileRecord> {
  let pending = '';
  let line = 1;
  let skipped = 0;
  const take = (end: number, next: number): FileRecord | undefined => {
    const raw = pending.slice(0, end);
    const began = line;
    line += countLines(pending.slice(0, next));
    pending = pending.slice(next);
    const blank = raw === '' || raw === '\r';
    if (skipped < dialect.skipHeader) {
      skipped += 1;
      return undefined;
    }
    return blank && dialect.skipBlankLines ? undefined : recordOf(raw, began, dialect);
  };
  for await (const text of texts) {
    pending += text;
    for (;;) {
      const end = endOfRecord(pending, dialect);
      if (end === undefined && pending.length > LONGEST_RECORD) throw tooLong(line);
      if (end === undefined) break;
      const record = take(end, end + dialect.recordDelimiter.length);
      if (record !== undefined) yield record;
    }
  }
  if (pending === '') return;
  const record = take(pending.length, pending.length);
  if (record !== undefined) yield record;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** Where the first record's delimiter stands; undefined when the text does not hold the whole record yet. */
function endOfRecord(text: string, dialect: CsvDialect): number | undefined {
  const { recordDelimiter, quote, escape, unenclosedEscape } = dialect;
  if (recordDelimiter === '') return undefined;
  if (quote === '' && escape === '' && unenclosedEscape === '') {
    const at = text.indexOf(recordDelimiter);
    return at < 0 ? undefined : at;
  }
  return scan(text, dialect, true).end;
}

interface Field {
  readonly text: string;
  readonly enclosed: boolean;
  readonly start: number;
}

/** Reads fields up to the end of the record; `end` is undefined when the text ends first. */
function scan(text: string, dialect: CsvDialect, toDelimiter: boolean): { fields: Field[]; end: number | undefined } {
  const { delimiter, recordDelimiter, quote, escape, unenclosedEscape } = dialect;
  const fields: Field[] = [];
  let at = 0;
  for (;;) {
    const start = at;
    let content = '';
    let enclosed = false;
    if (quote !== '') {
      let first = at;
      if (dialect.trimSpace) while (text[first] === ' ' || text[first] === '\t') first += 1;
      if (text[first] === quote) {
        enclosed = true;
        at = first + 1;
        for (;;) {
          if (at >= text.length) return { fields: [...fields, { text: content, enclosed, start }], end: undefined };
          const char = text[at] as string;
          if (escape !== '' && char === escape && escape !== quote) {
            if (at + 1 >= text.length) return { fields, end: undefined };
            content += unescaped(text[at + 1] as string);
            at += 2;
          } else if (char === quote) {
            if (text[at + 1] !== quote) break;
            content += quote;
            at += 2;
          } else {
            content += char;
            at += 1;
          }
        }
        at += 1;
        // The quote may be the last of the text so far: what follows decides.
        if (toDelimiter && at >= text.length) return { fields, end: undefined };
      }
    }
    const both = escape === '' ? unenclosedEscape : escape;
    const from = at;
    for (;;) {
      if (at >= text.length) {
        fields.push(fieldOf(content, enclosed, text.slice(from, at), start, dialect, both));
        return { fields, end: undefined };
      }
      const char = text[at] as string;
      if (both !== '' && char === both) {
        at += 2;
        continue;
      }
      if (delimiter !== '' && text.startsWith(delimiter, at)) {
        fields.push(fieldOf(content, enclosed, text.slice(from, at), start, dialect, both));
        at += delimiter.length;
        break;
      }
      if (toDelimiter && recordDelimiter !== '' && text.startsWith(recordDelimiter, at)) {
        return { fields, end: at };
      }
      at += 1;
    }
  }
}

function fieldOf(
  content: string,
  enclosed: boolean,
  rest: string,
  start: number,
  { trimSpace, nullIf }: CsvDialect,
  escape: string,
): Field {
  if (enclosed) return { text: content + (rest.trim() === '' ? '' : rest), enclosed, start };
  const text = trimSpace ? rest.trim() : rest;
  if (escape === '' || !text.includes(escape) || nullIf.includes(text)) return { text, enclosed, start };
  let plain = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== escape || i + 1 >= text.length) plain += text[i];
    else {
      i += 1;
      plain += unescaped(text[i] as string);
    }
  }
  return { text: plain, enclosed, start };
}

function unescaped(char: string): string {
  return ESCAPED[char] ?? char;
}

function recordOf(raw: string, line: number, dialect: CsvDialect): FileRecord {
  const text = dialect.recordDelimiter === '\n' && raw.endsWith('\r') ? raw.slice(0, -1) : raw;
  const { fields } = scan(text, dialect, false);
  return {
    fields: fields.map(({ text: value, enclosed }) => {
      if (dialect.nullIf.includes(value)) return null;
      return value === '' && !enclosed && dialect.emptyAsNull ? null : value;
    }),
    line,
    starts: fields.map(({ start }) => start + 1),
    raw: text,
  };
}

/** The documents of a JSON file one after the other; with `outerArray` those of the array that the file is. */
export async function* jsonRecords(texts: AsyncIterable<string>, outerArray: boolean): AsyncGenerator<FileRecord> {
  let pending = '';
  let line = 1;
  let opened = !outerArray;
  for await (const text of texts) {
    pending += text;
    for (;;) {
      const lead = /^[\s\ufeff]*,?[\s]*/.exec(pending)?.[0] ?? '';
      line += countLines(lead);
      pending = pending.slice(lead.length);
      if (!opened && pending.startsWith('[')) {
        opened = true;
        pending = pending.slice(1);
        continue;
      }
      opened ||= pending !== '';
      if (outerArray && pending.startsWith(']')) {
        pending = pending.slice(1);
        continue;
      }
      const end = endOfDocument(pending);
      if (end === undefined && pending.length > LONGEST_RECORD) throw tooLong(line);
      if (end === undefined) break;
      const raw = pending.slice(0, end);
      pending = pending.slice(end);
      yield document(raw, line);
      line += countLines(raw);
    }
  }
  const rest = pending.trim();
  if (rest !== '') yield document(rest, line);
}

function document(raw: string, line: number): FileRecord {
  const record = { line, starts: [1], raw };
  try {
    JSON.parse(raw);
    return { ...record, fields: [raw] };
  } catch {
    return { ...record, fields: [null], malformed: `Error parsing JSON: ${raw.slice(0, 100)}` };
  }
}

/** The end of the value that the text begins with; undefined when more text may belong to it. */
function endOfDocument(text: string): number | undefined {
  const first = text[0];
  if (first === undefined) return undefined;
  if (first !== '{' && first !== '[' && first !== '"') {
    const end = /[\s,\]}[{"]/.exec(text.slice(1));
    return end === null ? undefined : end.index + 1;
  }
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inText) {
      if (char === '\\') i += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0 && !inText) return i + 1;
  }
  return undefined;
}
