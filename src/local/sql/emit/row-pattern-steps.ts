import { FIRST_MARK, type PatternSearch } from '../../engine/row-pattern/search.js';
import { duckString, quoteName } from '../lexer.js';
import { type Context, freshAlias } from './context.js';

/** How the expressions of PARTITION BY are called on the way. */
export function keyName(i: number): string {
  return `"p${i}"`;
}

/** DuckDB text of what comes between the rows and the measures. */
export interface MatchSteps {
  /** Common tables, for WITH RECURSIVE. */
  readonly tables: string;
  /** A query: the rows of matches, those of several matches more than once, with `match`, `place`, `last`, `mark` and `symbol`. */
  readonly matched: string;
}

/**
 * `rows` is a query that gives the columns to carry along, the keys, `row` (a number in the partition, from 1) and `candidates` (the symbols
 * that the row may be mapped to, as `find_matches` reads them). `unmatched`: with the rows of no match, whose `match` is NULL.
 */
export function matchSteps(
  cx: Context,
  rows: string,
  keys: number,
  search: PatternSearch,
  unmatched: boolean,
): MatchSteps {
  const names = Array.from({ length: keys }, (_, i) => keyName(i));
  const select = (...columns: readonly string[]): string => `SELECT ${[...names, ...columns].join(', ')}`;
  const rowsName = quoteName(freshAlias(cx, 'match rows'));
  const searchName = quoteName(freshAlias(cx, 'match search'));
  const find = (place: string): string =>
    `find_matches("text", ${duckString(JSON.stringify(search))}, ${place}) AS "found"`;

  const groups = keys > 0 ? ` GROUP BY ${names.join(', ')}` : '';
  const texts = `${select(`string_agg("candidates", '' ORDER BY "row") AS "text"`)} FROM ${rowsName}${groups}`;
  const next = `${select('"text"', find(`"found"[:instr("found", ';') - 1]`))} FROM ${searchName} WHERE NOT starts_with("found", ';')`;
  const calls = `${select('"text"', find("''"))} FROM (${texts}) UNION ALL ${next}`;

  const each = `unnest(string_split("found"[instr("found", ';') + 1:], ';')) AS "found"`;
  const matches = `${select(each)} FROM ${searchName} WHERE NOT ends_with("found", ';')`;
  const part = (i: number): string => `split_part("found", ',', ${i})`;
  const paths = `${select(`CAST(${part(1)} AS BIGINT) AS "match"`, `CAST(${part(2)} AS BIGINT) AS "first"`, `string_split(${part(3)}, '') AS "path"`)} FROM (${matches})`;
  const places = `unnest(range(1, len("path") + 1)) AS "place"`;
  const steps = `${select('"match"', '"first"', 'len("path") AS "length"', places, `unnest("path") AS "mark"`)} FROM (${paths})`;
  const mark = `CASE WHEN "mark" <> '' THEN unicode("mark") - ${FIRST_MARK} END AS "mark"`;
  const marks = `${select('"match"', '"place"', '"first" + "place" - 1 AS "at"', '"place" = "length" AS "last"', mark)} FROM (${steps})`;

  const same = names.map((name) => `"rows".${name} IS NOT DISTINCT FROM "marks".${name}`);
  const on = [...same, '"rows"."row" = "marks"."at"'].join(' AND ');
  return {
    tables: `${rowsName} AS MATERIALIZED (${rows}), ${searchName} AS (${calls})`,
    matched: `SELECT "rows".*, "match", "place", "last", "mark", "mark" >> 1 AS "symbol" FROM ${rowsName} AS "rows" ${unmatched ? 'LEFT ' : ''}JOIN (${marks}) AS "marks" ON ${on}`,
  };
}
