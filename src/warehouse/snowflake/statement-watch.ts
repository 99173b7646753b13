import { SnowError } from '../../errors/snow-error.js';
import type { Link } from './link.js';

const LOOK_MS = 200;
/** Shares of the longest silence after which the server is asked whether it is there, and between two such questions. */
const PROBE_AFTER = 0.2;
const PROBE_EVERY = 0.1;
/** Questions in a row without an answer after which it is not there. */
const PROBES = 2;
/** Share after which a request is sent again to a server that is there: the answer may have been lost on its way. */
const RESEND_AFTER = 0.5;
/** The driver itself waits at least about this long, in ms, before it repeats a request. */
const DRIVERS_PAUSE_MS = 1_000;
/** What a server may ask for with Retry-After, in ms. */
const LONGEST_RETRY_AFTER_MS = 300_000;
/** The driver's repetitions are seconds apart; a server that restarts behind a balancer is back before this many. */
const REFUSALS = 3;

export type Interruption = { readonly cause: 'aborted' | 'deadline' | 'stalled'; readonly error: SnowError };

export interface WatchOptions {
  readonly timeoutMs: number;
  readonly stallMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The server is a process of this machine: one refused connection says that it has ended. */
  readonly onLoopback: boolean;
  /** Asks the server for a sign of life, beside the statement; false when none comes within `limitMs`. */
  readonly probe: (limitMs: number) => Promise<boolean>;
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
  readonly #link: Link;
  readonly #options: WatchOptions;
  #breaks: number;
  #probing = false;
  #unanswered = 0;
  /** The silence, in ms, at which the next question is due. */
  #probeAt: number;
  #resent = false;

  constructor(link: Link, options: WatchOptions) {
    this.#link = link;
    this.#options = options;
    this.#breaks = link.breaks;
    this.#probeAt = options.stallMs * PROBE_AFTER;
    this.interrupted = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // It may be rejected while nobody waits for it.
    this.interrupted.catch(() => {});
    link.sign();

    const deadline = setTimeout(() => this.#interrupt('deadline', deadlineError(options.timeoutMs)), options.timeoutMs);
    const look = setInterval(() => this.#look(), Math.min(LOOK_MS, options.stallMs / 10));
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

  #look(): void {
    const link = this.#link;
    const { stallMs, onLoopback, onLook, probe } = this.#options;
    onLook();
    // The driver repeats a request that broke off seconds later; a look at the server tells sooner.
    if (this.#breaks === link.breaks - 1) void probe(stallMs);
    this.#breaks = link.breaks;
    if (link.refusals >= (onLoopback ? 1 : REFUSALS)) this.#interrupt('stalled', refusedError());
    if (link.retryAfterMs > DRIVERS_PAUSE_MS) this.#interrupt('stalled', comeBackError(link.retryAfterMs));
    const silentMs = link.silentMs();
    if (silentMs >= stallMs) this.#interrupt('stalled', stallError(stallMs));
    else if (silentMs < stallMs * PROBE_AFTER) this.#probeAt = stallMs * PROBE_AFTER;
    else if (silentMs >= this.#probeAt) void this.#ask(silentMs);
  }

  async #ask(silentMs: number): Promise<void> {
    if (this.#probing) return;
    const { stallMs, probe } = this.#options;
    this.#probing = true;
    this.#probeAt = silentMs + stallMs * PROBE_EVERY;
    this.#link.distrustIdle();
    const answered = await probe(stallMs * PROBE_EVERY);
    this.#probing = false;
    if (this.#interruption !== undefined) return;
    this.#unanswered = answered ? 0 : this.#unanswered + 1;
    if (this.#unanswered >= PROBES) this.#interrupt('stalled', stallError(this.#link.silentMs()));
    if (!answered || this.#resent || this.#link.silentMs() < stallMs * RESEND_AFTER) return;
    this.#resent = true;
    this.#link.breakOff();
    this.#link.sign();
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

function comeBackError(retryAfterMs: number): SnowError {
  return new SnowError({
    code: 'CONNECTION_FAILED',
    message: 'The warehouse asks to come back later (Retry-After).',
    hint: 'Check the state of the warehouse; whether the statement ran is not known.',
    retryAfterMs: Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS),
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
