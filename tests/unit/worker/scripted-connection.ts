import { SnowError } from '../../../src/errors/snow-error.js';
import type { WarehouseContext } from '../../../src/store/job.js';
import type { StatementRequest, StatementResult, WarehouseConnection } from '../../../src/warehouse/connection.js';

export type Act = (request: StatementRequest) => Promise<Partial<StatementResult>>;

/** A connection whose statements do what the test says: faults at the moments that no real server can be made to have. */
export class ScriptedConnection implements WarehouseConnection {
  readonly profile = 'local';
  alive = true;
  closed = false;
  applied: WarehouseContext | undefined;
  readonly requests: StatementRequest[] = [];
  readonly #act: Act;
  readonly #contextFails: () => Error | undefined;

  constructor(act: Act, contextFails: () => Error | undefined = () => undefined) {
    this.#act = act;
    this.#contextFails = contextFails;
  }

  async execute(request: StatementRequest): Promise<StatementResult> {
    this.requests.push(request);
    const result = await this.#act(request);
    return { queryId: 'q1', columns: [], rowCount: 0, truncated: false, context: this.applied ?? {}, ...result };
  }

  async applyContext(context: WarehouseContext): Promise<void> {
    const failure = this.#contextFails();
    if (failure !== undefined) throw failure;
    this.applied = context;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.closed = true;
  }

  /** What a statement sees whose connection breaks. */
  lose(): SnowError {
    this.alive = false;
    return lost();
  }
}

export function lost(): SnowError {
  return new SnowError({ code: 'CONNECTION_FAILED', message: 'The connection was lost.' });
}
