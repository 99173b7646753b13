import { SnowError } from '../../errors/snow-error.js';
import type { Link } from './link.js';

const LOOK_MS = 200;
/** The driver's repetitions are seconds apart; a server that restarts behind a balancer is back before this many. */
const REFUSALS = 3;

export type Interruption = { readonly cause: 'aborted' | 'deadline' | 'stalled'; readonly error: SnowError };

export interface WatchOptions {
  readonly timeoutMs: number;
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The server is a process of this machine: one refused connection says that it has ended. */
  readonly onLoopback: boolean;
  /** Called once after a request broke off: the driver repeats it seconds later, a look at the server tells sooner. */
  readonly onBreak: () => void;
  /** Called every now and then while the statement runs. */
  readonly onLook: () => void;
}

/** Watches one running statement: its deadline, the server's signs of life, and the caller's signal. */
export class StatementWatch {
  /** Rejects with the `SnowError` of the first interruption; never resolves. */
  readonly interrupted: Promise<never>;
  #interruption: Interruption | undefined;
  #reject: (error: SnowError) => void = () => {};
  #stop: (() => void)[] = [];

  constructor(link: Link, options: WatchOptions) {
    this.interrupted = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // It may be rejected while nobody waits for it.
    this.interrupted.catch(() => {});
    link.sign();

    const deadline = setTimeout(() => this.#interrupt('deadline', deadlineError(options.timeoutMs)), options.timeoutMs);
    let breaks = link.breaks;
    const look = setInterval(
      () => {
        options.onLook();
        if (breaks === link.breaks - 1) options.onBreak();
        breaks = link.breaks;
        if (link.refusals >= (options.onLoopback ? 1 : REFUSALS)) this.#interrupt('stalled', refusedError());
        if (link.silentMs() >= options.stallMs) this.#interrupt('stalled', stallError(options.stallMs));
      },
      Math.min(LOOK_MS, options.stallMs),
    );
    this.#stop.push(
      () => clearTimeout(deadline),
      () => clearInterval(look),
    );

    const { signal } = options;
    if (signal === undefined) return;
    const onAbort = (): void => this.#interrupt('aborted', abortError(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    this.#stop.push(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  }

  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  stop(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  #interrupt(cause: Interruption['cause'], error: SnowError): void {
    if (this.#interruption !== undefined) return;
    this.#interruption = { cause, error };
    this.stop();
    this.#reject(error);
  }
}

/** The caller's own reason, where it gave one that is fit to be told. */
export function abortError(signal: AbortSignal): SnowError {
  if (signal.reason instanceof SnowError) return signal.reason;
  return new SnowError({ code: 'CANCELLED', message: 'The statement was cancelled.' });
}

function deadlineError(timeoutMs: number): SnowError {
  return new SnowError({
    code: 'STATEMENT_TIMEOUT',
    message: `The statement did not finish within ${seconds(timeoutMs)} and was cancelled.`,
    hint: 'Narrow the statement, or give it more time (timeout_s).',
  });
}

function stallError(stallMs: number): SnowError {
  return new SnowError({
    code: 'CONNECTION_FAILED',
    message: `The warehouse gave no sign of life for ${seconds(stallMs)}.`,
    hint: 'Check the network and the state of the warehouse; whether the statement ran is not known.',
  });
}

function refusedError(): SnowError {
  return new SnowError({
    code: 'CONNECTION_FAILED',
    message: 'The warehouse refuses connections (ECONNREFUSED).',
    hint: 'Check the state of the warehouse; whether the statement ran is not known.',
  });
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
