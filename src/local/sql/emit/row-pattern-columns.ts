import { quoteName } from '../lexer.js';
import { unsupported } from '../syntax-error.js';
import type { Context } from './context.js';
import type { EmittedFrom } from './from-source.js';
import { columnOf, type Frame, type OutColumn, type Source } from './names.js';
import { storedAs } from './stored-as.js';
import type { Type, Typed } from './typed.js';

/** The columns of the rows on their way to the measures. */
export class CarriedColumns {
  readonly outputs: readonly string[];
  readonly #alias: string;
  readonly #sources: readonly Source[];
  readonly #shared: ReadonlyMap<string, Typed>;

  constructor(alias: string, from: EmittedFrom) {
    this.#alias = alias;
    const outputs: string[] = [];
    const carry = (value: Typed): string => {
      const name = `c${outputs.length}`;
      outputs.push(`${storedAs(value, value.type, {})} AS "${name}"`);
      return name;
    };
    this.#sources = from.sources.map((source): Source => {
      if (source.columns === undefined) throw unsupported('MATCH_RECOGNIZE over rows whose columns are not known');
      const columns = source.columns.map(
        (column): OutColumn => ({ name: column.name, type: column.type, duck: carry(columnOf(source, column)) }),
      );
      const { row: _row, rowid: _rowid, ...rest } = source;
      return { ...rest, alias, columns };
    });
    this.#shared = new Map(
      [...from.shared].map(([name, value]) => [name, this.#column(carry(value), value.type)] as const),
    );
    this.outputs = outputs;
  }

  #column(name: string, type: Type): Typed {
    return { sql: `${quoteName(this.#alias)}.${quoteName(name)}`, type, exact: true };
  }

  frame(cx: Context): Frame {
    return { sources: this.#sources, shared: this.#shared, alias: () => undefined, parent: cx.frame };
  }

  /** As `*` gives them. */
  shown(): { name: string; value: Typed }[] {
    return this.#sources.flatMap((source) =>
      (source.columns ?? [])
        .filter((column) => !source.merged.has(column.name))
        .map((column) => ({ name: column.name, value: this.#shared.get(column.name) ?? columnOf(source, column) })),
    );
  }
}
