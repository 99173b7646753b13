import type { ColumnEntry, PolicyUse, TableEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext, RunSql } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import {
  castDefault,
  columnDefinition,
  hasLengthCheck,
  physicalName,
  reshapePhysicalTable,
} from '../../engine/physical-table.js';
import { EXECUTED, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { alreadyExists, duplicateColumn, invalidIdentifier } from '../../engine/snowflake-errors.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { StaleNames } from '../../engine/stale-names.js';
import { MAX_BINARY_LENGTH, MAX_TEXT_LENGTH } from '../../engine/types/snowflake-type-of.js';
import { parseDataType } from '../grammar/data-types.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import {
  parseAlterConstraint,
  parseDropConstraint,
  parseRenameConstraint,
  type TableChange,
  withConstraints,
} from './alter-constraints.js';
import { parseMaskingChange, parseRowAccessChange } from './alter-policies.js';
import { parseUnset, withoutProperties, withProperties } from './alter-properties.js';
import { attached } from './attachments.js';
import { changeType } from './change-column-type.js';
import { type BesideColumns, type ParsedColumn, parseColumn, parseTableConstraint } from './column-definitions.js';
import { parseClusterBy } from './create-table.js';
import { parseOptions } from './object-options.js';
import { rebuildTable } from './rebuild-table.js';
import { withFullName } from './sequence-default.js';
import { assertNotNeeded, dependentsOf, settleColumns } from './virtual-columns.js';

const OPERATION = 'ALTER TABLE';

/** What an ALTER TABLE does to DuckDB's table and to its entry. */
export type Alteration = (table: TableEntry, run: RunSql, context: CommandContext) => Promise<TableEntry>;

/** ALTER TABLE [IF EXISTS] name …: RENAME TO, SWAP WITH, ADD/DROP/RENAME/ALTER COLUMN, CLUSTER BY, constraints, SET/UNSET. */
export const alterTable: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'TABLE');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const name = cursor.name();
  const { names } = context;
  const place = names.writablePlace(name, OPERATION);
  const entry = names.findIn(place.schema, 'table', place.name);
  if (entry === undefined) {
    if (!ifExists) throw missing('Table', place);
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  if (cursor.accept('SWAP', 'WITH')) return await swap(name, cursor.name(), context);
  if (cursor.accept('RENAME', 'TO')) return await rename(name, cursor.name(), context);
  const alter = parseAlteration(cursor);
  cursor.expectEnd();
  const table = await context.change<ResultTable>({
    locks: [{ table: entry.id, mode: 'exclusive' }],
    work: async (edit, run) => {
      const now = names.table(name, OPERATION).entry;
      if (now.id !== entry.id) throw new StaleNames('another table has the name now');
      edit.put(await alter(now, run, context));
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};

async function swap(
  name: readonly string[],
  otherName: readonly string[],
  context: CommandContext,
): ReturnType<Command> {
  const { names } = context;
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const { entry } = names.table(name, OPERATION);
      const other = names.table(otherName, OPERATION).entry;
      edit.put({ ...entry, name: other.name, parent: other.parent });
      edit.put({ ...other, name: entry.name, parent: entry.parent });
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
}

async function rename(
  name: readonly string[],
  newName: readonly string[],
  context: CommandContext,
): ReturnType<Command> {
  const { names } = context;
  const table = await context.change<ResultTable>({
    work: async (edit) => {
      const { entry } = names.table(name, OPERATION);
      const target = names.writablePlace(newName, OPERATION);
      if (names.findRelationIn(target.schema, target.name) !== undefined) throw alreadyExists(target.name);
      edit.put({ ...entry, name: target.name, parent: target.schema.id });
      return EXECUTED;
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
}

/** What concerns the entry alone. */
const onTable =
  (change: TableChange): Alteration =>
  async (table) =>
    change(table);

/** What stands behind the table's name. */
export function parseAlteration(cursor: TokenCursor): Alteration {
  if (cursor.accept('ADD', 'SEARCH', 'OPTIMIZATION') || cursor.accept('DROP', 'SEARCH', 'OPTIMIZATION')) {
    // Changes the speed of a search alone.
    cursor.rest();
    return async (table) => table;
  }
  for (const verb of ['ADD', 'DROP', 'SET', 'UNSET']) {
    if (cursor.isKeyword(verb, 'AGGREGATION', 'POLICY')) throw unsupported(`${verb} AGGREGATION POLICY`);
  }
  const policy = parseRowAccessChange(cursor);
  if (policy !== undefined) return async (table, _run, context) => policy(table, context);
  if (cursor.accept('ADD')) return parseAdd(cursor);
  if (cursor.accept('DROP', 'CLUSTERING', 'KEY')) return async (table) => ({ ...table, clusterBy: '' });
  if (cursor.accept('DROP')) return parseDrop(cursor);
  if (cursor.accept('RENAME', 'COLUMN')) return parseRenameColumn(cursor);
  if (cursor.accept('RENAME', 'CONSTRAINT')) return onTable(parseRenameConstraint(cursor));
  if (cursor.isKeyword('CLUSTER', 'BY')) {
    const clusterBy = parseClusterBy(cursor);
    return async (table) => ({ ...table, clusterBy });
  }
  if (cursor.acceptOneOf('RESUME', 'SUSPEND') !== undefined) {
    cursor.expect('RECLUSTER');
    return async (table) => table;
  }
  if (cursor.acceptOneOf('ALTER', 'MODIFY') !== undefined) {
    const constraint = parseAlterConstraint(cursor);
    return constraint === undefined ? parseAlterColumns(cursor) : onTable(constraint);
  }
  if (cursor.accept('UNSET')) {
    const keys = parseUnset(cursor);
    return async (table) => withoutProperties(table, keys);
  }
  if (cursor.accept('SET')) {
    const options = parseOptions(cursor);
    return async (table) => withProperties(table, options);
  }
  if (cursor.accept('RECLUSTER')) {
    cursor.rest();
    return async (table) => table;
  }
  throw cursor.error();
}

function parseAdd(cursor: TokenCursor): Alteration {
  const constraint = parseTableConstraint(cursor);
  if (constraint !== undefined) {
    return onTable((table) => withConstraints(table, [constraint]));
  }
  const added: { column: ParsedColumn; ifNotExists: boolean }[] = [];
  const beside: BesideColumns = { constraints: [], attachments: [] };
  const grouped = cursor.acceptSymbol('(');
  do {
    cursor.accept('COLUMN');
    const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS');
    added.push({ column: parseColumn(cursor, beside), ifNotExists });
  } while (cursor.acceptSymbol(','));
  if (grouped) cursor.expectSymbol(')');
  return async (table, run, context) => {
    let altered = table;
    for (const { column, ifNotExists } of added) {
      if (altered.columns.some(({ name }) => name === column.name)) {
        if (ifNotExists) continue;
        throw new LocalError('001430', '42601', `SQL compilation error:\ncolumn '${column.name}' already exists`);
      }
      const settled = await settleColumns([...altered.columns, column], context, OPERATION);
      altered = await addColumn(altered, settled.at(-1) ?? column, run, context);
    }
    return attached(withConstraints(altered, beside.constraints), beside.attachments, context);
  };
}

async function addColumn(
  table: TableEntry,
  column: ColumnEntry,
  run: RunSql,
  context: CommandContext,
): Promise<TableEntry> {
  // DuckDB cannot add a column with a constraint; a table without identity columns is written anew instead.
  const identity = [...table.columns, column].some((item) => item.identity !== undefined);
  if (hasLengthCheck(column) && !identity) {
    return await rebuildTable(table, [...table.columns, column], run, context);
  }
  const target = physicalName(table);
  const ordinal = context.newId();
  const translate = (text: string): string => context.translateExpression(text, OPERATION);
  const loose = await columnDefinition(table, withoutConstraints(column), ordinal, run, translate);
  await reshapePhysicalTable(table, `ADD COLUMN ${loose}`, run);
  if (!column.nullable) await run(`ALTER TABLE ${target} ALTER COLUMN ${quoteName(column.name)} SET NOT NULL`);
  return { ...table, columns: [...table.columns, column] };
}

function withoutConstraints(column: ColumnEntry): ColumnEntry {
  const type = column.type.name === 'TEXT' || column.type.name === 'BINARY' ? unbounded(column.type.name) : column.type;
  return { ...column, type, nullable: true };
}

function unbounded(name: 'TEXT' | 'BINARY'): SnowflakeType {
  return { name, length: name === 'TEXT' ? MAX_TEXT_LENGTH : MAX_BINARY_LENGTH };
}

function parseDrop(cursor: TokenCursor): Alteration {
  const constraint = parseDropConstraint(cursor);
  if (constraint !== undefined) return onTable(constraint);
  cursor.accept('COLUMN');
  const ifExists = cursor.accept('IF', 'EXISTS');
  const dropped = [cursor.identifier()];
  while (cursor.acceptSymbol(',')) dropped.push(cursor.identifier());
  const cascade = cursor.accept('CASCADE');
  if (!cascade) cursor.accept('RESTRICT');
  return async (table, run) => {
    const virtual = dropped.flatMap((name) => dependentsOf(name, table)).filter((name) => !dropped.includes(name));
    if (cascade) dropped.push(...new Set(virtual));
    else if (virtual.length > 0) for (const name of dropped) assertNotNeeded(name, table, 'drop');
    for (const name of dropped) {
      if (!table.columns.some((column) => column.name === name)) {
        if (ifExists) continue;
        throw invalidIdentifier(name);
      }
      await reshapePhysicalTable(table, `DROP COLUMN ${quoteName(name)}`, run);
    }
    return {
      ...table,
      columns: table.columns.filter(({ name }) => !dropped.includes(name)),
      constraints: table.constraints.filter((key) => !key.columns.some((name) => dropped.includes(name))),
    };
  };
}

function parseRenameColumn(cursor: TokenCursor): Alteration {
  const from = cursor.identifier();
  cursor.expect('TO');
  const to = cursor.identifier();
  return async (table, run) => {
    if (!table.columns.some(({ name }) => name === from)) throw invalidIdentifier(from);
    if (table.columns.some(({ name }) => name === to)) throw duplicateColumn(to);
    assertNotNeeded(from, table, 'rename');
    await reshapePhysicalTable(table, `RENAME COLUMN ${quoteName(from)} TO ${quoteName(to)}`, run);
    const renamed = (name: string): string => (name === from ? to : name);
    const told = (use: PolicyUse): PolicyUse => ({ ...use, columns: use.columns.map(renamed) });
    return {
      ...table,
      ...(table.rowAccess === undefined ? {} : { rowAccess: told(table.rowAccess) }),
      columns: table.columns.map((column) => ({
        ...column,
        name: renamed(column.name),
        ...(column.masking === undefined ? {} : { masking: told(column.masking) }),
      })),
      constraints: table.constraints.map((key) => ({ ...key, columns: key.columns.map(renamed) })),
    };
  };
}

function parseAlterColumns(cursor: TokenCursor): Alteration {
  const alterations: Alteration[] = [];
  const grouped = cursor.acceptSymbol('(');
  do {
    cursor.accept('COLUMN');
    alterations.push(parseAlterColumn(cursor, cursor.identifier()));
  } while (cursor.acceptSymbol(','));
  if (grouped) cursor.expectSymbol(')');
  return async (table, run, context) => {
    let altered = table;
    for (const alteration of alterations) altered = await alteration(altered, run, context);
    return altered;
  };
}

function parseAlterColumn(cursor: TokenCursor, name: string): Alteration {
  const physically =
    (
      sql: (context: CommandContext, column: ColumnEntry) => string,
      edit: (column: ColumnEntry, context: CommandContext) => ColumnEntry,
    ): Alteration =>
    async (table, run, context) => {
      const altered = table.columns.find((column) => column.name === name);
      if (altered === undefined) throw invalidIdentifier(name);
      const clause = sql(context, altered);
      if (clause !== '') await run(`ALTER TABLE ${physicalName(table)} ALTER COLUMN ${quoteName(name)} ${clause}`);
      return {
        ...table,
        columns: table.columns.map((column) => (column.name === name ? edit(column, context) : column)),
      };
    };
  const masking = parseMaskingChange(cursor, name);
  if (masking !== undefined) return async (table, _run, context) => masking(table, context);
  if (cursor.accept('SET', 'NOT', 'NULL') || cursor.accept('NOT', 'NULL')) {
    return physically(
      () => 'SET NOT NULL',
      (column) => ({ ...column, nullable: false }),
    );
  }
  if (cursor.accept('DROP', 'NOT', 'NULL')) {
    return physically(
      () => 'DROP NOT NULL',
      (column) => ({ ...column, nullable: true }),
    );
  }
  if (cursor.accept('DROP', 'DEFAULT')) {
    return physically(
      () => 'DROP DEFAULT',
      ({ default: _gone, ...column }) => column,
    );
  }
  if (cursor.accept('SET', 'DEFAULT')) {
    const text = cursor.textUntil([',']).text;
    return physically(
      (context, column) => `SET DEFAULT ${context.translateExpression(castDefault(text, column), OPERATION)}`,
      (column, context) => ({ ...column, default: withFullName(text, context, OPERATION) }),
    );
  }
  if (cursor.accept('COMMENT')) {
    const comment = cursor.stringLiteral();
    return physically(
      () => '',
      (column) => ({ ...column, comment }),
    );
  }
  if (cursor.accept('UNSET', 'COMMENT')) {
    return physically(
      () => '',
      ({ comment: _gone, ...column }) => column,
    );
  }
  if (!cursor.accept('SET', 'DATA', 'TYPE')) cursor.accept('TYPE');
  const type = parseDataType(cursor);
  return changeType(name, type);
}
