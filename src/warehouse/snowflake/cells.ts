import type { Json, ResultColumn } from '../../store/job.js';
import { dateText, timestampLtzText, timestampNtzText, timestampTzText, timeText } from './datetime.js';
import type { DriverColumn } from './driver.js';
import { exactNumber, parseVariant } from './lossless-json.js';

type Decode = (cell: string) => Json;

/**
 * Makes the driver hand out cells as the server sent them, and returns what turns each column's cells into JSON. The
 * driver's own conversion rounds numbers beyond 2^53, cuts times to the session's output format, evaluates VARIANTs
 * that are not strict JSON, and throws where nobody can catch it when a format parameter is missing.
 */
export function rawCells(columns: readonly DriverColumn[]): readonly Decode[] {
  return columns.map((column, index) => {
    const decode = decoderOf(column, index);
    column._getRowValue = (row) => row.values[index];
    return decode;
  });
}

/** `cell` as JSON; a cell that is not text (null, or a boolean of some servers) is JSON already. */
export function decodeCell(decode: Decode, cell: unknown): Json {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === 'string') return decode(cell);
  // Counting the rows of a DML statement makes the driver put its own conversion in the cell's place.
  const { raw } = cell as { readonly raw?: unknown };
  return typeof raw === 'string' ? decode(raw) : (cell as Json);
}

function decoderOf(column: DriverColumn, index: number): Decode {
  switch (column.getType().toLowerCase()) {
    case 'fixed':
      return exactNumber;
    case 'real':
      return realValue;
    case 'boolean':
      return (cell) => cell === '1' || cell.toLowerCase() === 'true';
    case 'date':
      return dateText;
    case 'time':
      return timeText;
    case 'timestamp_ntz':
      return timestampNtzText;
    case 'timestamp_tz':
      return timestampTzText;
    case 'timestamp_ltz': {
      const zone = zoneOf(column, index);
      return (cell) => timestampLtzText(cell, zone);
    }
    case 'variant':
    case 'object':
    case 'array':
    case 'map':
    case 'vector':
    case 'geography':
    case 'geometry':
      return parseVariant;
    default:
      return (cell) => cell;
  }
}

/** JSON has no NaN and no infinities: they stay text, as Snowflake writes them. */
function realValue(cell: string): Json {
  const value = Number(cell);
  return Number.isFinite(value) ? value : cell;
}

/** The statement's TIMEZONE, which the driver keeps to itself: read off a value that it converts. */
function zoneOf(column: DriverColumn, index: number): string {
  const values: unknown[] = [];
  values[index] = '0';
  try {
    const probe = column._getRowValue({ values, _arrayProcessedColumns: [] }) as { getTimezone?: () => unknown };
    const zone = probe.getTimezone?.();
    return typeof zone === 'string' && zone !== '' ? zone : 'UTC';
  } catch {
    return 'UTC';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = { fixed: 'NUMBER', real: 'FLOAT', text: 'VARCHAR' };

export function resultColumn(column: DriverColumn): ResultColumn {
  return { name: column.getName(), type: typeText(column), nullable: column.isNullable() !== false };
}

function typeText(column: DriverColumn): string {
  const wire = column.getType().toLowerCase();
  const name = TYPE_NAMES[wire] ?? wire.toUpperCase();
  const scale = column.getScale() ?? undefined;
  if (wire === 'fixed') return `${name}(${column.getPrecision() ?? 38},${scale ?? 0})`;
  return wire.startsWith('time') && scale !== undefined ? `${name}(${scale})` : name;
}
