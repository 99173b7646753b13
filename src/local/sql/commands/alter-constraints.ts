import type { ConstraintEntry, TableEntry } from '../../engine/catalog/entries.js';
import { LocalError } from '../../engine/local-error.js';
import { notFound } from '../../engine/snowflake-errors.js';
import type { TokenCursor } from '../token-cursor.js';
import { parseNames } from './column-definitions.js';

/** A change of a table's entry alone. */
export type TableChange = (table: TableEntry) => TableEntry;

/** The table with more constraints. Throws for a second primary key. */
export function withConstraints(table: TableEntry, added: readonly ConstraintEntry[]): TableEntry {
  const constraints = [...table.constraints, ...added];
  if (constraints.filter(({ kind }) => kind === 'PRIMARY KEY').length > 1) {
    throw new LocalError(
      '002200',
      '42710',
      `SQL compilation error:\nprimary key already exists for table '${table.name}'`,
    );
  }
  return { ...table, constraints };
}

/** `PRIMARY KEY`, `UNIQUE (…)`, `FOREIGN KEY (…)` or `CONSTRAINT name` behind DROP; undefined for anything else. */
export function parseDropConstraint(cursor: TokenCursor): TableChange | undefined {
  if (cursor.accept('PRIMARY', 'KEY')) {
    cursor.acceptOneOf('CASCADE', 'RESTRICT');
    return (table) => without(table, ({ kind }) => kind === 'PRIMARY KEY', 'Primary key');
  }
  const key = cursor.accept('UNIQUE') ? 'UNIQUE' : cursor.accept('FOREIGN', 'KEY') ? 'FOREIGN KEY' : undefined;
  if (key !== undefined) {
    const columns = parseNames(cursor).join();
    cursor.acceptOneOf('CASCADE', 'RESTRICT');
    return (table) => without(table, (item) => item.kind === key && item.columns.join() === columns, columns);
  }
  if (!cursor.accept('CONSTRAINT')) return undefined;
  const name = cursor.identifier();
  cursor.acceptOneOf('CASCADE', 'RESTRICT');
  return (table) => without(table, (item) => item.name === name, name);
}

function without(table: TableEntry, goes: (item: ConstraintEntry) => boolean, name: string): TableEntry {
  if (!table.constraints.some(goes)) throw notFound('Constraint', [name]);
  return { ...table, constraints: table.constraints.filter((item) => !goes(item)) };
}

/** `a TO b` behind RENAME CONSTRAINT. */
export function parseRenameConstraint(cursor: TokenCursor): TableChange {
  const from = cursor.identifier();
  cursor.expect('TO');
  const to = cursor.identifier();
  return (table) => {
    if (!table.constraints.some(({ name }) => name === from)) throw notFound('Constraint', [from]);
    return {
      ...table,
      constraints: table.constraints.map((key) => (key.name === from ? { ...key, name: to } : key)),
    };
  };
}

/** `CONSTRAINT name | PRIMARY KEY | UNIQUE (…) | FOREIGN KEY (…)` and properties, behind ALTER or MODIFY: nothing enforces them. */
export function parseAlterConstraint(cursor: TokenCursor): TableChange | undefined {
  const named = cursor.accept('CONSTRAINT') ? cursor.identifier() : undefined;
  if (named === undefined && !cursor.accept('PRIMARY', 'KEY')) {
    if (!(cursor.isKeyword('UNIQUE') && cursor.isSymbol('(', 1)) && !cursor.isKeyword('FOREIGN', 'KEY'))
      return undefined;
    cursor.accept('UNIQUE');
    cursor.accept('FOREIGN', 'KEY');
    parseNames(cursor);
  }
  cursor.rest();
  return (table) => {
    if (named !== undefined && !table.constraints.some(({ name }) => name === named))
      throw notFound('Constraint', [named]);
    return table;
  };
}
