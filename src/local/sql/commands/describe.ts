import type { ColumnEntry, ConstraintEntry } from '../../engine/catalog/entries.js';
import type { Command, CommandContext } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { informationSchemaColumns } from '../../engine/information-schema.js';
import { column, type ResultTable } from '../../engine/result-table.js';
import { INFORMATION_SCHEMA, missing } from '../../engine/session-names.js';
import { notFound } from '../../engine/snowflake-errors.js';
import { showType } from '../../engine/types/show-type.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { defaultOf } from './column-default.js';
import { describeDatabase, describeSchema } from './describe-container.js';
import { describeFormat, describeListed, describeRoutine, describeStage, describeUser } from './describe-object.js';
import { describeKept } from './kept/describe-kept.js';
import { acceptKept } from './kept/find-kept.js';

const COLUMNS = [
  'name',
  'type',
  'kind',
  'null?',
  'default',
  'primary key',
  'unique key',
  'check',
  'expression',
  'comment',
  'policy name',
  'privacy domain',
].map((name) => column(name));

/** DESCRIBE TABLE | VIEW | SCHEMA | DATABASE | RESULT. */
export const describe: Command = async (cursor, context) => {
  if (!cursor.accept('DESC')) cursor.expect('DESCRIBE');
  const object = await describeObject(cursor, context);
  if (object !== undefined) return describedAs(object);
  cursor.acceptOneOf('DYNAMIC', 'MATERIALIZED', 'EXTERNAL');
  const word = cursor.acceptOneOf('TABLE', 'VIEW', 'SCHEMA', 'DATABASE', 'RESULT');
  if (word === undefined)
    throw cursor.peek().kind === 'word' ? unsupported(`DESCRIBE ${cursor.peek().value}`) : cursor.error();
  if (word === 'RESULT') {
    const id = cursor.stringIf() ?? lastQueryId(cursor.rest().text, context);
    return describedAs(resultColumns(id, context));
  }
  const name = cursor.name();
  if (cursor.accept('TYPE')) {
    cursor.acceptSymbol('=');
    cursor.expect('COLUMNS');
  }
  cursor.expectEnd();
  if (word === 'SCHEMA') return { statementTypeId: STATEMENT_TYPE.describe, table: describeSchema(name, context) };
  if (word === 'DATABASE') return { statementTypeId: STATEMENT_TYPE.describe, table: describeDatabase(name, context) };
  return describedAs(relationColumns(word, name, context));
};

async function describeObject(cursor: TokenCursor, context: CommandContext): Promise<ResultTable | undefined> {
  for (const kind of ['function', 'procedure'] as const) {
    if (cursor.accept(kind.toUpperCase())) return describeRoutine(kind, cursor, context);
  }
  const named = (): readonly string[] => {
    const name = cursor.name();
    cursor.expectEnd();
    return name;
  };
  const kept = acceptKept(cursor);
  if (kept.length > 0) return describeKept(kept, named(), context);
  if (cursor.accept('FILE', 'FORMAT')) return describeFormat(named(), context);
  if (cursor.accept('STAGE')) return describeStage(named(), context);
  if (cursor.accept('USER')) return describeUser(named()[0] ?? '', context);
  const listed = cursor.acceptOneOf('SEQUENCE', 'STREAM', 'WAREHOUSE') as
    | 'SEQUENCE'
    | 'STREAM'
    | 'WAREHOUSE'
    | undefined;
  return listed === undefined ? undefined : await describeListed(listed, named(), context);
}

function relationColumns(word: string, name: readonly string[], context: CommandContext): ResultTable {
  const { names, state } = context;
  const inInformationSchema =
    name.at(-2) === INFORMATION_SCHEMA || (name.length === 1 && state.context.schema === INFORMATION_SCHEMA);
  if (inInformationSchema) {
    const columns = informationSchemaColumns(name.at(-1) ?? '');
    if (columns === undefined) throw notFound(word === 'VIEW' ? 'View' : 'Table', name);
    return columnsTable(columns, []);
  }
  const place = names.place(name, `DESCRIBE ${word}`);
  const entry = names.findRelationIn(place.schema, place.name);
  if (entry === undefined || (word === 'VIEW' && entry.kind !== 'view')) {
    throw missing(word === 'VIEW' ? 'View' : 'Table', place);
  }
  return columnsTable(entry.columns, entry.kind === 'table' ? entry.constraints : [], (id) => names.nameOf(id));
}

function columnsTable(
  columns: readonly ColumnEntry[],
  constraints: readonly ConstraintEntry[],
  nameOf: (id: number) => string = String,
): ResultTable {
  const inKey = (kind: ConstraintEntry['kind'], name: string): string =>
    constraints.some((key) => key.kind === kind && key.columns.includes(name)) ? 'Y' : 'N';
  return {
    columns: COLUMNS,
    rows: columns.map((entry) => [
      entry.name,
      showType(entry.type),
      entry.expression === undefined ? 'COLUMN' : 'VIRTUAL_COLUMN',
      entry.nullable ? 'Y' : 'N',
      defaultOf(entry),
      inKey('PRIMARY KEY', entry.name),
      inKey('UNIQUE', entry.name),
      null,
      entry.expression ?? null,
      entry.comment ?? null,
      entry.masking === undefined ? null : nameOf(entry.masking.policy),
      null,
    ]),
  };
}

function resultColumns(id: string, context: CommandContext): ResultTable {
  const result = context.state.result(id);
  if (result === undefined) throw notFound('Result', [id]);
  return columnsTable(result.columns, []);
}

function lastQueryId(text: string, context: CommandContext): string {
  const match = /^last_query_id\s*\(\s*(-?\d+)?\s*\)$/i.exec(text.trim());
  return (match === null ? undefined : context.state.queryId(Number(match[1] ?? -1))) ?? text;
}

function describedAs(table: ResultTable): { statementTypeId: number; table: ResultTable } {
  return { statementTypeId: STATEMENT_TYPE.describe, table };
}
