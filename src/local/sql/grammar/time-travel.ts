import type { TimePoint, TimeTravel } from './ast.js';
import { endOfLast, type Grammar } from './grammar.js';

const KEYS = ['TIMESTAMP', 'OFFSET', 'STATEMENT', 'STREAM'] as const;

/** `[CHANGES (INFORMATION => …)] AT | BEFORE (…) [END (…)]` behind a table's name; undefined where there is none. */
export function parseTimeTravel(g: Grammar): TimeTravel | undefined {
  const { cursor } = g;
  const opens = cursor.isSymbol('(', 1);
  if (opens && cursor.isKeyword('CHANGES')) {
    cursor.next();
    cursor.expectSymbol('(');
    cursor.expect('INFORMATION');
    cursor.expectSymbol('=>');
    const kind = cursor.acceptOneOf('DEFAULT', 'APPEND_ONLY');
    if (kind === undefined) throw cursor.error();
    cursor.expectSymbol(')');
    const at = parseTimePoint(g);
    if (at === undefined) throw cursor.error();
    const appendOnly = kind === 'APPEND_ONLY';
    if (!cursor.accept('END')) return { at, changes: { appendOnly } };
    return { at, changes: { appendOnly, until: parseMoment(g, false) } };
  }
  const at = opens ? parseTimePoint(g) : undefined;
  return at === undefined ? undefined : { at };
}

/** `AT (…)` or `BEFORE (…)`. */
export function parseTimePoint(g: Grammar): TimePoint | undefined {
  const word = g.cursor.acceptOneOf('AT', 'BEFORE');
  return word === undefined ? undefined : parseMoment(g, word === 'BEFORE');
}

function parseMoment(g: Grammar, before: boolean): TimePoint {
  const { cursor } = g;
  const { start } = cursor.peek();
  cursor.expectSymbol('(');
  const by = cursor.acceptOneOf(...KEYS) as (typeof KEYS)[number] | undefined;
  if (by === undefined) throw cursor.error();
  cursor.expectSymbol('=>');
  const value = g.expression();
  cursor.expectSymbol(')');
  return { by, value, before, start, end: endOfLast(cursor) };
}
