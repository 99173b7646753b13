import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { textOf } from '../emit/text-casts.js';
import { isNumeric, isSemiStructured } from '../emit/typed.js';
import { duckString, quoteName } from '../lexer.js';
import { quoted } from '../scripting/literal.js';
import { translateExpression } from '../translate.js';
import type { FileFormat } from './file-format.js';

export interface UnloadedColumn {
  readonly name: string;
  readonly type: SnowflakeType;
}

/** DuckDB SQL of one row `c0`, `c1`, … as a line of the file, without its end. */
export function unloadedLine(
  columns: readonly UnloadedColumn[],
  format: FileFormat,
  context: Pick<CommandContext, 'scope'>,
): string {
  if (format.type === 'JSON') {
    const [only] = columns;
    if (columns.length !== 1 || only === undefined || !isSemiStructured(only.type)) {
      throw new LocalError(
        '001803',
        '42601',
        'SQL compilation error:\nJSON file format can be used to unload one column of type VARIANT, OBJECT or ARRAY only; OBJECT_CONSTRUCT(*) makes one of a row.',
      );
    }
    return 'CAST("c0" AS VARCHAR)';
  }
  const cells = columns.map(({ type }, i) => csvCell(`c${i}`, type, format, context));
  return cells.join(` || ${duckString(format.delimiter)} || `);
}

/** The names of the columns as the first line of a CSV file. */
export function headerLine(columns: readonly UnloadedColumn[], { delimiter, quote }: FileFormat): string {
  return columns
    .map(({ name }) => `${quote}${quote === '' ? name : name.replaceAll(quote, quote + quote)}${quote}`)
    .join(delimiter);
}

function csvCell(
  name: string,
  type: SnowflakeType,
  format: FileFormat,
  context: Pick<CommandContext, 'scope'>,
): string {
  const text = cellText(name, type, format, context);
  const column = quoteName(name);
  const nothing = format.nullIf.length === 0 ? "''" : duckString(format.nullIf[0] ?? '');
  if (isNumeric(type) || type.name === 'BOOLEAN') return `coalesce(${text}, ${nothing})`;
  const { quote, escape, unenclosedEscape, delimiter, recordDelimiter } = format;
  if (quote !== '') {
    const inner =
      escape === ''
        ? `replace(${text}, ${duckString(quote)}, ${duckString(quote + quote)})`
        : escaped(text, escape, [escape, quote]);
    return `CASE WHEN ${column} IS NULL THEN ${nothing} ELSE ${duckString(quote)} || ${inner} || ${duckString(quote)} END`;
  }
  const mark = escape === '' ? unenclosedEscape : escape;
  const plain = mark === '' ? text : escaped(text, mark, [mark, delimiter, recordDelimiter]);
  return `coalesce(${plain}, ${nothing})`;
}

function escaped(text: string, mark: string, characters: readonly string[]): string {
  return characters
    .filter((character) => character !== '')
    .reduce((sql, character) => `replace(${sql}, ${duckString(character)}, ${duckString(mark + character)})`, text);
}

function cellText(
  name: string,
  type: SnowflakeType,
  format: FileFormat,
  context: Pick<CommandContext, 'scope'>,
): string {
  const pattern = patternOf(type, format);
  if (pattern === undefined) return textOf({ sql: quoteName(name), type, exact: true });
  return translateExpression(`TO_CHAR("${name}", ${quoted(pattern)})`, context.scope('COPY'), [
    { name, type, nullable: true },
  ]);
}

function patternOf(type: SnowflakeType, format: FileFormat): string | undefined {
  const given = (pattern: string): string | undefined => (pattern.toUpperCase() === 'AUTO' ? undefined : pattern);
  switch (type.name) {
    case 'DATE':
      return given(format.dateFormat);
    case 'TIME':
      return given(format.timeFormat);
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return given(format.timestampFormat);
    case 'BINARY':
      return format.binaryFormat === 'HEX' ? undefined : format.binaryFormat;
    default:
      return undefined;
  }
}
