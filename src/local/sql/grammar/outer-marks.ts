import { LocalError } from '../../engine/local-error.js';
import { unsupported } from '../syntax-error.js';
import type { Expr, FromItem, OuterJoinStep } from './ast.js';

export interface Clauses {
  readonly from?: FromItem;
  readonly where?: Expr;
}

interface Condition {
  readonly expr: Expr;
  /** Tables whose columns bear the mark, and all others that are named. */
  readonly marked: ReadonlySet<string>;
  readonly others: ReadonlySet<string>;
}

/**
 * `FROM a, b WHERE a.x = b.x(+)`: each condition of WHERE with a mark joins the table of the marked columns to the ones before as a
 * LEFT JOIN does, the rest of WHERE stays. Marks on columns without their table, on two tables in one condition, or in a circle are refused.
 */
export function withOuterJoins(clauses: Clauses): Clauses {
  const { from, where } = clauses;
  if (from === undefined || where === undefined) return clauses;
  const conditions = conjuncts(where).map(conditionOf);
  const marking = conditions.filter(({ marked }) => marked.size > 0);
  if (marking.length === 0) return clauses;
  const items = listed(from);
  const joined = new Map<string, Condition[]>();
  for (const condition of marking) {
    const [table = '', second] = condition.marked;
    if (second !== undefined) throw unsupported('(+) on columns of two tables in one condition');
    joined.set(table, [...(joined.get(table) ?? []), condition]);
  }
  const rest = conditions.filter(({ marked }) => marked.size === 0).map(({ expr }) => expr);
  return {
    from: { kind: 'outer-joins', items, steps: stepsOf(items, joined), start: from.start, end: from.end },
    ...(rest.length === 0 ? {} : { where: allOf(rest) }),
  };
}

/** Tables without marks first, then each marked one behind those that its conditions name, then what reads the others' columns. */
function stepsOf(items: readonly FromItem[], joined: ReadonlyMap<string, readonly Condition[]>): OuterJoinStep[] {
  const names = items.map(nameOf);
  const place = new Map(names.map((name, i) => [name, i]));
  const waiting = new Set(joined.keys());
  for (const name of waiting)
    if (!place.has(name))
      throw new LocalError('000904', '42000', `SQL compilation error:\ninvalid identifier '${name}'`);
  const plain = items.map((_, item) => item).filter((item) => !waiting.has(names[item] ?? ''));
  const steps: OuterJoinStep[] = plain.filter((item) => !readsOthers(items[item])).map((item) => ({ item }));
  while (waiting.size > 0) {
    const ready = [...waiting].find((name) =>
      (joined.get(name) ?? []).every(({ others }) =>
        [...others].every((other) => other === name || !waiting.has(other)),
      ),
    );
    if (ready === undefined) throw unsupported('(+) on tables that wait for each other');
    waiting.delete(ready);
    steps.push({ item: place.get(ready) ?? 0, on: allOf((joined.get(ready) ?? []).map(({ expr }) => unmarked(expr))) });
  }
  return [...steps, ...plain.filter((item) => readsOthers(items[item])).map((item) => ({ item }))];
}

function readsOthers(item: FromItem | undefined): boolean {
  return item?.kind === 'function' || (item?.kind === 'derived' && item.lateral);
}

function listed(from: FromItem): FromItem[] {
  const plain = from.kind === 'join' && from.join === 'CROSS' && !from.natural;
  return plain ? [...listed(from.left), ...listed(from.right)] : [from];
}

function nameOf(item: FromItem): string {
  if ('alias' in item && item.alias !== undefined) return item.alias.name;
  return item.kind === 'table' ? (item.name.at(-1)?.name ?? '') : '';
}

function conjuncts(expr: Expr): Expr[] {
  return expr.kind === 'binary' && expr.op === 'AND' ? [...conjuncts(expr.left), ...conjuncts(expr.right)] : [expr];
}

function allOf(conditions: readonly Expr[]): Expr {
  return conditions.reduce((left, right) => ({
    kind: 'binary',
    op: 'AND',
    left,
    right,
    start: left.start,
    end: right.end,
  }));
}

/** What the condition names; a query in it has marks of its own. */
function conditionOf(expr: Expr): Condition {
  const marked = new Set<string>();
  const others = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    if (isColumn(node)) {
      const table = node.parts.at(-2)?.name;
      if (node.outer === true && table === undefined) throw unsupported('(+) on a column without its table');
      if (table !== undefined) (node.outer === true ? marked : others).add(table);
      return;
    }
    for (const [field, value] of Object.entries(node)) if (field !== 'query') visit(value);
  };
  visit(expr);
  return { expr, marked, others };
}

function isColumn(node: object): node is Expr & { kind: 'column' } {
  return 'kind' in node && node.kind === 'column';
}

function unmarked<T>(node: T): T {
  if (Array.isArray(node)) return node.map(unmarked) as T;
  if (typeof node !== 'object' || node === null) return node;
  const fields = Object.entries(node).filter(([field]) => field !== 'outer');
  return Object.fromEntries(fields.map(([field, value]) => [field, field === 'query' ? value : unmarked(value)])) as T;
}
