import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';

/** A wire cell as people write it: dates and times of day in ISO form, fractions without trailing zeros, NULL as a word. */
export function showCell(cell: string | null, type: SnowflakeType): string {
  if (cell === null) return 'NULL';
  switch (type.name) {
    case 'BOOLEAN':
      return cell === '1' ? 'true' : 'false';
    case 'DATE':
      return new Date(Number(cell) * 86_400_000).toISOString().slice(0, 10).replace('T', '');
    case 'TIME':
      return showSeconds(cell, 0).slice(11);
    case 'TIMESTAMP_NTZ':
      return showSeconds(cell, 0);
    case 'TIMESTAMP_LTZ':
      return `${showSeconds(cell, 0)} Z`;
    case 'TIMESTAMP_TZ': {
      const [instant = '', zone = ''] = cell.split(' ');
      const offset = Number(zone) - 1440;
      const minutes = Math.abs(offset);
      const two = (n: number): string => String(n).padStart(2, '0');
      return `${showSeconds(instant, offset)} ${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    }
    default:
      return cell;
  }
}

function showSeconds(cell: string, offsetMinutes: number): string {
  const negative = cell.startsWith('-');
  const [whole = '0', fraction = ''] = cell.replace('-', '').split('.');
  const digits = fraction.padEnd(9, '0');
  const nanos = BigInt(`${whole}${digits}`) * (negative ? -1n : 1n) + BigInt(offsetMinutes) * 60_000_000_000n;
  const part = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = Number((nanos - part) / 1_000_000_000n);
  const shown = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const rest = String(part).padStart(9, '0').replace(/0+$/, '');
  return rest === '' ? shown : `${shown}.${rest}`;
}
