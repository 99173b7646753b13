import type { CatalogEdit } from '../../engine/catalog/catalog.js';
import type {
  ColumnEntry,
  ConstraintEntry,
  DynamicTable,
  PolicyUse,
  TableEntry,
} from '../../engine/catalog/entries.js';
import type { Command, CommandContext, RunSql } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { columnList, createPhysicalTable, physicalName, physicalPlace } from '../../engine/physical-table.js';
import { type ResultTable, statusRow } from '../../engine/result-table.js';
import { assertRetention } from '../../engine/retention.js';
import type { ObjectPlace } from '../../engine/session-names.js';
import { alreadyExists, alreadyExistsAs } from '../../engine/snowflake-errors.js';
import { StaleNames } from '../../engine/stale-names.js';
import { advanceSql } from '../../engine/stream-changes.js';

import { parseDataType } from '../grammar/data-types.js';
import { unsupported } from '../syntax-error.js';
import { type TextSlice, TokenCursor } from '../token-cursor.js';
import { type Attachment, attached } from './attachments.js';
import { acceptMoment } from './clone-moment.js';
import { type ColumnDefinitions, parseColumnDefinitions, parseNames } from './column-definitions.js';
import { copyTable } from './copy-schema.js';
import { type CreatePrefix, parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';
import { withFullDefaults } from './sequence-default.js';
import { shownProperties } from './shown-properties.js';
import { settleColumns } from './virtual-columns.js';

const OPERATION = 'CREATE TABLE';

/** CREATE TABLE: columns, AS SELECT, LIKE and CLONE. */
export const createTable: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'TABLE');
  const name = cursor.name();
  if (!create.ifNotExists && cursor.accept('IF', 'NOT', 'EXISTS')) {
    return await createNamed(cursor, context, { ...create, ifNotExists: true }, name);
  }
  return await createNamed(cursor, context, create, name);
};

async function createNamed(
  cursor: TokenCursor,
  context: CommandContext,
  create: CreatePrefix,
  name: readonly string[],
): ReturnType<Command> {
  const place = context.names.writablePlace(name, OPERATION);
  if (cursor.accept('CLONE')) return await createFrom(cursor, context, create, place, true);
  if (cursor.accept('LIKE')) return await createFrom(cursor, context, create, place, false);
  if (cursor.accept('USING', 'TEMPLATE')) return await createFromTemplate(cursor, context, create, place);
  const listed = parseColumnsIf(cursor);
  const clusterBy = parseClusterBy(cursor);
  const options = parseOptions(cursor, ['AS', 'CLUSTER']);
  const cluster = clusterBy || parseClusterBy(cursor);
  const late = parseOptions(cursor, ['AS']);
  const attachments = [...(listed.definitions?.attachments ?? []), ...options.attachments, ...late.attachments];
  const template = {
    comment: options.text('COMMENT') ?? late.text('COMMENT') ?? '',
    clusterBy: cluster,
    attachments,
    ...shownProperties(options, late),
  };
  if (cursor.accept('AS')) return await createAsSelect(cursor.rest(), context, create, place, listed, template);
  cursor.expectEnd();
  if (listed.definitions === undefined) throw cursor.error();
  const columns = await settleColumns(listed.definitions.columns, context, OPERATION);
  const { constraints } = listed.definitions;
  const table = newTable(context, create, place, { ...template, columns, constraints });
  return ddl(
    await context.change({
      work: async (edit, run) => {
        const there = replace(context, create, place, edit);
        if (there !== undefined) return there;
        await createPhysicalTable(table, run, (text) => context.translateExpression(text, OPERATION));
        edit.put(table);
        return statusRow(`Table ${place.name} successfully created.`);
      },
    }),
  );
}

/** USING TEMPLATE (query of one array): its objects are columns, as INFER_SCHEMA gives them. */
async function createFromTemplate(
  cursor: TokenCursor,
  context: CommandContext,
  create: CreatePrefix,
  place: ObjectPlace,
): ReturnType<Command> {
  const { text } = cursor.parenthesised();
  const options = parseOptions(cursor);
  cursor.expectEnd();
  const { rows } = await context.evaluate(text);
  const described = JSON.parse(rows[0]?.[0] ?? '[]') as Readonly<Record<string, unknown>>[];
  if (!Array.isArray(described) || described.length === 0) {
    throw new LocalError('002026', '42601', 'SQL compilation error:\nthe template describes no columns');
  }
  const columns = described.map(
    (item): ColumnEntry => ({
      name: String(item.COLUMN_NAME),
      type: parseDataType(new TokenCursor(String(item.TYPE))),
      nullable: item.NULLABLE !== false,
    }),
  );
  const comment = options.text('COMMENT') ?? '';
  const table = newTable(context, create, place, { columns, constraints: [], clusterBy: '', comment });
  return ddl(
    await context.change({
      work: async (edit, run) => {
        const there = replace(context, create, place, edit);
        if (there !== undefined) return there;
        await putEmpty(table, context, edit, run);
        return statusRow(`Table ${place.name} successfully created.`);
      },
    }),
  );
}

/** CREATE TABLE … AS SELECT; `label` is how the status begins. */
export async function createAsSelect(
  query: TextSlice,
  context: CommandContext,
  create: CreatePrefix,
  place: ObjectPlace,
  listed: ListedColumns,
  template: Omit<TableShape, 'columns' | 'constraints'>,
  label = 'Table',
): ReturnType<Command> {
  if (create.ifNotExists && context.names.findRelationIn(place.schema, place.name) !== undefined) {
    return ddl(statusRow(`${place.name} already exists, statement succeeded.`));
  }
  const translated = context.translateQuery(query.text, OPERATION, query.offset);
  const described = await context.describe(translated);
  if (listed.definitions?.columns.some(({ expression }) => expression !== undefined))
    throw unsupported('CREATE TABLE … AS SELECT with virtual columns');
  const given = listed.definitions?.columns ?? listed.names?.map((name) => ({ name }));
  if (given !== undefined && given.length !== described.length) {
    throw new LocalError('002026', '42601', `SQL compilation error:\nInvalid column definition list`);
  }
  const columns = described.map((column, i): ColumnEntry => {
    const wanted: { name: string } | ColumnEntry | undefined = given?.[i];
    if (wanted !== undefined && 'type' in wanted) return withFullDefaults([wanted], context, OPERATION)[0] ?? wanted;
    return { name: wanted?.name ?? column.name, type: column.type, nullable: true };
  });
  const table = newTable(context, create, place, {
    ...template,
    columns,
    constraints: listed.definitions?.constraints ?? [],
  });
  return ddl(
    await context.change({
      before: async (run) => {
        await createPhysicalTable(table, run, (text) => context.translateExpression(text, OPERATION));
        await run(`INSERT INTO ${physicalName(table)} (${columnList(table)}) ${translated.sql}`);
        for (const id of translated.reads) {
          const read = context.names.streamSource(id);
          if (read !== undefined) for (const sql of advanceSql(read.stream, read.table)) await run(sql);
        }
      },
      work: async (edit) => {
        const there = replace(context, create, place, edit);
        if (there !== undefined) return there;
        edit.put(table);
        return statusRow(`${label} ${place.name} successfully created.`);
      },
    }),
  );
}

async function createFrom(
  cursor: TokenCursor,
  context: CommandContext,
  create: CreatePrefix,
  place: ObjectPlace,
  withRows: boolean,
): ReturnType<Command> {
  const sourceName = cursor.name();
  const at = withRows ? acceptMoment(cursor, context) : undefined;
  const options = parseOptions(cursor);
  const source = context.names.table(sourceName, OPERATION).entry;
  context.names.assertMay('SELECT', source);
  const shape = newTable(context, create, place, {
    columns: source.columns,
    constraints: source.constraints,
    clusterBy: source.clusterBy,
    comment: options.text('COMMENT') ?? source.comment,
    ...(source.properties === undefined ? {} : { properties: source.properties }),
    ...(withRows && source.rowAccess !== undefined ? { rowAccess: source.rowAccess } : {}),
    ...(withRows && source.tags !== undefined ? { tags: source.tags } : {}),
    ...shownProperties(options),
    attachments: options.attachments,
  });
  return ddl(
    await context.change({
      work: async (edit, run) => {
        const there = replace(context, create, place, edit);
        if (there !== undefined) return there;
        const now = context.names.table(sourceName, OPERATION).entry;
        if (now !== source) throw new StaleNames('the table has changed');
        const rows = at === undefined ? undefined : `(${context.rowsAt(source, at)}) AS "past"`;
        await (withRows ? copyTable(source, shape, context, edit, run, rows) : putEmpty(shape, context, edit, run));
        return statusRow(`Table ${place.name} successfully created.`);
      },
    }),
  );
}

async function putEmpty(table: TableEntry, context: CommandContext, edit: CatalogEdit, run: RunSql): Promise<void> {
  await createPhysicalTable(table, run, (text) => context.translateExpression(text, OPERATION));
  edit.put(table);
}

/** Clears the way for the new table; answers the status when there is nothing to do. */
function replace(
  context: CommandContext,
  create: CreatePrefix,
  place: ObjectPlace,
  edit: CatalogEdit,
): ResultTable | undefined {
  const { names } = context;
  // A temporary table may hide a permanent one of the same name.
  const existing = create.temporary
    ? context.state.findTemporary(place.schema.id, 'table', place.name)
    : names.catalog.findRelation(place.schema.id, place.name);
  if (existing === undefined) return undefined;
  if (create.ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
  if (!create.orReplace) throw alreadyExists(place.name);
  if (existing.kind !== 'table') throw alreadyExistsAs(place.name, 'view');
  edit.drop(existing, context.now);
  return undefined;
}

function newTable(
  context: CommandContext,
  create: CreatePrefix,
  place: ObjectPlace,
  { attachments = [], ...shape }: TableShape,
): TableEntry {
  const id = context.newId();
  const table: TableEntry = {
    ...shape,
    kind: 'table',
    id,
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    imagesSince: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    durability: create.temporary ? 'TEMPORARY' : create.transient || place.schema.transient ? 'TRANSIENT' : 'PERMANENT',
    physical: physicalPlace(id, place.schema.id, create.temporary),
  };
  assertRetention(table);
  return attached(table, attachments, context);
}

export interface TableShape {
  readonly columns: readonly ColumnEntry[];
  readonly constraints: readonly ConstraintEntry[];
  readonly clusterBy: string;
  readonly comment: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly rowAccess?: PolicyUse;
  readonly dynamic?: DynamicTable;
  readonly attachments?: readonly Attachment[];
}

export interface ListedColumns {
  readonly definitions?: ColumnDefinitions;
  /** Names alone, as CREATE TABLE … AS SELECT allows. */
  readonly names?: readonly string[];
}

/** The columns before AS, where there are any. */
export function parseColumnsIf(cursor: TokenCursor): ListedColumns {
  if (!cursor.isSymbol('(')) return {};
  const start = cursor.index;
  if (cursor.isSymbol(',', 2) || cursor.isSymbol(')', 2)) {
    const names = parseNames(cursor);
    if (cursor.peek().kind === 'word') return { names };
    cursor.index = start;
  }
  return { definitions: parseColumnDefinitions(cursor) };
}

/** `CLUSTER BY (a, b)` as SHOW TABLES gives it: `LINEAR(A, B)`; empty without one. */
export function parseClusterBy(cursor: TokenCursor): string {
  if (!cursor.accept('CLUSTER', 'BY')) return '';
  cursor.accept('LINEAR');
  const { text } = cursor.parenthesised();
  return `LINEAR(${text.trim()})`;
}

function ddl(table: ResultTable): { statementTypeId: number; table: ResultTable } {
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
}
