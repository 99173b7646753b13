import { LocalError } from '../../engine/local-error.js';
import { asText } from '../emit/coerce.js';
import { expandStar } from '../emit/star.js';
import { BOOLEAN, isSemiStructured, type Typed, typed } from '../emit/typed.js';
import type { Expr } from '../grammar/ast.js';
import { duckString } from '../lexer.js';
import { positionOf } from '../syntax-error.js';
import { type Call, type FunctionTable, rule } from './call.js';

/** What parts the tokens of a text for the default analyzer. */
const DELIMITERS = ` []{}()<>;|!,'"*&?+/:=@.-$%\\_\n\r\t`;
const DELIMITER_CLASS = `[${[...DELIMITERS].map((one) => (/\w|\s/.test(one) && one !== '_' ? one : `\\${one}`)).join('')}]`;
/** Stands around each token. */
const EDGE = '\u0001';
const ANALYZERS = new Set(['DEFAULT_ANALYZER', 'UNICODE_ANALYZER', 'NO_OP_ANALYZER']);
const MODES = new Set(['OR', 'AND', 'PHRASE', 'EXACT']);

/** The texts that are searched: `a`, `(a, b)`, `*`, `(t.*)`; what holds no text is left out. Throws 001173 where none is left. */
function searched(call: Call): Typed[] {
  const node = call.expr(0);
  const nodes = node.kind === 'tuple' ? node.items : [node];
  const values = nodes.flatMap((item) =>
    item.kind === 'star' ? starred(item, call) : [call.cx.expression(item, call.cx)],
  );
  const texts = values.filter(holdsText);
  if (texts.length > 0) return texts;
  const at = positionOf(call.cx.text, call.node.start);
  throw new LocalError(
    '001173',
    '22023',
    `SQL compilation error: error line ${at.line} at position ${at.position}: Expected non-empty set of columns supporting full-text search.`,
    at,
  );
}

function starred(star: Expr & { kind: 'star' }, call: Call): Typed[] {
  const values: Typed[] = [];
  expandStar(
    star,
    call.cx,
    (_name, value) => values.push(value),
    () => {
      throw call.error('001003', '42000', `'*' in ${call.name} needs columns that are known`);
    },
  );
  return values;
}

function holdsText({ type }: Typed): boolean {
  return type.name === 'TEXT' || type.name === 'UNKNOWN' || type.name === 'NULL' || isSemiStructured(type);
}

/** A constant text. Throws 001045 for another type, 001015 for what is no constant. */
function constant(call: Call, i: number): string | null {
  const { literal, type } = call.arg(i);
  if (literal === null || typeof literal === 'string') return literal;
  if (type.name !== 'TEXT')
    throw new LocalError('001045', '22023', `SQL compilation error:\nargument needs to be a string: '${i}'`);
  throw new LocalError(
    '001015',
    '22023',
    `SQL compilation error:\nargument ${i + 1} to function ${call.name} needs to be constant, found '${qualified(call, i)}'`,
  );
}

/** A column with its table's name, as messages show it; anything else in upper case. */
function qualified(call: Call, i: number): string {
  const { start, end } = call.expr(i);
  const written = call.cx.text.slice(start, end).toUpperCase();
  const sources = call.cx.frame?.sources ?? [];
  return /^\w+$/.test(written) && sources.length === 1 && sources[0]?.name !== undefined
    ? `${sources[0].name}.${written}`
    : written;
}

/** ANALYZER and SEARCH_MODE are given by name. Throws 001881, or 000939 where more texts stand before them than one. */
function assertNamed(call: Call): void {
  const { args } = call.node;
  const named = args.filter(({ name }) => name !== undefined).length;
  if (args.length - named <= 2) return;
  if (named === 0 && args.length === 3)
    throw new LocalError('001881', '42601', 'SQL compilation error: Expected 1 named argument(s), found 0');
  const shown = call.cx.text.slice(call.node.start, call.node.end).toUpperCase();
  const counts = `expected ${2 + named}, got ${args.length}`;
  throw call.error('000939', '22023', `too many arguments for function [${shown}] ${counts}`);
}

function choice(call: Call, i: number, standard: string, known: ReadonlySet<string>): string {
  if (!call.has(i)) return standard;
  const given = constant(call, i)?.toUpperCase() ?? '';
  if (known.has(given)) return given;
  const shown = [...known].join(', ');
  throw call.error('001015', '22023', `invalid value '${given}' for an argument of ${call.name}: ${shown} are there.`);
}

/** Whether any of the texts is one: NULL where all are NULL. */
function anyOf(values: readonly Typed[], test: (text: string) => string): Typed {
  const tests = values.map((value) => test(asText(value)));
  const [only = 'FALSE'] = tests;
  if (tests.length === 1) return typed(only, BOOLEAN, true);
  const known = values.map((value) => `${value.sql} IS NOT NULL`).join(' OR ');
  const found = tests.map((one) => `coalesce(${one}, FALSE)`).join(' OR ');
  return typed(`CASE WHEN ${known} THEN ${found} END`, BOOLEAN, true);
}

function tokensOf(text: string, analyzer: string): readonly string[] {
  const folded = text.toLowerCase();
  if (analyzer === 'UNICODE_ANALYZER') {
    const segments = new Intl.Segmenter('en', { granularity: 'word' }).segment(folded);
    return [...segments].flatMap(({ segment, isWordLike }) => (isWordLike === true ? [segment] : []));
  }
  return folded.split(new RegExp(DELIMITER_CLASS)).filter((token) => token !== '');
}

/** The text with an edge around each of its tokens. */
function edged(text: string, analyzer: string): string {
  if (analyzer === 'UNICODE_ANALYZER') return `unicode_words(${text})`;
  const edge = duckString(EDGE);
  return `(${edge} || regexp_replace(lower(${text}), ${duckString(`${DELIMITER_CLASS}+`)}, ${edge}, 'g') || ${edge})`;
}

const search = rule(
  2,
  99,
  (call) => {
    assertNamed(call);
    const values = searched(call);
    const wanted = constant(call, 1);
    const analyzer = choice(call, 2, 'DEFAULT_ANALYZER', ANALYZERS);
    const mode = choice(call, 3, 'OR', MODES);
    if (wanted === null) return typed('CAST(NULL AS BOOLEAN)', BOOLEAN, true);
    if (analyzer === 'NO_OP_ANALYZER') return anyOf(values, (text) => `(${text} = ${duckString(wanted)})`);
    const tokens = tokensOf(wanted, analyzer);
    if (tokens.length === 0) return anyOf(values, (text) => `(${text} IS NULL AND NULL)`);
    const around = (inside: string): string => duckString(`${EDGE}${inside}${EDGE}`);
    if (mode === 'PHRASE' || mode === 'EXACT') {
      const phrase = around(tokens.join(EDGE));
      const literally = duckString(wanted.trim().toLowerCase());
      return anyOf(values, (text) => {
        const inOrder = `contains(${edged(text, analyzer)}, ${phrase})`;
        return mode === 'EXACT' ? `(${inOrder} AND contains(lower(${text}), ${literally}))` : inOrder;
      });
    }
    return anyOf(values, (text) => {
      const tests = tokens.map((token) => `contains(${edged(text, analyzer)}, ${around(token)})`);
      return `(${tests.join(` ${mode} `)})`;
    });
  },
  ['', '', 'ANALYZER', 'SEARCH_MODE'],
);

const searchIp = rule(2, 2, (call) => {
  const values = searched(call);
  const wanted = constant(call, 1);
  if (wanted === null) return typed('CAST(NULL AS BOOLEAN)', BOOLEAN, true);
  return anyOf(values, (text) => `has_address(${text}, ${duckString(wanted)})`);
});

/** Searches in texts: by words, and for addresses. */
export const SEARCHES: FunctionTable = {
  SEARCH: search,
  SEARCH_IP: searchIp,
};
