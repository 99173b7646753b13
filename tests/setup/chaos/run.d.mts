export interface ChaosOptions {
  /** Of all draws; the timing of processes is the machine's. */
  readonly seed: number;
  /** How long things go wrong. */
  readonly seconds: number;
  readonly clients?: number;
  readonly workers?: number;
  readonly servers?: number;
  /** Of each statement. */
  readonly timeoutS?: number;
  /** Between two calls of a client. */
  readonly pauseMs?: number;
  /** Between two kills or outages. */
  readonly everyMs?: number;
  readonly longestMs?: number;
  /** For jobs to end once all is well again. */
  readonly settleMs?: number;
  readonly only?: readonly string[];
  /** It goes on, within reason, until there was this much. */
  readonly least?: { readonly answers: number; readonly events: number };
}

export interface ChaosJob {
  readonly id: string;
  readonly state: string;
  readonly write: 0 | 1;
  readonly attempts: number;
  readonly createdAt: number;
  readonly error?: { readonly code: string };
}

export interface ChaosReport {
  readonly seed: number;
  /** What the clients were told, call by call; `quiet`: after all was well again. */
  readonly notes: readonly { readonly outcome: string; readonly ms: number }[];
  readonly quiet: readonly { readonly outcome: string; readonly ms: number }[];
  readonly events: readonly { readonly what: string; readonly from: number; readonly to: number }[];
  readonly jobs: readonly ChaosJob[];
  readonly faults: Readonly<Record<string, number>>;
  /** Promises that were not kept, as text. */
  readonly broken: readonly string[];
  /** What is still there when all processes have ended; each should be 0. */
  readonly leftOver: Readonly<Record<string, number>>;
  readonly exitCodes: Readonly<Record<string, number | null>>;
}

export function runChaos(options: ChaosOptions): Promise<ChaosReport>;

export function shares(report: ChaosReport): {
  readonly outside: number;
  readonly answered: number;
  readonly answeredOfAll: number;
  readonly unknown: number;
};
