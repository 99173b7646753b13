import type { TableEntry } from '../../engine/catalog/entries.js';
import type { CommandContext, RunSql } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { forgetUnfitImages, hasLengthCheck, reshapePhysicalTable } from '../../engine/physical-table.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { duckdbTypeOf } from '../../engine/types/duckdb-type.js';
import { showType } from '../../engine/types/show-type.js';
import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import { rebuildTable } from './rebuild-table.js';

/**
 * ALTER COLUMN … SET DATA TYPE. The length of a text is checked by a constraint, which DuckDB cannot alter: such a table is written
 * anew. Throws 002108 for a change that Snowflake does not make.
 */
export function changeType(
  name: string,
  type: SnowflakeType,
): (table: TableEntry, run: RunSql, context: CommandContext) => Promise<TableEntry> {
  return async (table, run, context) => {
    const current = table.columns.find((column) => column.name === name);
    if (current === undefined) throw invalidIdentifier(name);
    assertChangeable(name, current.type, type);
    const columns = table.columns.map((column) => (column.name === name ? { ...column, type } : column));
    if (!hasLengthCheck(current) && !hasLengthCheck({ ...current, type })) {
      const clause = `ALTER COLUMN ${quoteName(name)} SET DATA TYPE ${duckdbTypeOf(type)}`;
      await forgetUnfitImages(table, name, duckdbTypeOf(type), run);
      await reshapePhysicalTable(table, clause, run);
      return { ...table, columns };
    }
    if (table.columns.some((column) => column.identity !== undefined)) {
      throw unsupported('ALTER COLUMN … SET DATA TYPE of a text beside an identity column');
    }
    return await rebuildTable(table, columns, run, context);
  };
}

function assertChangeable(name: string, from: SnowflakeType, to: SnowflakeType): void {
  const why = refusal(from, to);
  if (why === undefined) return;
  const change = `cannot change column ${name} from type ${showType(from)} to ${showType(to)}`;
  throw new LocalError('002108', '22000', `SQL compilation error:\n${change}${why}`);
}

function refusal(from: SnowflakeType, to: SnowflakeType): string | undefined {
  if (from.name !== to.name) return '';
  if ((from.name === 'TEXT' || from.name === 'BINARY') && 'length' in to && to.length < from.length) {
    return ' because reducing the byte-length of a varchar is not supported.';
  }
  if (from.name === 'FIXED' && to.name === 'FIXED' && to.scale !== from.scale) {
    return ' because changing the scale of a number is not supported.';
  }
  return undefined;
}
