import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Interrupts what a connection runs, except while it is shielded: a COMMIT that is interrupted may have happened all the
 * same, and an interrupted ROLLBACK would leave the transaction open.
 */
export class Interrupter {
  readonly #connection: DuckDBConnection;
  #shields = 0;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  interrupt(): void {
    if (this.#shields === 0) this.#connection.interrupt();
  }

  async shield<T>(work: () => Promise<T>): Promise<T> {
    this.#shields += 1;
    try {
      return await work();
    } finally {
      this.#shields -= 1;
    }
  }

  async commit(): Promise<void> {
    await this.shield(async () => await this.#connection.run('COMMIT'));
  }

  /** Ends DuckDB's transaction, if there is one. */
  async rollback(): Promise<void> {
    await this.shield(async () => await this.#connection.run('ROLLBACK').catch(() => undefined));
  }
}
