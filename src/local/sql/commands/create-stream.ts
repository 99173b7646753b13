import type { StreamEntry } from '../../engine/catalog/entries.js';
import type { Command } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { statusRow } from '../../engine/result-table.js';
import { alreadyExists } from '../../engine/snowflake-errors.js';
import { createCopySql } from '../../engine/stream-changes.js';
import { moveOffsetSql } from '../../engine/versions/commit-log.js';
import { isTracked } from '../../engine/versions/kept-images.js';
import { unsupported } from '../syntax-error.js';
import { parseCreate } from './create-prefix.js';
import { parseOptions } from './object-options.js';

/** CREATE [OR REPLACE] STREAM [IF NOT EXISTS] name ON TABLE t [APPEND_ONLY = …] [SHOW_INITIAL_ROWS = …] [COMMENT = …]. */
export const createStream: Command = async (cursor, context) => {
  const create = parseCreate(cursor, 'STREAM');
  const place = context.names.writablePlace(cursor.name(), 'CREATE STREAM');
  cursor.accept('COPY', 'GRANTS');
  cursor.expect('ON');
  if (!cursor.accept('TABLE')) throw unsupported(`CREATE STREAM … ON ${cursor.peek().value}`);
  const tableName = cursor.name();
  if (cursor.isKeyword('AT') || cursor.isKeyword('BEFORE')) throw unsupported('TIME TRAVEL');
  const options = parseOptions(cursor);
  const isTrue = (key: string): boolean => options.text(key)?.toUpperCase() === 'TRUE';
  const { entry: source } = context.names.table(tableName, 'CREATE STREAM');
  if (source.columns.some(({ expression }) => expression !== undefined))
    throw unsupported('a stream on a table with virtual columns');
  if (source.durability === 'TEMPORARY') throw unsupported('a stream on a temporary table');
  const id = context.newId();
  const stream: StreamEntry = {
    kind: 'stream',
    id,
    parent: place.schema.id,
    name: place.name,
    createdAt: context.now,
    owner: context.state.context.role ?? 'ACCOUNTADMIN',
    comment: options.text('COMMENT') ?? '',
    table: source.id,
    columns: source.columns.map(({ name }) => name),
    appendOnly: isTrue('APPEND_ONLY') || isTrue('INSERT_ONLY'),
    physical: { schema: `s${place.schema.id}`, table: `m${id}` },
  };
  const table = await context.change({
    locks: [{ table: source.id, mode: 'exclusive' }],
    work: async (edit, run) => {
      const existing = context.names.catalog.find(place.schema.id, 'stream', place.name);
      if (existing !== undefined) {
        if (create.ifNotExists) return statusRow(`${place.name} already exists, statement succeeded.`);
        if (!create.orReplace) throw alreadyExists(place.name);
        edit.drop(existing, context.now);
      }
      await run(`CREATE SCHEMA IF NOT EXISTS "${stream.physical.schema}"`);
      await run(createCopySql(stream, source, isTrue('SHOW_INITIAL_ROWS')));
      await run(moveOffsetSql(stream.id));
      const now = context.names.table(tableName, 'CREATE STREAM').entry;
      if (!isTracked(now)) edit.put({ ...now, properties: { ...now.properties, CHANGE_TRACKING: 'TRUE' } });
      edit.put(stream);
      return statusRow(`Stream ${place.name} successfully created.`);
    },
  });
  return { statementTypeId: STATEMENT_TYPE.ddl, table };
};
