import type { PatternNode } from '../../engine/row-pattern/pattern-node.js';
import { compilePattern } from '../../engine/row-pattern/program.js';
import { markOf, NO_SYMBOL, type PatternSearch, SYMBOLS_IN_CHARACTER } from '../../engine/row-pattern/search.js';
import { Call } from '../functions/call.js';
import { emitOver } from '../functions/window.js';
import type { FromItem, RowPattern, Window } from '../grammar/ast.js';
import { hasExclusion, symbolsOf } from '../grammar/row-pattern.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { asBoolean } from './coerce.js';
import { columnName } from './column-names.js';
import { type Context, compilationError, type EmittedQuery, freshAlias } from './context.js';
import type { EmittedFrom } from './from-source.js';
import type { OutColumn } from './names.js';
import { CarriedColumns } from './row-pattern-columns.js';
import { definitionContext } from './row-pattern-definitions.js';
import { measureContext } from './row-pattern-measures.js';
import { keyName, matchSteps } from './row-pattern-steps.js';
import { storedAs } from './stored-as.js';
import type { Typed } from './typed.js';

type Item = FromItem & { kind: 'match-recognize' };

/** Their marks are characters below the surrogates of UTF-16. */
const MOST_SYMBOLS = 1_000;

/**
 * MATCH_RECOGNIZE in three steps. DuckDB numbers the rows of each partition and tells by window functions which symbols each of them may be
 * mapped to: no condition depends on the match. `find_matches` finds the matches. Their rows are joined to what was found, and measures are
 * window functions over partition and match number.
 */
export function emitMatchRecognize(item: Item, cx: Context, from: EmittedFrom): EmittedQuery {
  if (cx.recursive === true) throw unsupported('MATCH_RECOGNIZE in a recursive common table expression');
  if (from.sql.startsWith('LATERAL ')) throw unsupported('MATCH_RECOGNIZE of a lateral table');
  const inner: Context = {
    ...cx,
    frame: { sources: from.sources, shared: from.shared, alias: () => undefined, parent: cx.frame },
  };
  const symbols = symbolNumbers(item, cx);
  const search = searchOf(item, symbols, cx);
  const keys = item.partitionBy.map(({ expr }) => inner.expression(expr, inner));
  const alias = freshAlias(cx, 'match');
  const carried = new CarriedColumns(alias, from);

  const rows = `SELECT ${[
    ...carried.outputs,
    ...keys.map((value, i) => `${storedAs(value, value.type, {})} AS ${keyName(i)}`),
    `${rowNumber(item, inner)} AS "row"`,
    `${candidates(item, symbols, inner)} AS "candidates"`,
  ].join(', ')} FROM ${from.sql}`;
  const steps = matchSteps(cx, rows, keys.length, search.search, item.rows === 'all and unmatched');

  const measures = measureContext(
    { ...cx, frame: carried.frame(cx) },
    { alias, keys: keys.length, symbols, rows: item.rows, matchesEmpty: search.matchesEmpty },
  );
  const outputs: { name: string; value: Typed }[] =
    item.rows === 'one'
      ? keys.map((value, i) => ({
          name: columnName(item.partitionBy[i] as Item['partitionBy'][number], cx.text),
          value: { sql: `${quoteName(alias)}.${keyName(i)}`, type: value.type, exact: true },
        }))
      : carried.shown();
  for (const { expr, name } of item.measures) {
    const value = measures.expression(expr, measures);
    outputs.push({ name, value: item.rows === 'all and unmatched' ? ofMatchOnly(value, alias) : value });
  }
  if (outputs.length === 0) throw compilationError(cx, '000904', '42000', 'SELECT with no columns', item.start);
  const { sql, columns } = output(item, outputs, alias, keys.length, steps.matched);
  return { sql: `WITH RECURSIVE ${steps.tables} ${sql}`, columns };
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
  const order = Array.from({ length: keys }, (_, i) => `${at}.${keyName(i)}`);
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

/** Any order will do where none is given, but one and the same for the whole statement. */
function rowNumber(item: Item, cx: Context): string {
  const { start, end } = item;
  const call = new Call({ kind: 'call', name: ['ROW_NUMBER'], args: [], over: windowOf(item), start, end }, cx);
  return `row_number()${emitOver(call)}`;
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
