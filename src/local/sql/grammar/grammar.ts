import type { TokenCursor } from '../token-cursor.js';
import type { Expr, Ident, Query } from './ast.js';

/** What the grammar's parts need of each other: expressions hold queries, queries hold expressions. */
export interface Grammar {
  readonly cursor: TokenCursor;
  /** Binds met so far; `?` is numbered in the order of the text. */
  readonly questionMarks: { count: number };
  /** Columns met so far that are marked with `(+)`. */
  readonly outerMarks: { count: number };
  /** How many MATCH_RECOGNIZE stand around: in them FINAL and RUNNING are no names of columns when a call follows. */
  readonly matches: { depth: number };
  readonly query: () => Query;
  readonly expression: () => Expr;
}

export function ident(cursor: TokenCursor): Ident {
  const token = cursor.peek();
  const name = cursor.identifier();
  return { name, quoted: token.kind === 'quoted', start: token.start, end: token.end };
}

/** `a, b, c` until the list ends. */
export function commaList<T>(cursor: TokenCursor, item: () => T): T[] {
  const items = [item()];
  while (cursor.acceptSymbol(',')) items.push(item());
  return items;
}

/** `(a, b, c)`; empty parentheses give an empty list. */
export function parenList<T>(cursor: TokenCursor, item: () => T): T[] {
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return [];
  const items = commaList(cursor, item);
  cursor.expectSymbol(')');
  return items;
}

/** End of the last token read. */
export function endOfLast(cursor: TokenCursor): number {
  return cursor.tokens[cursor.index - 1]?.end ?? 0;
}

/** Words that Snowflake reserves: they are neither names of columns nor aliases without quotes. */
const RESERVED = new Set(
  `ALL ALTER AND ANY AS BETWEEN BY CASE CAST CHECK CONNECT CREATE CROSS CURRENT DELETE DISTINCT DROP ELSE EXISTS FOLLOWING
   FOR FROM FULL GRANT GROUP HAVING ILIKE IN INCREMENT INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT LIKE MINUS NATURAL
   NOT NULL OF ON OR ORDER QUALIFY REGEXP REVOKE RIGHT RLIKE ROW ROWS SAMPLE SELECT SET SOME START TABLE TABLESAMPLE THEN
   TO TRIGGER UNION UNIQUE UPDATE USING VALUES WHEN WHENEVER WHERE WITH EXCEPT`.split(/\s+/),
);

export function isReserved(word: string): boolean {
  return RESERVED.has(word);
}

/** Words that end a select item or a table and so are no alias unless AS stands before them. */
const NO_ALIAS = new Set(
  'LIMIT OFFSET FETCH ASOF MATCH_CONDITION WINDOW EXCLUDE REPLACE RENAME CHANGES UNPIVOT PIVOT MATCH_RECOGNIZE END'.split(
    ' ',
  ),
);

/** An alias: after AS any word, else one that is not reserved and does not go on with the clause. */
export function optionalAlias(cursor: TokenCursor, continues: readonly string[] = []): Ident | undefined {
  if (cursor.accept('AS')) return ident(cursor);
  const token = cursor.peek();
  if (token.kind === 'quoted') return ident(cursor);
  if (token.kind !== 'word' || isReserved(token.value) || continues.includes(token.value)) return undefined;
  const opens = cursor.isSymbol('(', 1);
  if (
    (token.value === 'PIVOT' || token.value === 'UNPIVOT') &&
    !opens &&
    !cursor.peek(1).value.match(/^(INCLUDE|EXCLUDE)$/)
  ) {
    return ident(cursor);
  }
  if (NO_ALIAS.has(token.value)) return undefined;
  return ident(cursor);
}

/** What may follow a query in parentheses that is but the first part of a longer one. */
const GOES_ON = new Set(['UNION', 'EXCEPT', 'MINUS', 'INTERSECT', 'ORDER', 'LIMIT', 'OFFSET', 'FETCH']);

/**
 * Whether a query stands here, looking through opening parentheses: `((SELECT 1) UNION SELECT 2)` is one, while
 * `((SELECT 1) + 1)` is an expression and `((SELECT 1) AS t JOIN u)` a list of tables.
 */
export function startsQuery(cursor: TokenCursor): boolean {
  let opened = 0;
  while (cursor.isSymbol('(', opened)) opened += 1;
  const token = cursor.peek(opened);
  if (token.kind !== 'word') return false;
  const begins = token.value === 'VALUES' ? cursor.isSymbol('(', opened + 1) : /^(SELECT|WITH)$/.test(token.value);
  if (!begins || opened < 2) return begins;
  let depth = opened;
  for (let at = opened; depth > 1 && cursor.peek(at).kind !== 'end'; at += 1) {
    if (cursor.isSymbol('(', at)) depth += 1;
    if (!cursor.isSymbol(')', at)) continue;
    depth -= 1;
    if (depth >= opened) continue;
    opened = depth;
    const next = cursor.peek(at + 1);
    if (!cursor.isSymbol(')', at + 1) && !(next.kind === 'word' && GOES_ON.has(next.value))) return false;
  }
  return true;
}
