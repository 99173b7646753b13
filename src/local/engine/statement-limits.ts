import { fromDuckDb } from './duckdb-errors.js';
import type { StatementInput } from './engine.js';
import type { Interrupter } from './interrupter.js';
import { LocalError } from './local-error.js';
import type { SessionParameters } from './session-parameters.js';
import { cancelled, statementTimedOut } from './snowflake-errors.js';

/** Cancel and time-out of one statement: either interrupts DuckDB until the statement has ended. */
export class StatementLimits {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #interrupter: Interrupter;
  #timeout: NodeJS.Timeout | undefined;
  #interrupting: NodeJS.Timeout | undefined;

  constructor(interrupter: Interrupter, input: StatementInput, parameters: SessionParameters) {
    this.#interrupter = interrupter;
    this.#outer = input.signal;
    if (this.#outer?.aborted === true) this.#onAbort();
    else this.#outer?.addEventListener('abort', this.#onAbort, { once: true });
    const name = 'STATEMENT_TIMEOUT_IN_SECONDS';
    const seconds = Number(input.parameters?.[name] ?? parameters.get(name));
    // Longer than a timer can count is as good as none.
    if (seconds > 0 && seconds * 1000 < 2 ** 31) {
      this.#timeout = setTimeout(() => this.abort(statementTimedOut(seconds)), seconds * 1000);
      this.#timeout.unref();
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What to tell for an error: the cancel's own reason when it came from a cancel. */
  reasonFor(error: unknown, text: string): LocalError {
    if (this.signal.aborted && this.signal.reason instanceof LocalError) return this.signal.reason;
    return fromDuckDb(error, text);
  }

  end(): void {
    clearTimeout(this.#timeout);
    clearInterval(this.#interrupting);
    this.#outer?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#outer?.reason;
    this.abort(reason instanceof LocalError ? reason : cancelled());
  };

  /** Ends the statement with that reason. */
  abort(reason: LocalError): void {
    if (this.signal.aborted) return;
    this.#controller.abort(reason);
    // An interrupt counts only while DuckDB runs; the statement may be between two of its steps.
    this.#interrupter.interrupt();
    this.#interrupting = setInterval(() => this.#interrupter.interrupt(), 20);
  }
}
