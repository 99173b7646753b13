import type { ResultTable } from '../result-table.js';

const MOST_LOADS = 100;

/** What the last loads of a session found wrong, for VALIDATE(). */
export class LoadProblems {
  readonly #loads = new Map<string, { readonly tableId: number; readonly errors: ResultTable }>();

  keep(queryId: string, tableId: number, errors: ResultTable): void {
    this.#loads.delete(queryId);
    this.#loads.set(queryId, { tableId, errors });
    const [oldest] = this.#loads.keys();
    if (this.#loads.size > MOST_LOADS && oldest !== undefined) this.#loads.delete(oldest);
  }

  /** Of the load with that query id, or of the last one into the table. */
  find(tableId: number, queryId: string): ResultTable | undefined {
    if (queryId !== '_last') return this.#loads.get(queryId)?.errors;
    return [...this.#loads.values()].findLast((load) => load.tableId === tableId)?.errors;
  }
}
