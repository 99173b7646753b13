import { quoteName } from '../lexer.js';
import { castTo } from './cast.js';
import { losesDigits } from './coerce.js';
import type { EmittedQuery } from './context.js';
import { groupingKey } from './grouped-instants.js';
import type { OutColumn } from './names.js';
import { commonType, isSemiStructured, isSnowflakeType, NULL, type Type, type Typed, typed } from './typed.js';

/** UNION: moments of TIMESTAMP_TZ are the same when their instants are, texts when their collations say so. */
export function instantsOnce(sides: readonly string[], columns: readonly OutColumn[]): string {
  const keys = columns.map(({ type }, i) => groupingKey(typed(`"c${i}"`, type)) ?? `"c${i}"`);
  const items = columns.map((column, i) => `"c${i}" AS ${quoteName(column.duck ?? column.name)}`);
  const list = columns.map((_, i) => `"c${i}"`).join(', ');
  return `SELECT DISTINCT ON (${keys.join(', ')}) ${items.join(', ')} FROM (${sides.join(' UNION ALL ')}) AS "both"(${list})`;
}

/** UNION BY NAME: the left side's columns, then those that only the right one has; what a side lacks is NULL. */
export function unionByName(op: string, left: EmittedQuery, right: EmittedQuery): EmittedQuery {
  const [own, others] = [left.columns ?? [], right.columns ?? []];
  const typeIn = (columns: readonly OutColumn[], name: string): Type | undefined =>
    columns.find((column) => column.name === name)?.type;
  const columns = [...own, ...others.filter((column) => typeIn(own, column.name) === undefined)].map(
    (column): OutColumn => ({
      name: column.name,
      type: commonType(typeIn(own, column.name) ?? column.type, typeIn(others, column.name) ?? column.type),
    }),
  );
  return { sql: `${byNames(left, columns)} ${op.replace(' BY NAME', '')} ${byNames(right, columns)}`, columns };
}

function byNames(query: EmittedQuery, target: readonly OutColumn[]): string {
  const from = query.columns ?? [];
  const items = target.map((goal) => {
    const at = from.findIndex((column) => column.name === goal.name);
    const given: Typed =
      at < 0 ? { sql: 'NULL', type: NULL } : { sql: `"arm"."c${at}"`, type: (from[at] as OutColumn).type, exact: true };
    return `${isSnowflakeType(goal.type) ? castTo(given, goal.type).sql : given.sql} AS ${quoteName(goal.name)}`;
  });
  return `SELECT ${items.join(', ')} FROM (${query.sql}) AS "arm"(${from.map((_, i) => `"c${i}"`).join(', ')})`;
}

/** DuckDB finds common types of numbers as Snowflake does; anything else is cast. */
export function retyped(query: EmittedQuery, target: readonly OutColumn[]): string {
  const differs = query.columns?.some((column, i) => needsCast(column.type, target[i]?.type)) ?? false;
  if (!differs) return query.sql;
  const items = (query.columns ?? []).map((column, i) => {
    const goal = target[i] as OutColumn;
    const value: Typed = { sql: `"arm"."c${i}"`, type: column.type, exact: true };
    const sql = isSnowflakeType(goal.type) ? castTo(value, goal.type).sql : value.sql;
    return `${sql} AS ${quoteName(goal.duck ?? goal.name)}`;
  });
  const list = (query.columns ?? []).map((_, i) => `"c${i}"`).join(', ');
  return `SELECT ${items.join(', ')} FROM (${query.sql}) AS "arm"(${list})`;
}

function needsCast(from: Type, to: Type | undefined): boolean {
  if (to === undefined || !isSnowflakeType(to) || from.name === 'NULL') return false;
  if (losesDigits(from, to)) return true;
  return (
    from.name !== to.name &&
    !(from.name === 'FIXED' && to.name === 'REAL') &&
    !(isSemiStructured(from) && isSemiStructured(to))
  );
}
