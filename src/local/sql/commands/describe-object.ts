import { ACCOUNT } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { column, type ResultTable } from '../../engine/result-table.js';
import { missing } from '../../engine/session-names.js';
import { notFound } from '../../engine/snowflake-errors.js';
import { showType } from '../../engine/types/show-type.js';
import type { TokenCursor } from '../token-cursor.js';
import { fileFormat } from './file-format.js';
import { type Cell, columns } from './listing.js';
import { userOf } from './own-user.js';
import { parseSignature, signatureOf } from './routine-signature.js';
import { LISTINGS } from './show-listings.js';

const PROPERTIES = columns('property property_type property_value property_default');

/** DESCRIBE FILE FORMAT: every option of the type with its value. */
export function describeFormat(name: readonly string[], { names }: CommandContext): ResultTable {
  const place = names.place(name, 'DESCRIBE FILE FORMAT');
  const entry = names.findIn(place.schema, 'file format', place.name);
  if (entry === undefined) throw missing('File format', place);
  return { columns: PROPERTIES, rows: formatProperties(entry.options) };
}

/** DESCRIBE STAGE. */
export function describeStage(name: readonly string[], { names }: CommandContext): ResultTable {
  const place = names.place(name, 'DESCRIBE STAGE');
  const entry = names.findIn(place.schema, 'stage', place.name);
  if (entry === undefined) throw missing('Stage', place);
  const options = entry.format.FORMAT_NAME === undefined ? entry.format : {};
  const rows: Cell[][] = formatProperties(options).map((row) => ['STAGE_FILE_FORMAT', ...row]);
  rows.push(
    ['STAGE_COPY_OPTIONS', 'ON_ERROR', 'String', 'ABORT_STATEMENT', 'ABORT_STATEMENT'],
    ['STAGE_COPY_OPTIONS', 'PURGE', 'Boolean', 'false', 'false'],
    ['STAGE_LOCATION', 'URL', 'String', entry.url === '' ? '' : JSON.stringify([entry.url]), ''],
    ['DIRECTORY', 'ENABLE', 'Boolean', 'false', 'false'],
  );
  return { columns: columns('parent_property property property_type property_value property_default'), rows };
}

const COMMON = [
  ['DATE_FORMAT', 'String', 'AUTO'],
  ['TIME_FORMAT', 'String', 'AUTO'],
  ['TIMESTAMP_FORMAT', 'String', 'AUTO'],
  ['BINARY_FORMAT', 'String', 'HEX'],
  ['TRIM_SPACE', 'Boolean', 'false'],
  ['NULL_IF', 'List', '[]'],
  ['COMPRESSION', 'String', 'AUTO'],
] as const;

const OF_TYPE: Readonly<Record<string, readonly (readonly [name: string, type: string, value: string])[]>> = {
  CSV: [
    ['RECORD_DELIMITER', 'String', '\\n'],
    ['FIELD_DELIMITER', 'String', ','],
    ['FILE_EXTENSION', 'String', ''],
    ['SKIP_HEADER', 'Integer', '0'],
    ['PARSE_HEADER', 'Boolean', 'false'],
    ...COMMON.slice(0, 4),
    ['ESCAPE', 'String', 'NONE'],
    ['ESCAPE_UNENCLOSED_FIELD', 'String', '\\\\'],
    ['TRIM_SPACE', 'Boolean', 'false'],
    ['FIELD_OPTIONALLY_ENCLOSED_BY', 'String', 'NONE'],
    ['NULL_IF', 'List', '[\\\\N]'],
    ['COMPRESSION', 'String', 'AUTO'],
    ['ERROR_ON_COLUMN_COUNT_MISMATCH', 'Boolean', 'true'],
    ['VALIDATE_UTF8', 'Boolean', 'true'],
    ['SKIP_BLANK_LINES', 'Boolean', 'false'],
    ['REPLACE_INVALID_CHARACTERS', 'Boolean', 'false'],
    ['EMPTY_FIELD_AS_NULL', 'Boolean', 'true'],
    ['SKIP_BYTE_ORDER_MARK', 'Boolean', 'true'],
    ['ENCODING', 'String', 'UTF8'],
    ['MULTI_LINE', 'Boolean', 'true'],
  ],
  JSON: [
    ['FILE_EXTENSION', 'String', ''],
    ...COMMON,
    ['ENABLE_OCTAL', 'Boolean', 'false'],
    ['ALLOW_DUPLICATE', 'Boolean', 'false'],
    ['STRIP_OUTER_ARRAY', 'Boolean', 'false'],
    ['STRIP_NULL_VALUES', 'Boolean', 'false'],
    ['IGNORE_UTF8_ERRORS', 'Boolean', 'false'],
    ['REPLACE_INVALID_CHARACTERS', 'Boolean', 'false'],
    ['SKIP_BYTE_ORDER_MARK', 'Boolean', 'true'],
    ['MULTI_LINE', 'Boolean', 'true'],
  ],
  PARQUET: [
    ['TRIM_SPACE', 'Boolean', 'false'],
    ['NULL_IF', 'List', '[]'],
    ['COMPRESSION', 'String', 'AUTO'],
    ['BINARY_AS_TEXT', 'Boolean', 'true'],
    ['REPLACE_INVALID_CHARACTERS', 'Boolean', 'false'],
    ['USE_VECTORIZED_SCANNER', 'Boolean', 'false'],
    ['USE_LOGICAL_TYPE', 'Boolean', 'false'],
  ],
};

function formatProperties(options: Readonly<Record<string, readonly string[]>>): Cell[][] {
  const { type } = fileFormat(new Map(Object.entries(options)));
  const rows: Cell[][] = [['TYPE', 'String', type, 'CSV']];
  for (const [name, kind, standard] of OF_TYPE[type] ?? []) {
    const given = options[name];
    const value =
      given === undefined
        ? standard
        : kind === 'List'
          ? `[${given.map(shown).join(', ')}]`
          : kind === 'Boolean'
            ? (given[0] ?? '').toLowerCase()
            : shown(given[0] ?? '');
    rows.push([name, kind, value, standard]);
  }
  return rows;
}

/** Control characters and backslashes as one writes them. */
function shown(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

/** DESCRIBE FUNCTION | PROCEDURE name(types). */
export function describeRoutine(
  kind: 'function' | 'procedure',
  cursor: TokenCursor,
  { names }: CommandContext,
): ResultTable {
  const place = names.place(cursor.name(), `DESCRIBE ${kind.toUpperCase()}`);
  const signature = signatureOf(place.name, parseSignature(cursor));
  cursor.expectEnd();
  const entry = names.findIn(place.schema, kind, signature);
  if (entry === undefined) throw missing(kind === 'function' ? 'Function' : 'Procedure', { ...place, name: signature });
  const parameters = entry.arguments.map(({ name, type }) => `${name} ${showType(type)}`).join(', ');
  const returns =
    entry.table === undefined
      ? showType(entry.returns)
      : `TABLE (${entry.table.map(({ name, type }) => `${name} ${showType(type)}`).join(', ')})`;
  const details: Cell[][] = [
    ['null handling', entry.strict ? 'RETURNS NULL ON NULL INPUT' : 'CALLED ON NULL INPUT'],
    ['volatility', entry.volatility === '' ? 'VOLATILE' : entry.volatility],
  ];
  const rows: Cell[][] = [
    ['signature', `(${parameters})`],
    ['returns', entry.notNull ? `${returns} NOT NULL` : returns],
    ['language', entry.language],
    ...(kind === 'procedure' || entry.language === 'JAVASCRIPT' ? details : []),
    ...(kind === 'procedure' ? [['execute as', entry.executeAs]] : []),
    ['body', entry.body],
  ];
  return { columns: columns('property value'), rows };
}

/** DESCRIBE SEQUENCE, STREAM and WAREHOUSE: the one row of their SHOW. */
export async function describeListed(
  word: 'SEQUENCE' | 'STREAM' | 'WAREHOUSE',
  name: readonly string[],
  context: CommandContext,
): Promise<ResultTable> {
  const { names } = context;
  const listing = LISTINGS.find(([words]) => words[0] === `${word}S`)?.[1];
  const options = { terse: false, history: false };
  if (word === 'WAREHOUSE') {
    if (names.catalog.find(ACCOUNT, 'warehouse', name[0] ?? '') === undefined) throw notFound('Warehouse', name);
    const all = await listing?.list({ databases: [], schemas: [] }, context, options);
    return rowsNamed(all, name.at(-1) ?? '');
  }
  if (word === 'STREAM') {
    const at = names.place(name, 'DESCRIBE STREAM');
    if (names.findIn(at.schema, 'stream', at.name) === undefined) throw missing('Stream', at);
    return rowsNamed(await listing?.list({ databases: [], schemas: [at] }, context, options), at.name);
  }
  const { entry, place } = names.sequence(name, 'DESCRIBE SEQUENCE');
  const all = await listing?.list({ databases: [], schemas: [place] }, context, options);
  return rowsNamed(all, entry.name);
}

function rowsNamed(table: ResultTable | undefined, name: string): ResultTable {
  if (table === undefined) return { columns: [], rows: [] };
  const at = table.columns.findIndex((item) => item.name === 'name');
  return { ...table, rows: table.rows.filter((row) => row[at] === name) };
}

const USER_PROPERTIES = [
  ['NAME', 'Name'],
  ['COMMENT', 'user comment associated to an object in the dictionary'],
  ['DISPLAY_NAME', 'Display name of the associated object'],
  ['LOGIN_NAME', 'Login name of the user'],
  ['FIRST_NAME', 'First name of the user'],
  ['LAST_NAME', 'Last name of the user'],
  ['EMAIL', 'Email address of the user'],
  ['DISABLED', 'Whether the user is disabled'],
  ['DEFAULT_WAREHOUSE', 'Default warehouse for this user'],
  ['DEFAULT_NAMESPACE', 'Default database namespace prefix for this user'],
  ['DEFAULT_ROLE', 'Primary principal of user session will be set to this role'],
] as const;

/** DESCRIBE USER. */
export function describeUser(name: string, context: CommandContext): ResultTable {
  const entry = userOf(name, context);
  if (entry === undefined) throw notFound('User', [name]);
  const values: Readonly<Record<string, string>> = {
    DISPLAY_NAME: entry.name,
    LOGIN_NAME: entry.name,
    DISABLED: 'false',
    ...entry.attributes,
    NAME: entry.name,
    COMMENT: entry.comment,
  };
  return {
    columns: [column('property'), column('value'), column('default'), column('description')],
    rows: USER_PROPERTIES.map(([property, description]): Cell[] => [
      property,
      values[property] === undefined || values[property] === '' ? 'null' : values[property],
      property === 'DISABLED' ? 'false' : 'null',
      description,
    ]),
  };
}
