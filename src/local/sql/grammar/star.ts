import { unsupported } from '../syntax-error.js';
import type { Expr, StarExpr } from './ast.js';
import { commaList, endOfLast, type Grammar, ident, parenList } from './grammar.js';

/** ILIKE, EXCLUDE, REPLACE and RENAME behind a star. Several names stand in parentheses, one may stand alone. */
export function starOptions(g: Grammar, star: StarExpr): StarExpr {
  const { cursor } = g;
  const ilike = cursor.accept('ILIKE') ? cursor.stringLiteral() : undefined;
  const oneOrMore = <T>(item: () => T): T[] => (cursor.isSymbol('(') ? parenList(cursor, item) : [item()]);
  const exclude = cursor.accept('EXCLUDE') ? oneOrMore(() => ident(cursor)) : [];
  const replace = cursor.accept('REPLACE')
    ? parenList(cursor, () => {
        const expr = g.expression();
        cursor.expect('AS');
        return { expr, name: cursor.identifier() };
      })
    : [];
  const rename = cursor.accept('RENAME')
    ? oneOrMore(() => {
        const from = cursor.identifier();
        cursor.expect('AS');
        return { from, to: cursor.identifier() };
      })
    : [];
  return { ...star, exclude, replace, rename, end: endOfLast(cursor), ...(ilike === undefined ? {} : { ilike }) };
}

/** `** [a, b]` stands for the array's elements. */
export function spread(g: Grammar): readonly Expr[] {
  g.cursor.expectSymbol('*');
  g.cursor.expectSymbol('*');
  const array = g.expression();
  if (array.kind !== 'array') throw unsupported('** of an array that is not written in brackets');
  return array.items;
}

/** A list of expressions, some of them spread. */
export function spreadList(g: Grammar): Expr[] {
  const { cursor } = g;
  return commaList(cursor, () =>
    cursor.isSymbol('*') && cursor.isSymbol('*', 1) ? spread(g) : [g.expression()],
  ).flat();
}
