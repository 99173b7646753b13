import { quoteName } from '../sql/lexer.js';
import type {
  ColumnEntry,
  ConstraintEntry,
  DynamicTable,
  Entry,
  EntryKind,
  KeptEntry,
  RoutineEntry,
  SchemaEntry,
  StreamEntry,
  TableEntry,
  ViewEntry,
} from './catalog/entries.js';
import { LocalError } from './local-error.js';
import type { SessionNames } from './session-names.js';
import { missing } from './session-names.js';
import { showName } from './snowflake-errors.js';
import { showType } from './types/show-type.js';

/** Kinds that GET_DDL takes, by their word. */
const KINDS: Readonly<Record<string, 'relation' | EntryKind>> = {
  DYNAMIC_TABLE: 'relation',
  PIPE: 'pipe',
  STREAM: 'stream',
  TAG: 'tag',
  TASK: 'task',
  TABLE: 'relation',
  VIEW: 'relation',
  SEQUENCE: 'sequence',
  FUNCTION: 'function',
  PROCEDURE: 'procedure',
  FILE_FORMAT: 'file format',
  STAGE: 'stage',
};

/** GET_DDL('kind', 'name'): the statement that makes the object again. Throws 002003 for one that does not exist. */
export function getDdl(kind: string, name: readonly string[], qualified: boolean, names: SessionNames): string {
  const word = kind.toUpperCase();
  if (word === 'DATABASE') {
    const database = names.database(name[0] ?? '');
    const schemas = names.catalog.children(database.id, 'schema');
    return [
      `create or replace ${database.transient ? 'TRANSIENT ' : ''}database ${showName([database.name])}${comment(database)};`,
      ...schemas.map((schema) => schemaDdl(schema, names)),
    ].join('\n\n');
  }
  if (word === 'SCHEMA') return schemaDdl(names.schema(name, 'GET_DDL').schema, names);
  const what = word === 'POLICY' ? policyKind(name, names) : KINDS[word];
  if (what === undefined) throw new LocalError('000002', '0A000', `Unsupported feature 'GET_DDL of ${word}'.`);
  const last = name.at(-1) ?? '';
  const open = last.indexOf('(');
  const place = names.place(name, 'GET_DDL');
  const entry =
    what === 'relation'
      ? names.findRelationIn(place.schema, place.name)
      : what === 'function' || what === 'procedure'
        ? names.catalog
            .children(place.schema.id, what)
            .find((routine) => (open < 0 ? routine.routine === last : routine.name === last))
        : names.findIn(place.schema, what, place.name);
  if (entry === undefined) throw missing(word.charAt(0) + word.slice(1).toLowerCase().replace('_', ' '), place);
  const shown = qualified ? [place.database.name, place.schema.name, entry.name] : [entry.name];
  if (entry.kind === 'stream') return streamDdl(entry, showName(shown), names);
  return objectDdl(entry, showName(shown));
}

/** Which of the policies the name is. */
function policyKind(name: readonly string[], names: SessionNames): 'masking policy' | 'row access policy' {
  const place = names.place(name, 'GET_DDL');
  const masking = names.catalog.find(place.schema.id, 'masking policy', place.name);
  return masking === undefined ? 'row access policy' : 'masking policy';
}

function schemaDdl(schema: SchemaEntry, names: SessionNames): string {
  const kinds = ['table', 'view', 'sequence', 'file format', 'function', 'procedure'] as const;
  const objects = kinds.flatMap((kind) => names.objectsIn(schema, kind));
  return [
    `create or replace ${schema.transient ? 'TRANSIENT ' : ''}schema ${showName([schema.name])}${comment(schema)};`,
    ...objects.map((entry) => objectDdl(entry, showName([entry.name]))),
  ].join('\n\n');
}

function objectDdl(entry: Entry, name: string): string {
  switch (entry.kind) {
    case 'table':
      return entry.dynamic === undefined ? tableDdl(entry, name) : dynamicDdl(entry, entry.dynamic, name);
    case 'tag':
      return `create or replace tag ${name}${comment(entry)};`;
    case 'task':
    case 'pipe':
      return keptDdl(entry, name);
    case 'masking policy':
    case 'row access policy':
      return policyDdl(entry, name);
    case 'view':
      return viewDdl(entry, name);
    case 'sequence':
      return `create or replace sequence ${name} start with ${entry.start} increment by ${entry.increment} ${entry.ordered ? 'order' : 'noorder'}${comment(entry)};`;
    case 'file format': {
      const options = Object.entries(entry.options).map(([key, values]) => `\t${key} = ${optionText(key, values)}`);
      return `CREATE OR REPLACE FILE FORMAT ${name}\n${options.join('\n')}\n;`;
    }
    case 'stage':
      return `create or replace ${entry.temporary ? 'TEMPORARY ' : ''}stage ${name}${entry.url === '' ? '' : ` url='${entry.url}'`}${comment(entry)};`;
    case 'function':
    case 'procedure':
      return routineDdl(entry);
    default:
      throw new LocalError('000002', '0A000', `Unsupported feature 'GET_DDL of ${entry.kind}'.`);
  }
}

function dynamicDdl(table: TableEntry, dynamic: DynamicTable, name: string): string {
  const columns = table.columns.map((column) => `\t${showName([column.name])}`).join(',\n');
  const lag = dynamic.targetLag === 'DOWNSTREAM' ? 'DOWNSTREAM' : `'${escaped(dynamic.targetLag)}'`;
  return `create or replace dynamic table ${name}(\n${columns}\n) target_lag = ${lag} refresh_mode = ${dynamic.refreshMode} initialize = ON_CREATE warehouse = ${showName([dynamic.warehouse])}${comment(table)}\n as ${dynamic.query};`;
}

function keptDdl(entry: KeptEntry, name: string): string {
  const { AFTER: after, WHEN: when, STATE: _state, ...options } = entry.attributes;
  const lines = Object.entries(options).map(([key, value]) => `\t${key.toLowerCase()}=${optionText(key, [value])}`);
  if (after !== undefined) lines.push(`\tafter ${after.split(' ').join(', ')}`);
  if (when !== undefined) lines.push(`\twhen ${when}`);
  return [`create or replace ${entry.kind} ${name}${comment(entry)}`, ...lines, `\tas ${entry.definition};`].join('\n');
}

function policyDdl(entry: KeptEntry, name: string): string {
  const parameters = (entry.arguments ?? []).map((item) => `${item.name} ${showType(item.type)}`).join(', ');
  const returns = entry.returns === undefined ? 'BOOLEAN' : showType(entry.returns);
  return `create or replace ${entry.kind} ${name} as (${parameters})\nreturns ${returns} ->\n${entry.definition}${comment(entry)};`;
}

function streamDdl(entry: StreamEntry, name: string, names: SessionNames): string {
  const mode = entry.appendOnly ? ' append_only = true' : '';
  return `create or replace stream ${name} on table ${names.nameOf(entry.table)}${mode}${comment(entry)};`;
}

function tableDdl(table: TableEntry, name: string): string {
  const durability = table.durability === 'PERMANENT' ? '' : `${table.durability} `;
  const cluster = table.clusterBy === '' ? '' : ` cluster by ${table.clusterBy.replace(/^LINEAR/, '')}`;
  const lines = [...table.columns.map(columnDdl), ...table.constraints.map(constraintDdl)];
  const note = table.comment === '' ? '' : `COMMENT='${escaped(table.comment)}'\n`;
  return `create or replace ${durability}TABLE ${name}${cluster} (\n\t${lines.join(',\n\t')}\n)${note};`;
}

function columnDdl(column: ColumnEntry): string {
  const parts = [showName([column.name]), showType(column.type)];
  if (column.expression !== undefined) parts.push(`AS (${column.expression})`);
  if (!column.nullable) parts.push('NOT NULL');
  if (column.identity !== undefined) {
    const { start, increment, ordered } = column.identity;
    parts.push(`autoincrement start ${start} increment ${increment} ${ordered ? 'order' : 'noorder'}`);
  } else if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`);
  return `${parts.join(' ')}${columnComment(column)}`;
}

function columnComment({ comment = '' }: ColumnEntry): string {
  return comment === '' ? '' : ` COMMENT '${escaped(comment)}'`;
}

function constraintDdl({ kind, name, columns, references }: ConstraintEntry): string {
  const named = name.startsWith('SYS_CONSTRAINT') ? '' : `constraint ${showName([name])} `;
  const list = columns.map((column) => showName([column])).join(', ');
  const target =
    references === undefined
      ? ''
      : ` references ${showName(references.table)}(${references.columns.map((column) => showName([column])).join(', ')})`;
  return `${named}${kind.toLowerCase()} (${list})${target}`;
}

function viewDdl(view: ViewEntry, name: string): string {
  const secure = view.secure ? 'secure ' : '';
  const columns = view.columns.map((column) => `\t${showName([column.name])}${columnComment(column)}`).join(',\n');
  return `create or replace ${secure}view ${name}(\n${columns}\n)${comment(view)} as ${view.query};`;
}

function routineDdl(entry: RoutineEntry): string {
  const parameters = entry.arguments.map(({ name, type, default: given }) => {
    const standard = given === undefined ? '' : ` DEFAULT ${given}`;
    return `${quoteName(name)} ${showType(type)}${standard}`;
  });
  const returns =
    entry.table === undefined
      ? showType(entry.returns)
      : `TABLE (${entry.table.map(({ name, type }) => `${quoteName(name)} ${showType(type)}`).join(', ')})`;
  const lines = [
    `CREATE OR REPLACE ${entry.secure ? 'SECURE ' : ''}${entry.kind.toUpperCase()} ${quoteName(entry.routine)}(${parameters.join(', ')})`,
    `RETURNS ${returns}${entry.notNull ? ' NOT NULL' : ''}`,
    `LANGUAGE ${entry.language}`,
    ...(entry.strict ? ['STRICT'] : []),
    ...(entry.comment === '' ? [] : [`COMMENT='${escaped(entry.comment)}'`]),
    ...(entry.kind === 'procedure' ? [`EXECUTE AS ${entry.executeAs}`] : []),
    `AS '${escaped(entry.body)}';`,
  ];
  return lines.join('\n');
}

function optionText(key: string, values: readonly string[]): string {
  const shown = values.map((value) =>
    /^(TRUE|FALSE|AUTO|NONE|\d+)$/i.test(value) || key === 'TYPE' ? value : `'${escaped(value)}'`,
  );
  return key === 'NULL_IF' ? `(${shown.join(', ')})` : shown.join(', ');
}

function comment(entry: { readonly comment: string }): string {
  return entry.comment === '' ? '' : ` COMMENT='${escaped(entry.comment)}'`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll("'", "''");
}
