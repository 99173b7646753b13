import type { SnowflakeType } from '../../../src/local/engine/snowflake-type.js';

/** What a Snowflake driver makes of a cell, exactly: integers and instants as bigint (instants in nanoseconds). */
export function decode(cell: string | null, type: SnowflakeType): unknown {
  if (cell === null) return null;
  switch (type.name) {
    case 'FIXED':
      return cell;
    case 'REAL':
      return cell === 'inf' ? Number.POSITIVE_INFINITY : cell === '-inf' ? Number.NEGATIVE_INFINITY : Number(cell);
    case 'BOOLEAN':
      return { '1': true, '0': false }[cell];
    case 'DATE':
      return Number(cell);
    case 'TIME':
    case 'TIMESTAMP_NTZ':
    case 'TIMESTAMP_LTZ':
      return nanoseconds(cell);
    case 'TIMESTAMP_TZ': {
      const [instant = '', offset = ''] = cell.split(' ');
      return { instant: nanoseconds(instant), offset: Number(offset) - 1440 };
    }
    case 'BINARY':
      return Buffer.from(cell, 'hex');
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
    case 'GEOGRAPHY':
    case 'GEOMETRY':
      return JSON.parse(cell);
    case 'TEXT':
      return cell;
  }
}

function nanoseconds(cell: string): bigint {
  const match = /^(-?)(\d+)\.(\d{9})$/.exec(cell);
  if (match === null) throw new Error(`no instant: ${cell}`);
  const count = BigInt(`${match[2]}${match[3]}`);
  return match[1] === '-' ? -count : count;
}
