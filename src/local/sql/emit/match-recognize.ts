import type { PatternNode } from '../../engine/row-pattern/pattern-node.js';
import { compilePattern } from '../../engine/row-pattern/program.js';
import {
  FIRST_MARK,
  markOf,
  NO_SYMBOL,
  type PatternSearch,
  SYMBOLS_IN_CHARACTER,
} from '../../engine/row-pattern/search.js';
import type { FromItem, RowPattern, Window } from '../grammar/ast.js';
import { hasExclusion, symbolsOf } from '../grammar/row-pattern.js';
import { duckString, quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { asBoolean } from './coerce.js';
import { columnName } from './column-names.js';
import { type Context, compilationError, type EmittedQuery, freshAlias } from './context.js';
import type { EmittedFrom } from './from-source.js';
import { columnOf, type Frame, type OutColumn, type Source } from './names.js';
import { definitionContext } from './row-pattern-definitions.js';
import { measureContext } from './row-pattern-measures.js';
import { storedAs } from './stored-as.js';
import type { Type, Typed } from './typed.js';

type Item = FromItem & { kind: 'match-recognize' };

/** Marks are characters below the surrogates of UTF-16. */
const MOST_SYMBOLS = 1_000;

/**
 * MATCH_RECOGNIZE in three steps: DuckDB numbers the rows of each partition and tells by a character or more which symbols each of them may be mapped to, which
 * window functions over the partition decide; `find_matches` finds the matches; and their rows are joined to what was found, so that measures are window functions
 * over partition and match number.
 */
export function emitMatchRecognize(item: Item, cx: Context, from: EmittedFrom): EmittedQuery {
  if (cx.recursive === true) throw unsupported('MATCH_RECOGNIZE in a recursive common table expression');
  const inner: Context = {
    ...cx,
    frame: { sources: from.sources, shared: from.shared, alias: () => undefined, parent: cx.frame },
  };
  const symbols = symbolNumbers(item, cx);
  const search = searchOf(item, symbols, cx);
  const keys = item.partitionBy.map(({ expr }) => inner.expression(expr, inner));
  const key = (i: number): string => `"p${i}"`;
  const keyList = keys.map((_, i) => `${key(i)}, `).join('');
  const alias = freshAlias(cx, 'match');
  const carried = new Carried(alias, from);

  const rows = `SELECT ${[
    ...carried.outputs,
    ...keys.map((value, i) => `${storedAs(value, value.type, {})} AS ${key(i)}`),
    `${rowNumber(item, inner)} AS "row"`,
    `${candidates(item, symbols, inner)} AS "candidates"`,
  ].join(', ')} FROM ${from.sql}`;
  const rowsName = quoteName(freshAlias(cx, 'match rows'));
  const textsName = quoteName(freshAlias(cx, 'match texts'));
  const foundIn = (place: string): string =>
    `find_matches("texts", ${duckString(JSON.stringify(search.search))}, ${place})`;
  const byKeys = keys.length > 0 ? ` GROUP BY ${keys.map((_, i) => key(i)).join(', ')}` : '';
  const texts = `SELECT ${keyList}string_agg("candidates", '' ORDER BY "row") AS "texts" FROM ${rowsName}${byKeys}`;
  const parts = `SELECT ${keyList}"texts", ${foundIn("''")} AS "found" FROM (${texts}) UNION ALL SELECT ${keyList}"texts", ${foundIn(`"found"[:instr("found", ';') - 1]`)} FROM ${textsName} WHERE NOT starts_with("found", ';')`;
  const matches = `SELECT ${keyList}unnest(string_split("found"[instr("found", ';') + 1:], ';')) AS "found" FROM ${textsName} WHERE NOT ends_with("found", ';')`;
  const found = `SELECT ${keyList}CAST(split_part("found", ',', 1) AS BIGINT) AS "match", CAST(split_part("found", ',', 2) AS BIGINT) AS "first", string_split(split_part("found", ',', 3), '') AS "path" FROM (${matches})`;
  const steps = `SELECT ${keyList}"match", "first", len("path") AS "length", unnest(range(1, len("path") + 1)) AS "place", unnest("path") AS "mark" FROM (${found})`;
  const marks = `SELECT ${keyList}"match", "place", "first" + "place" - 1 AS "at", "place" = "length" AS "last", CASE WHEN "mark" <> '' THEN unicode("mark") - ${FIRST_MARK} END AS "mark" FROM (${steps})`;
  const same = keys.map((_, i) => `"rows".${key(i)} IS NOT DISTINCT FROM "marks".${key(i)} AND `).join('');
  const join = item.rows === 'all and unmatched' ? 'LEFT JOIN' : 'JOIN';
  const matched = `SELECT "rows".*, "match", "place", "last", "mark", "mark" >> 1 AS "symbol" FROM ${rowsName} AS "rows" ${join} (${marks}) AS "marks" ON ${same}"rows"."row" = "marks"."at"`;

  const measures = measureContext(
    { ...cx, frame: carried.frame(cx) },
    { alias, keys: keys.length, symbols, rows: item.rows, matchesEmpty: search.matchesEmpty },
  );
  const outputs: { name: string; value: Typed }[] =
    item.rows === 'one'
      ? keys.map((value, i) => ({
          name: columnName(item.partitionBy[i] as Item['partitionBy'][number], cx.text),
          value: { sql: `${quoteName(alias)}.${key(i)}`, type: value.type, exact: true },
        }))
      : carried.shown();
  for (const { expr, name } of item.measures) {
    const value = measures.expression(expr, measures);
    outputs.push({ name, value: item.rows === 'all and unmatched' ? ofMatchOnly(value, alias) : value });
  }
  if (outputs.length === 0) throw compilationError(cx, '000904', '42000', 'SELECT with no columns', item.start);
  const { sql, columns } = output(item, outputs, alias, keys.length, matched);
  return { sql: `WITH RECURSIVE ${rowsName} AS MATERIALIZED (${rows}), ${textsName} AS (${parts}) ${sql}`, columns };
}

function ofMatchOnly(value: Typed, alias: string): Typed {
  const { literal: _none, nanoseconds: _also, ...rest } = value;
  return { ...rest, sql: `CASE WHEN ${quoteName(alias)}."match" IS NOT NULL THEN ${value.sql} END` };
}

/** The rows that are asked for, in the order of partitions and matches. */
function output(
  item: Item,
  outputs: readonly { name: string; value: Typed }[],
  alias: string,
  keys: number,
  matched: string,
): { sql: string; columns: readonly OutColumn[] } {
  const columns = outputs.map(({ name, value }, i): OutColumn => ({ name, type: value.type, duck: `o${i}` }));
  const list = outputs.map(({ value }, i) => `${storedAs(value, value.type, {})} AS "o${i}"`);
  const at = quoteName(alias);
  const order = Array.from({ length: keys }, (_, i) => `${at}."p${i}"`);
  order.push(
    ...(item.rows === 'all and unmatched' ? ['"row"', '"match"'] : ['"match"', '"place"']).map(
      (name) => `${at}.${name}`,
    ),
  );
  const kept: string[] = [];
  if (item.rows === 'one') kept.push('"last"');
  else if (hasExclusion(item.pattern)) kept.push('coalesce("mark" % 2, 0) = 0');
  if (item.rows === 'all but empty') kept.push('"mark" IS NOT NULL');
  const source = `(${matched}) AS ${at}`;
  if (kept.length === 0)
    return { sql: `SELECT ${list.join(', ')} FROM ${source} ORDER BY ${order.join(', ')}`, columns };
  const asked = kept.map((condition) => condition.replace(/"(last|mark)"/, `${at}."$1"`)).join(' AND ');
  const names = columns.map(({ duck }) => quoteName(duck as string)).join(', ');
  const sorted = order.map((key, i) => `${key} AS "s${i}"`);
  return {
    sql: `SELECT ${names} FROM (SELECT ${[...list, ...sorted].join(', ')}, ${asked} AS "kept" FROM ${source}) WHERE "kept" ORDER BY ${order.map((_, i) => `"s${i}"`).join(', ')}`,
    columns,
  };
}

/** The columns of the rows on their way to the measures. */
class Carried {
  readonly outputs: readonly string[];
  readonly #alias: string;
  readonly #sources: readonly Source[];
  readonly #shared: ReadonlyMap<string, Typed>;

  constructor(alias: string, from: EmittedFrom) {
    this.#alias = alias;
    const outputs: string[] = [];
    const carry = (value: Typed): string => {
      const name = `c${outputs.length}`;
      outputs.push(`${storedAs(value, value.type, {})} AS "${name}"`);
      return name;
    };
    this.#sources = from.sources.map((source): Source => {
      if (source.columns === undefined) throw unsupported('MATCH_RECOGNIZE over rows whose columns are not known');
      const columns = source.columns.map(
        (column): OutColumn => ({ name: column.name, type: column.type, duck: carry(columnOf(source, column)) }),
      );
      const { row: _row, rowid: _rowid, ...rest } = source;
      return { ...rest, alias, columns };
    });
    this.#shared = new Map(
      [...from.shared].map(([name, value]) => [name, this.#column(carry(value), value.type)] as const),
    );
    this.outputs = outputs;
  }

  #column(name: string, type: Type): Typed {
    return { sql: `${quoteName(this.#alias)}.${quoteName(name)}`, type, exact: true };
  }

  frame(cx: Context): Frame {
    return { sources: this.#sources, shared: this.#shared, alias: () => undefined, parent: cx.frame };
  }

  /** As `*` gives them. */
  shown(): { name: string; value: Typed }[] {
    return this.#sources.flatMap((source) =>
      (source.columns ?? [])
        .filter((column) => !source.merged.has(column.name))
        .map((column) => ({ name: column.name, value: this.#shared.get(column.name) ?? columnOf(source, column) })),
    );
  }
}

/** The symbols of PATTERN and DEFINE by number; those of PATTERN first. */
function symbolNumbers(item: Item, cx: Context): ReadonlyMap<string, number> {
  const numbers = new Map(symbolsOf(item.pattern).map((symbol, i) => [symbol.name, i] as const));
  const defined = new Set<string>();
  for (const { symbol } of item.define) {
    if (defined.has(symbol.name))
      throw compilationError(cx, '002025', '42S21', `duplicate symbol '${symbol.name}' in DEFINE`, symbol.start);
    defined.add(symbol.name);
    if (!numbers.has(symbol.name)) numbers.set(symbol.name, numbers.size);
  }
  if (numbers.size > MOST_SYMBOLS) throw unsupported(`MATCH_RECOGNIZE with more than ${MOST_SYMBOLS} symbols`);
  return numbers;
}

function searchOf(
  item: Item,
  symbols: ReadonlyMap<string, number>,
  cx: Context,
): { search: PatternSearch; matchesEmpty: boolean } {
  const { skip } = item;
  if (item.rows === 'all and unmatched' && hasExclusion(item.pattern))
    throw compilationError(
      cx,
      '001003',
      '42000',
      'WITH UNMATCHED ROWS is not allowed where PATTERN has exclusions.',
      item.start,
    );
  const pattern = patternNode(item.pattern, symbols, false);
  const used = new Set(symbolsOf(item.pattern).map((symbol) => symbol.name));
  if ('symbol' in skip && !used.has(skip.symbol.name))
    throw compilationError(cx, '000904', '42000', `invalid identifier '${skip.symbol.name}'`, skip.symbol.start);
  const target =
    'symbol' in skip
      ? { to: skip.to, symbol: symbols.get(skip.symbol.name) ?? 0, name: skip.symbol.name }
      : { to: skip.to };
  try {
    const { matchesEmpty } = compilePattern(pattern);
    return { search: { pattern, width: charactersFor(used.size), skip: target }, matchesEmpty };
  } catch (error) {
    if (error instanceof RangeError) throw unsupported('a PATTERN of that size');
    throw error;
  }
}

function charactersFor(symbols: number): number {
  return Math.max(1, Math.ceil(symbols / SYMBOLS_IN_CHARACTER));
}

function patternNode(pattern: RowPattern, symbols: ReadonlyMap<string, number>, excluded: boolean): PatternNode {
  switch (pattern.kind) {
    case 'symbol': {
      const symbol = symbols.get(pattern.name.name) as number;
      return { kind: 'symbol', symbol, mark: markOf(symbol, excluded) };
    }
    case 'start':
    case 'end':
      return { kind: pattern.kind };
    case 'exclusion':
      return patternNode(pattern.item, symbols, true);
    case 'sequence':
    case 'choice':
    case 'permute':
      return { kind: pattern.kind, items: pattern.items.map((part) => patternNode(part, symbols, excluded)) };
    case 'repeat': {
      const { min, max = null, reluctant } = pattern;
      return { kind: 'repeat', item: patternNode(pattern.item, symbols, excluded), min, max, reluctant };
    }
  }
}

function windowOf(item: Item): Window {
  return { partitionBy: item.partitionBy.map(({ expr }) => expr), orderBy: item.orderBy };
}

function rowNumber(item: Item, cx: Context): string {
  const { start, end } = item;
  return cx.call({ kind: 'call', name: ['ROW_NUMBER'], args: [], over: windowOf(item), start, end }, cx).sql;
}

/** For each row the symbols of the pattern that it may be mapped to, as `find_matches` reads them. */
function candidates(item: Item, symbols: ReadonlyMap<string, number>, cx: Context): string {
  const define = definitionContext(cx, windowOf(item), symbols);
  const conditions = new Map(
    item.define.map(({ symbol, condition }) => [symbol.name, asBoolean(define.expression(condition, define))]),
  );
  const used = symbolsOf(item.pattern);
  const characters = Array.from({ length: charactersFor(used.length) }, (_, i) => {
    const group = used.slice(i * SYMBOLS_IN_CHARACTER, (i + 1) * SYMBOLS_IN_CHARACTER);
    const bits = group.map(({ name }, bit) => {
      const condition = conditions.get(name);
      return condition === undefined ? String(2 ** bit) : `CASE WHEN ${condition} THEN ${2 ** bit} ELSE 0 END`;
    });
    return `chr(CAST(${[String(NO_SYMBOL), ...bits].join(' + ')} AS INTEGER))`;
  });
  return characters.join(' || ');
}
