import type { CommandContext } from '../../engine/command.js';
import type { WireColumn } from '../../engine/engine.js';
import { column, INSTANT, NUMBER, type ResultTable } from '../../engine/result-table.js';
import type { ListingScope, ShowOptions, ShowPlace } from './show-place.js';

export type Cell = string | null;

export interface Listing {
  readonly scope: ListingScope;
  /** Columns of SHOW TERSE. */
  readonly terse?: readonly string[];
  list(place: ShowPlace, context: CommandContext, options: ShowOptions): Promise<ResultTable>;
}

export const TERSE = ['created_on', 'name', 'kind', 'database_name', 'schema_name'];

/** Columns by name: `@` marks an instant, `#` a number, the others are text. */
export function columns(names: string): WireColumn[] {
  return names.split(' ').map((name) => {
    if (name.startsWith('@')) return column(name.slice(1), INSTANT);
    return name.startsWith('#') ? column(name.slice(1), NUMBER) : column(name);
  });
}

export const yes = (value: boolean): string => (value ? 'Y' : 'N');
