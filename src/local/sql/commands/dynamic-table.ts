import type { DynamicTable, TableEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { physicalName } from '../../engine/physical-table.js';
import { EXECUTED, instantCell, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { StaleNames } from '../../engine/stale-names.js';
import { keepAllImages } from '../../engine/versions/kept-images.js';
import { quoteName } from '../lexer.js';
import { TokenCursor } from '../token-cursor.js';
import type { Translation } from '../translation.js';
import { alterTable } from './alter-table.js';
import { createAsSelect, parseClusterBy, parseColumnsIf } from './create-table.js';
import { type Cell, columns, type Listing } from './listing.js';
import { parseOptions } from './object-options.js';
import { shownProperties } from './shown-properties.js';

/**
 * CREATE [OR REPLACE] [TRANSIENT] DYNAMIC TABLE [IF NOT EXISTS] name TARGET_LAG = … WAREHOUSE = … AS query. It is filled at once, and anew by
 * ALTER DYNAMIC TABLE … REFRESH alone: nothing here runs by the clock.
 */
export const createDynamicTable: Command = async (cursor, context) => {
  cursor.expect('CREATE');
  const orReplace = cursor.accept('OR', 'REPLACE');
  const transient = cursor.accept('TRANSIENT');
  cursor.expect('DYNAMIC', 'TABLE');
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS');
  const place = context.names.writablePlace(cursor.name(), 'CREATE DYNAMIC TABLE');
  const listed = parseColumnsIf(cursor);
  const options = parseOptions(cursor, ['AS', 'CLUSTER']);
  const clusterBy = parseClusterBy(cursor);
  const late = parseOptions(cursor, ['AS']);
  cursor.expect('AS');
  const { text, offset } = cursor.rest();
  const query = text.replace(/;$/, '');
  const option = (key: string): string | undefined => options.text(key) ?? late.text(key);
  const dynamic: DynamicTable = {
    query,
    text: context.statement.text,
    targetLag: option('TARGET_LAG') ?? 'DOWNSTREAM',
    warehouse: option('WAREHOUSE') ?? context.state.context.warehouse ?? '',
    refreshMode: option('REFRESH_MODE')?.toUpperCase() ?? 'AUTO',
    suspended: false,
    refreshedAt: context.now,
  };
  const prefix = { orReplace, transient, temporary: false, secure: false, materialized: false, ifNotExists };
  const template = {
    comment: option('COMMENT') ?? '',
    clusterBy,
    dynamic,
    attachments: [...options.attachments, ...late.attachments],
    ...shownProperties(options, late),
  };
  return await createAsSelect({ text: query, offset }, context, prefix, place, listed, template, 'Dynamic table');
};

/** ALTER DYNAMIC TABLE [IF EXISTS] name REFRESH | SUSPEND | RESUME | SET TARGET_LAG | WAREHOUSE = …, and what ALTER TABLE does. */
export const alterDynamicTable: Command = async (cursor, context) => {
  cursor.expect('ALTER', 'DYNAMIC', 'TABLE');
  const afterKind = cursor.index;
  const ifExists = cursor.accept('IF', 'EXISTS');
  const path = cursor.name();
  const place = context.names.writablePlace(path, 'ALTER DYNAMIC TABLE');
  const entry = context.names.findIn(place.schema, 'table', place.name);
  if (entry?.dynamic === undefined) {
    if (!ifExists) throw missing('Dynamic table', place);
    return { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  }
  const done = { statementTypeId: STATEMENT_TYPE.ddl, table: EXECUTED };
  if (cursor.accept('REFRESH')) {
    cursor.rest();
    await refresh(entry.id, context, new Set());
    return done;
  }
  const turned = cursor.acceptOneOf('SUSPEND', 'RESUME');
  const setting = turned === undefined && setsDynamic(cursor);
  if (turned === undefined && !setting) {
    const start = cursor.tokens[afterKind]?.start ?? 0;
    const text = `ALTER TABLE ${cursor.text.slice(start)}`;
    return await alterTable(new TokenCursor(text, cursor.timestampType), context);
  }
  const options = setting ? (cursor.expect('SET'), parseOptions(cursor)) : undefined;
  cursor.expectEnd();
  await context.change<ResultTable>({
    work: async (edit) => {
      const now = context.names.table(path, 'ALTER DYNAMIC TABLE').entry;
      if (now.dynamic === undefined) throw new StaleNames('another table has the name now');
      const { targetLag, warehouse, refreshMode, suspended } = now.dynamic;
      edit.put({
        ...now,
        comment: options?.text('COMMENT') ?? now.comment,
        dynamic: {
          ...now.dynamic,
          targetLag: options?.text('TARGET_LAG') ?? targetLag,
          warehouse: options?.text('WAREHOUSE') ?? warehouse,
          refreshMode: options?.text('REFRESH_MODE') ?? refreshMode,
          suspended: turned === undefined ? suspended : turned === 'SUSPEND',
        },
      });
      return EXECUTED;
    },
  });
  return done;
};

function setsDynamic(cursor: TokenCursor): boolean {
  return cursor.isKeyword('SET') && ['TARGET_LAG', 'WAREHOUSE', 'REFRESH_MODE'].includes(cursor.peek(1).value);
}

/** What the query gives now, after the dynamic tables that it reads. */
async function refresh(id: number, context: CommandContext, done: Set<number>): Promise<void> {
  const entry = context.names.catalog.get(id);
  if (entry?.kind !== 'table' || entry.dynamic === undefined || done.has(id)) return;
  done.add(id);
  for (const read of translated(entry, entry.dynamic, context).reads) await refresh(read, context, done);
  await context.change<ResultTable>({
    locks: [{ table: id, mode: 'exclusive' }],
    work: async (edit, run) => {
      const now = context.names.catalog.get(id);
      if (now?.kind !== 'table' || now.dynamic === undefined) throw new StaleNames('the table has gone');
      const { sql } = translated(now, now.dynamic, context);
      const names = now.columns.map(({ name }) => quoteName(name)).join(', ');
      await keepAllImages(now, context.names.whole, run);
      await run(`DELETE FROM ${physicalName(now)}`);
      await run(`INSERT INTO ${physicalName(now)} (${names}) ${sql}`);
      edit.put({ ...now, dynamic: { ...now.dynamic, refreshedAt: context.now } });
      return EXECUTED;
    },
  });
}

function translated(entry: TableEntry, { query }: DynamicTable, context: CommandContext): Translation {
  const { names, state } = context;
  const home = state.context;
  const schema = names.catalog.get(entry.parent);
  const database = schema === undefined ? undefined : names.catalog.get(schema.parent);
  state.context = { ...home, database: database?.name ?? '', schema: schema?.name ?? '' };
  try {
    return context.translateQuery(query, 'REFRESH');
  } finally {
    state.context = home;
  }
}

/** SHOW DYNAMIC TABLES. */
export const dynamicTables: Listing = {
  scope: 'schema',
  async list(place, { names }) {
    const rows = place.schemas.flatMap(({ database, schema }) =>
      names.objectsIn(schema, 'table').flatMap((entry): Cell[][] => {
        const { dynamic } = entry;
        if (dynamic === undefined) return [];
        return [
          [
            instantCell(entry.createdAt),
            entry.name,
            database.name,
            schema.name,
            entry.clusterBy,
            null,
            null,
            entry.owner,
            dynamic.targetLag,
            dynamic.refreshMode === 'AUTO' ? 'FULL' : dynamic.refreshMode,
            null,
            dynamic.warehouse,
            entry.comment,
            dynamic.text,
            'OFF',
            dynamic.suspended ? 'SUSPENDED' : 'ACTIVE',
            null,
            'false',
            'false',
            'false',
            dynamic.refreshedAt === null ? null : instantCell(dynamic.refreshedAt),
            'ROLE',
          ],
        ];
      }),
    );
    return {
      columns: columns(
        '@created_on name database_name schema_name cluster_by #rows #bytes owner target_lag refresh_mode refresh_mode_reason warehouse comment text automatic_clustering scheduling_state @last_suspended_on is_clone is_replica is_iceberg @data_timestamp owner_role_type',
      ),
      rows,
    };
  },
};
