import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { showType } from '../../engine/types/show-type.js';

/** A value of a script: its type, and its cell as the wire carries it. */
export interface ScriptValue {
  readonly type: SnowflakeType;
  readonly cell: string | null;
}

/** The value as an expression of Snowflake's SQL, such that it has the value's type. */
export function literalOf({ type, cell }: ScriptValue): string {
  if (cell === null) return `CAST(NULL AS ${showType(type)})`;
  switch (type.name) {
    case 'FIXED':
      return cell.startsWith('-') ? `(${cell})` : cell;
    case 'REAL':
      return `CAST('${cell}' AS FLOAT)`;
    case 'TEXT':
      return quoted(cell);
    case 'BINARY':
      return `TO_BINARY('${cell}', 'HEX')`;
    case 'BOOLEAN':
      return cell === '1' ? 'TRUE' : 'FALSE';
    case 'DATE':
      return `CAST('${new Date(Number(cell) * 86_400_000).toISOString().slice(0, 10)}' AS DATE)`;
    case 'TIME':
      return `CAST('${moment(cell, 0).slice(11)}' AS TIME)`;
    case 'TIMESTAMP_NTZ':
      return `CAST('${moment(cell, 0)}' AS TIMESTAMP_NTZ)`;
    case 'TIMESTAMP_LTZ':
      return `CAST('${moment(cell, 0)} +00:00' AS TIMESTAMP_LTZ)`;
    case 'TIMESTAMP_TZ': {
      const [instant = '0', zone = '1440'] = cell.split(' ');
      const minutes = Number(zone) - 1440;
      return `CAST('${moment(instant, minutes)} ${offsetText(minutes)}' AS TIMESTAMP_TZ)`;
    }
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return `TO_${type.name}(${quoted(cell)})`;
    case 'VARIANT':
    case 'ARRAY':
    case 'OBJECT':
      return `CAST(PARSE_JSON(${quoted(cell)}) AS ${type.name})`;
  }
}

/** A text in Snowflake's quotes, where a backslash escapes. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** `seconds.nanoseconds` since the epoch as date and time, at that many minutes east of UTC. */
function moment(cell: string, eastMinutes: number): string {
  const negative = cell.startsWith('-');
  const [whole = '0', fraction = ''] = cell.replace('-', '').split('.');
  const unsigned = BigInt(`${whole}${fraction.padEnd(9, '0')}`);
  const nanos = (negative ? -unsigned : unsigned) + BigInt(eastMinutes) * 60_000_000_000n;
  const part = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((nanos - part) / 1_000_000_000n);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${String(part).padStart(9, '0')}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
