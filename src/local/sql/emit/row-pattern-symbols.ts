import type { Expr, Ident } from '../grammar/ast.js';

/** What the arguments of a window function in MATCH_RECOGNIZE name. */
export interface NamedSymbols {
  /** Symbols in front of a column or a star. */
  readonly names: ReadonlySet<string>;
  /** Names without a symbol, which may be columns. */
  readonly plain: readonly (readonly Ident[])[];
}

/** Looks through any part of a tree, subqueries left out: they have names of their own. */
export function symbolsIn(tree: unknown, symbols: ReadonlyMap<string, number>): NamedSymbols {
  const names = new Set<string>();
  const plain: (readonly Ident[])[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const expr = node as Expr;
    if (expr.kind === 'column' || expr.kind === 'star') {
      const parts = expr.kind === 'column' ? expr.parts : expr.qualifier;
      const [first] = parts;
      const predicated = parts.length === (expr.kind === 'column' ? 2 : 1) && first !== undefined;
      if (predicated && symbols.has(first.name)) names.add(first.name);
      else if (expr.kind === 'column') plain.push(parts);
      return;
    }
    for (const [field, value] of Object.entries(node)) if (field !== 'query') visit(value);
  };
  visit(tree);
  return { names, plain };
}
