import type { TimePoint, TimeTravel } from '../grammar/ast.js';
import type { PastMoment, Relation } from '../scope.js';
import { asLtz, asNtz, asNumber, asText } from './coerce.js';
import { type Context, compilationError } from './context.js';
import type { Typed } from './typed.js';

/** The relation of that name at a moment of the past, or what changed in it from then on. */
export function travelled(travel: TimeTravel, names: readonly string[], cx: Context): Relation {
  const { at, changes } = travel;
  if (changes === undefined) {
    if (at.by === 'STREAM') {
      throw compilationError(cx, '001003', '42000', 'STREAM is allowed only with CHANGES and CREATE STREAM.', at.start);
    }
    return cx.scope.relation(names, undefined, momentAt(at, cx));
  }
  const until = changes.until === undefined ? undefined : momentAt(changes.until, cx);
  return cx.scope.changes(names, momentAt(at, cx), until, changes.appendOnly);
}

/**
 * The moment that the clause names. Its value is a constant expression, which DuckDB computes. Texts, dates and moments without a time zone
 * are taken as of UTC.
 */
export function momentAt({ by, value, before }: TimePoint, cx: Context): PastMoment {
  const gathered = { ...cx.gathered, binds: [] as string[] };
  const inner: Context = { ...cx, gathered, frame: undefined, ctes: new Map() };
  const given = inner.expression(value, inner);
  const text = typeof given.literal === 'string' && by !== 'TIMESTAMP' ? given.literal : undefined;
  const [found] = text === undefined ? cx.scope.valuesOf(`SELECT ${asValue(by, given)}`, gathered.binds) : [text];
  if (found === undefined || found === 'null') {
    throw compilationError(cx, '001015', '22023', `the value of ${by} must not be NULL`, value.start);
  }
  return cx.scope.moment({ by, value: found, before });
}

function asValue(by: TimePoint['by'], given: Typed): string {
  if (by === 'OFFSET') return `CAST(CAST(${asNumber(given).sql} AS DOUBLE) AS VARCHAR)`;
  if (by !== 'TIMESTAMP') return asText(given);
  switch (given.type.name) {
    case 'UNKNOWN':
      return `CAST(epoch_us(CAST(${given.sql} AS TIMESTAMPTZ)) AS VARCHAR)`;
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `CAST(epoch_us(${asLtz(given)}) AS VARCHAR)`;
    default:
      return `CAST(epoch_us(${asNtz(given)}) AS VARCHAR)`;
  }
}
