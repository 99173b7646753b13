import { unsupported } from '../syntax-error.js';
import type { Ident, RowPattern } from './ast.js';
import { type Grammar, ident, parenList } from './grammar.js';

const MOST_DEPTH = 200;

/** Alternatives bind tighter than what stands one behind the other: `a b | c d` is `a (b | c) d`. */
export function parseRowPattern(g: Grammar, depth = 0): RowPattern {
  if (depth > MOST_DEPTH) throw unsupported(`a PATTERN with more than ${MOST_DEPTH} parentheses in each other`);
  const items = [parseChoice(g, depth)];
  while (startsFactor(g)) items.push(parseChoice(g, depth));
  return oneOf('sequence', items);
}

function oneOf(kind: 'sequence' | 'choice', items: readonly RowPattern[]): RowPattern {
  return items.length === 1 ? (items[0] as RowPattern) : { kind, items };
}

function startsFactor({ cursor }: Grammar): boolean {
  const { kind } = cursor.peek();
  return kind === 'word' || kind === 'quoted' || ['(', '{', '^', '$'].some((symbol) => cursor.isSymbol(symbol));
}

function parseChoice(g: Grammar, depth: number): RowPattern {
  const items = [parseFactor(g, depth)];
  while (g.cursor.acceptSymbol('|')) items.push(parseFactor(g, depth));
  return oneOf('choice', items);
}

function parseFactor(g: Grammar, depth: number): RowPattern {
  const item = parsePrimary(g, depth);
  const times = parseQuantifier(g);
  if (times === undefined) return item;
  if (item.kind === 'start' || item.kind === 'end') throw g.cursor.error();
  return { kind: 'repeat', item, ...times, reluctant: g.cursor.acceptSymbol('?') };
}

function parsePrimary(g: Grammar, depth: number): RowPattern {
  const { cursor } = g;
  if (cursor.acceptSymbol('^')) return { kind: 'start' };
  if (cursor.acceptSymbol('$')) return { kind: 'end' };
  if (cursor.acceptSymbol('(')) {
    const inner = parseRowPattern(g, depth + 1);
    cursor.expectSymbol(')');
    return inner;
  }
  if (cursor.acceptSymbol('{')) {
    cursor.expectSymbol('-');
    const item = parseRowPattern(g, depth + 1);
    cursor.expectSymbol('-');
    cursor.expectSymbol('}');
    return { kind: 'exclusion', item };
  }
  if (cursor.isKeyword('PERMUTE') && cursor.isSymbol('(', 1)) {
    cursor.next();
    const items = parenList(cursor, () => parseRowPattern(g, depth + 1));
    if (items.length === 0) throw cursor.error();
    return { kind: 'permute', items };
  }
  return { kind: 'symbol', name: ident(cursor) };
}

function parseQuantifier({ cursor }: Grammar): { min: number; max: number | undefined } | undefined {
  if (cursor.acceptSymbol('*')) return { min: 0, max: undefined };
  if (cursor.acceptSymbol('+')) return { min: 1, max: undefined };
  if (cursor.acceptSymbol('?')) return { min: 0, max: 1 };
  if (!cursor.isSymbol('{') || cursor.isSymbol('-', 1)) return undefined;
  cursor.next();
  const least = cursor.isSymbol(',') ? undefined : times();
  const open = cursor.acceptSymbol(',');
  const most = open ? (cursor.isSymbol('}') ? undefined : times()) : least;
  const closing = cursor.peek();
  cursor.expectSymbol('}');
  if (least === undefined && most === undefined) throw cursor.error(closing);
  if (most !== undefined && most < (least ?? 0)) throw cursor.error(closing);
  return { min: least ?? 0, max: most };

  function times(): number {
    const token = cursor.peek();
    if (token.kind !== 'number' || !/^\d+$/.test(token.value)) throw cursor.error();
    cursor.next();
    return Number(token.value);
  }
}

/** The symbols of a pattern, in the order in which they are met first. */
export function symbolsOf(pattern: RowPattern): readonly Ident[] {
  const found = new Map<string, Ident>();
  const visit = (node: RowPattern): void => {
    if (node.kind === 'symbol' && !found.has(node.name.name)) found.set(node.name.name, node.name);
    if ('items' in node) node.items.forEach(visit);
    if ('item' in node) visit(node.item);
  };
  visit(pattern);
  return [...found.values()];
}

/** Whether something of the pattern is kept out of the result. */
export function hasExclusion(pattern: RowPattern): boolean {
  if (pattern.kind === 'exclusion') return true;
  if ('items' in pattern) return pattern.items.some(hasExclusion);
  return 'item' in pattern && hasExclusion(pattern.item);
}
