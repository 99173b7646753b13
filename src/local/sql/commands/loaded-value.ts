import type { ColumnEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { castTo } from '../emit/cast.js';
import { storedValue } from '../emit/target-table.js';
import { textOf } from '../emit/text-casts.js';
import { isSemiStructured, type Typed } from '../emit/typed.js';
import { quoted } from '../scripting/literal.js';
import { translateExpression } from '../translate.js';
import type { CopyStatement } from './copy-statement.js';
import type { FileFormat } from './file-format.js';

/** A value of a file on its way into a column. */
export interface LoadedValue {
  readonly target: ColumnEntry;
  /** DuckDB SQL; raises an error for what cannot be converted. */
  readonly strict: string;
  /** DuckDB SQL; NULL for what cannot be converted. */
  readonly lenient: string;
  /** DuckDB SQL: whether the value cannot go into the column. */
  readonly bad: string;
  /** DuckDB SQL of the value as text, for messages. */
  readonly shown: string;
}

interface Loading {
  readonly copy: Pick<CopyStatement, 'truncate'>;
  readonly format: FileFormat;
  readonly context: Pick<CommandContext, 'scope'>;
}

/** The ways in which `value` (of a file's row) can go into the column. */
export function loadedValue(value: Typed, target: ColumnEntry, { copy, format, context }: Loading): LoadedValue {
  const shown = textOf(value);
  const missing = target.nullable ? '' : ` OR ${value.sql} IS NULL`;
  const { type } = target;
  if (type.name === 'TEXT') {
    const text = textOf(value);
    const cut = copy.truncate ? `left(${text}, ${type.length})` : text;
    const long = copy.truncate ? 'FALSE' : `coalesce(length(${text}) > ${type.length}, FALSE)`;
    return {
      target,
      shown,
      strict: copy.truncate ? cut : storedValue(value, target),
      lenient: cut,
      bad: `(${long}${missing})`,
    };
  }
  const parsed = value.type.name === 'TEXT' ? parsedBy(value.sql, type, format, context) : undefined;
  const lenient = parsed?.lenient ?? castTo(value, type, true).sql;
  return {
    target,
    shown,
    strict: parsed?.strict ?? storedValue(value, target),
    lenient,
    bad: `((${value.sql} IS NOT NULL AND ${lenient} IS NULL)${missing})`,
  };
}

/** Texts that the file format, and not the session, says how to read. */
function parsedBy(
  text: string,
  type: SnowflakeType,
  format: FileFormat,
  context: Loading['context'],
): { readonly strict: string; readonly lenient: string } | undefined {
  const call = parserOf(type, format);
  if (call === undefined) return undefined;
  const name = text.slice(1, -1);
  const columns = [{ name, type: { name: 'TEXT', length: 16_777_216 } as const, nullable: true }];
  const translated = (prefix: string): string =>
    translateExpression(`${prefix}${call.name}("${name}"${call.rest})`, context.scope('COPY'), columns);
  const cast = (sql: string): string => (isSemiStructured(type) ? `CAST(${sql} AS JSON)` : sql);
  return { strict: cast(translated('')), lenient: cast(translated('TRY_')) };
}

function parserOf(type: SnowflakeType, format: FileFormat): { name: string; rest: string } | undefined {
  const named = (name: string, pattern: string): { name: string; rest: string } | undefined =>
    pattern.toUpperCase() === 'AUTO' ? undefined : { name, rest: `, ${quoted(pattern)}` };
  switch (type.name) {
    case 'DATE':
      return named('TO_DATE', format.dateFormat);
    case 'TIME':
      return named('TO_TIME', format.timeFormat);
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return named(`TO_${type.name}`, format.timestampFormat);
    case 'BINARY':
      return named('TO_BINARY', format.binaryFormat === 'HEX' ? 'AUTO' : format.binaryFormat);
    case 'VARIANT':
    case 'ARRAY':
    case 'OBJECT':
      return { name: 'PARSE_JSON', rest: '' };
    default:
      return undefined;
  }
}

/** Why a text cannot go into a column of that type. */
export function conversionError(target: ColumnEntry, shown: string | null): LocalError {
  if (shown === null) return new LocalError('100072', '22000', `NULL result in a non-nullable column`);
  switch (target.type.name) {
    case 'FIXED':
    case 'REAL':
      return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(shown)
        ? new LocalError('100039', '22003', `Numeric value '${shown}' is out of range`)
        : new LocalError('100038', '22018', `Numeric value '${shown}' is not recognized`);
    case 'BOOLEAN':
      return new LocalError('100037', '22018', `Boolean value '${shown}' is not recognized`);
    case 'DATE':
      return new LocalError('100040', '22007', `Date '${shown}' is not recognized`);
    case 'TIME':
      return new LocalError('100108', '22007', `Time '${shown}' is not recognized`);
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return new LocalError('100035', '22007', `Timestamp '${shown}' is not recognized`);
    case 'TEXT':
      return new LocalError(
        '100078',
        '22000',
        `User character length limit (${target.type.length}) exceeded by string '${shown.slice(0, 50)}'`,
      );
    case 'BINARY':
      return new LocalError(
        '100115',
        '22000',
        `The following string is not a legal value of a BINARY: '${shown.slice(0, 50)}'`,
      );
    default:
      return new LocalError('100069', '22P02', `Error parsing JSON: ${shown.slice(0, 100)}`);
  }
}
