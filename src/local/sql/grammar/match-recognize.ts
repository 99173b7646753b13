import type { FromItem, MatchRecognize, SelectItem } from './ast.js';
import { parseOrderItems } from './calls.js';
import { commaList, type Grammar, ident, optionalAlias } from './grammar.js';
import { parseRowPattern } from './row-pattern.js';

/** `(PARTITION BY … ORDER BY … MEASURES … PER MATCH AFTER MATCH SKIP … PATTERN (…) DEFINE …)` behind MATCH_RECOGNIZE. */
export function parseMatchRecognize(g: Grammar, source: FromItem): MatchRecognize {
  const { cursor } = g;
  cursor.expect('MATCH_RECOGNIZE');
  cursor.expectSymbol('(');
  g.matches.depth += 1;
  const partitionBy = cursor.accept('PARTITION', 'BY') ? commaList(cursor, () => item(g)) : [];
  const orderBy = cursor.accept('ORDER', 'BY') ? parseOrderItems(g) : [];
  const measures = cursor.accept('MEASURES') ? commaList(cursor, () => measure(g)) : [];
  const rows = parseRows(g);
  const skip = parseSkip(g);
  cursor.expect('PATTERN');
  cursor.expectSymbol('(');
  const pattern = parseRowPattern(g);
  cursor.expectSymbol(')');
  cursor.expect('DEFINE');
  const define = commaList(cursor, () => definition(g));
  cursor.expectSymbol(')');
  g.matches.depth -= 1;
  return { source, partitionBy, orderBy, measures, rows, skip, pattern, define };
}

function item(g: Grammar): SelectItem {
  const { start } = g.cursor.peek();
  const expr = g.expression();
  return { expr, start, end: expr.end };
}

function measure(g: Grammar): MatchRecognize['measures'][number] {
  const expr = g.expression();
  const alias = optionalAlias(g.cursor);
  if (alias === undefined) throw g.cursor.error();
  return { expr, name: alias.name };
}

function parseRows({ cursor }: Grammar): MatchRecognize['rows'] {
  if (cursor.accept('ONE', 'ROW', 'PER', 'MATCH')) return 'one';
  if (!cursor.accept('ALL', 'ROWS', 'PER', 'MATCH')) return 'one';
  if (cursor.accept('OMIT', 'EMPTY', 'MATCHES')) return 'all but empty';
  if (cursor.accept('WITH', 'UNMATCHED', 'ROWS')) return 'all and unmatched';
  cursor.accept('SHOW', 'EMPTY', 'MATCHES');
  return 'all';
}

function parseSkip({ cursor }: Grammar): MatchRecognize['skip'] {
  if (!cursor.accept('AFTER', 'MATCH')) return { to: 'past' };
  cursor.expect('SKIP');
  if (cursor.accept('PAST')) {
    cursor.expect('LAST', 'ROW');
    return { to: 'past' };
  }
  cursor.expect('TO');
  if (cursor.accept('NEXT', 'ROW')) return { to: 'next' };
  const sided = !cursor.isKeyword('FIRST', 'PATTERN') && !cursor.isKeyword('LAST', 'PATTERN');
  const side = sided ? cursor.acceptOneOf('FIRST', 'LAST') : undefined;
  return { to: side === 'FIRST' ? 'first' : 'last', symbol: ident(cursor) };
}

function definition(g: Grammar): MatchRecognize['define'][number] {
  const symbol = ident(g.cursor);
  g.cursor.expect('AS');
  return { symbol, condition: g.expression() };
}
