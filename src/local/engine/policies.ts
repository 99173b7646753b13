import { DelegatingScope } from '../sql/delegating-scope.js';
import { quoteName } from '../sql/lexer.js';
import type { NameParts, NameScope, PastMoment, Relation, UserFunction } from '../sql/scope.js';
import type { Catalog } from './catalog/catalog.js';
import type { ColumnEntry, KeptEntry, PolicyUse, TableEntry, ViewEntry } from './catalog/entries.js';
import { showType } from './types/show-type.js';

/** Names in the text that stands for a protected relation; nobody else sees it. */
const ROWS = 'ROWS$';
const POLICY = 'POLICY$';

/** The scope of a policy's body: that of its own schema. */
export type PolicyScopeOf = (policy: KeptEntry) => NameScope;

/**
 * What readers of a table or view with policies or virtual columns read: its rows that the row access policy lets through, its masked columns
 * as the masking policies give them. Row access is decided on what the columns really hold. Undefined where neither is there.
 */
export function protectedRelation(
  rows: Relation & { readonly kind: 'table' | 'view' },
  entry: TableEntry | ViewEntry,
  catalog: Catalog,
  outer: NameScope,
  scopeOf: PolicyScopeOf,
): (Relation & { readonly kind: 'view' }) | undefined {
  const uses = [...entry.columns.map(({ masking }) => masking), entry.rowAccess].filter(
    (use): use is PolicyUse => use !== undefined,
  );
  if (uses.length === 0 && !entry.columns.some(({ expression }) => expression !== undefined)) return undefined;
  const functions = new Map<string, UserFunction>();
  for (const { policy: id } of uses) {
    const policy = catalog.get(id);
    if (policy === undefined || !('definition' in policy) || policy.returns === undefined) continue;
    functions.set(`${POLICY}${id}`, {
      id,
      name: policy.name,
      arguments: policy.arguments ?? [],
      returns: policy.returns,
      language: 'SQL',
      body: policy.definition,
      strict: false,
      scope: scopeOf(policy),
    });
  }
  return {
    kind: 'view',
    // A view's own query is emitted inside this one, under its own id.
    id: rows.kind === 'view' ? -entry.id : entry.id,
    name: rows.name,
    text: readingText(entry),
    scope: new ProtectedScope(outer, rows, functions),
    columnNames: entry.columns.map(({ name }) => name),
  };
}

/** Which rows of a protected table a statement may change: those that a reader sees. */
export function visibleRows(
  { rowAccess }: TableEntry,
  { scope }: Relation & { readonly kind: 'view' },
): { readonly visible?: { readonly text: string; readonly scope: NameScope } } {
  return rowAccess === undefined ? {} : { visible: { text: callOf(rowAccess), scope } };
}

function readingText(entry: TableEntry | ViewEntry): string {
  const cells = entry.columns.map((column: ColumnEntry) => {
    const { name, masking } = column;
    return masking === undefined ? quoteName(name) : `${callOf(masking)} AS ${quoteName(name)}`;
  });
  const where = entry.rowAccess === undefined ? '' : ` WHERE ${callOf(entry.rowAccess)}`;
  return `SELECT ${cells.join(', ')} FROM (SELECT * FROM ${computedRows(entry.columns)}${where}) AS "rows"`;
}

/** The rows with the values of their virtual columns, each of which may ask for those before it. */
function computedRows(columns: readonly ColumnEntry[]): string {
  return columns.reduce((rows, { name, type, expression }) => {
    if (expression === undefined) return rows;
    const computed = `CAST((${expression}) AS ${showType(type)}) AS ${quoteName(name)}`;
    const cells = columns.map((column) => (column.name === name ? computed : quoteName(column.name)));
    return `(SELECT ${cells.join(', ')} FROM ${rows}) AS "computed"`;
  }, ROWS);
}

function callOf({ policy, columns }: PolicyUse): string {
  return `${POLICY}${policy}(${columns.map(quoteName).join(', ')})`;
}

/** Knows the rows behind the policies and the policies as functions; everything else is the reader's. */
class ProtectedScope extends DelegatingScope {
  readonly #rows: Relation;
  readonly #functions: ReadonlyMap<string, UserFunction>;

  constructor(outer: NameScope, rows: Relation, functions: ReadonlyMap<string, UserFunction>) {
    super(outer);
    this.#rows = rows;
    this.#functions = functions;
  }

  override relation(name: NameParts, uses?: readonly string[], at?: PastMoment): Relation {
    return name.length === 1 && name[0] === ROWS ? this.#rows : super.relation(name, uses, at);
  }

  override functions(name: NameParts): readonly UserFunction[] {
    const policy = name.length === 1 ? this.#functions.get(name[0] ?? '') : undefined;
    return policy === undefined ? super.functions(name) : [policy];
  }
}
