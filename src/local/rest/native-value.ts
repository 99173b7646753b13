import type { SnowflakeType } from '../engine/snowflake-type.js';

/** More digits are no exact JavaScript number. */
const EXACT_DIGITS = 15;
const NANOS = 1_000_000_000n;

/**
 * A cell of the wire as a JSON value: numbers where they are exact (else their text), dates and times as ISO 8601, semi-structured
 * values as they are, binaries in hex.
 */
export function nativeValue(cell: string | null, type: SnowflakeType): unknown {
  if (cell === null) return null;
  switch (type.name) {
    case 'FIXED':
      return cell.replace(/\D/g, '').length <= EXACT_DIGITS ? Number(cell) : cell;
    case 'REAL':
      return Number.isFinite(Number(cell)) ? Number(cell) : cell;
    case 'BOOLEAN':
      return cell === '1' || cell === 'true';
    case 'DATE':
      return isoDate(Number(cell) * 86_400_000);
    case 'TIME':
      return clock(nanosOf(cell));
    case 'TIMESTAMP_NTZ':
      return isoInstant(nanosOf(cell), 0);
    case 'TIMESTAMP_LTZ':
      return `${isoInstant(nanosOf(cell), 0)}Z`;
    case 'TIMESTAMP_TZ': {
      const [seconds = '0', offset = '1440'] = cell.split(' ');
      return isoInstant(nanosOf(seconds), Number(offset) - 1440) + isoOffset(Number(offset) - 1440);
    }
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return parsedOrText(cell);
    default:
      return cell;
  }
}

function parsedOrText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

function nanosOf(seconds: string): bigint {
  const [whole = '0', fraction = ''] = seconds.replace('-', '').split('.');
  const nanos = BigInt(whole) * NANOS + BigInt(fraction.padEnd(9, '0').slice(0, 9));
  return seconds.startsWith('-') ? -nanos : nanos;
}

/** `2024-02-03`; years after 9999 with a sign. */
function isoDate(ms: number): string {
  return new Date(ms).toISOString().replace(/T.*$/, '');
}

function clock(nanosOfDay: bigint): string {
  const seconds = Number(nanosOfDay / NANOS);
  const fraction = (nanosOfDay % NANOS).toString().padStart(9, '0').replace(/0+$/, '');
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + (fraction === '' ? '' : `.${fraction}`);
}

function isoInstant(nanos: bigint, offsetMinutes: number): string {
  const day = 86_400n * NANOS;
  const local = nanos + BigInt(offsetMinutes) * 60n * NANOS;
  const ofDay = ((local % day) + day) % day;
  return `${isoDate(Number((local - ofDay) / 1_000_000n))}T${clock(ofDay)}`;
}

function isoOffset(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
