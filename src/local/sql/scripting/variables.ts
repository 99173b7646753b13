import { LocalError } from '../../engine/local-error.js';
import type { ResultTable } from '../../engine/result-table.js';
import type { SnowflakeType } from '../../engine/snowflake-type.js';
import type { ScriptValue } from './literal.js';
import type { ScriptText } from './script.js';

/** A result that a script holds, and the query id under which RESULT_SCAN finds it. */
export interface HeldResult {
  readonly queryId: string;
  readonly table: ResultTable;
}

/** What a name stands for while a script runs. */
export type Variable =
  | { readonly kind: 'value'; readonly type: SnowflakeType | undefined; value: ScriptValue }
  | { readonly kind: 'resultset'; result: HeldResult | undefined }
  | { readonly kind: 'cursor'; readonly query: ScriptText; result: HeldResult | undefined; next: number }
  | { readonly kind: 'exception'; readonly number: number; readonly message: string }
  | { readonly kind: 'row'; readonly columns: ResultTable['columns']; readonly cells: readonly (string | null)[] };

export const NOTHING: ScriptValue = { type: { name: 'TEXT', length: 16_777_216 }, cell: null };

/** A variable of the type that holds the cell, as text; null is NULL. */
export function valueOfType(type: SnowflakeType, cell: string | null): Variable & { kind: 'value' } {
  return { kind: 'value', type, value: { type, cell } };
}

/** The names of one block, and of those around it. */
export class Variables {
  readonly #names = new Map<string, Variable>();
  readonly #outer: Variables | undefined;

  constructor(outer?: Variables) {
    this.#outer = outer;
  }

  find(name: string): Variable | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  declare(name: string, variable: Variable): void {
    this.#names.set(name, variable);
  }

  /** The variable of that name and kind. Throws 000904 for another. */
  get<K extends Variable['kind']>(name: string, kind: K): Variable & { kind: K } {
    const variable = this.find(name);
    if (variable?.kind !== kind) {
      throw new LocalError('000904', '42000', `SQL compilation error: invalid identifier '${name}'`);
    }
    return variable as Variable & { kind: K };
  }

  /** The value that a name, or a field of a row, has now. */
  value(name: string, field?: string): ScriptValue | undefined {
    const variable = this.find(name);
    if (field === undefined) return variable?.kind === 'value' ? variable.value : undefined;
    if (variable?.kind !== 'row') return undefined;
    const at = variable.columns.findIndex((column) => column.name === field);
    const column = variable.columns[at];
    return column === undefined ? undefined : { type: column.type, cell: variable.cells[at] ?? null };
  }
}
