/** What the gateway asks of jobs when the caller does not say. All can be set; the defaults are the design's. */
export interface GatewayLimits {
  /** Rows in an answer (1,000). */
  readonly answerRows: number;
  /** Approximate bytes of rows at which an answer ends and a cursor goes on (4 MiB): one answer is one message. */
  readonly answerBytes: number;
  /** Rows kept of a result (100,000). */
  readonly storedRows: number;
  /** Bytes of JSON kept of a result (64 MiB). */
  readonly storedBytes: number;
  /** How long results are kept after the end, in ms (24 h). */
  readonly resultTtlMs: number;
  /** How long a call waits before the job id is answered instead, in ms (45 s). */
  readonly waitMs: number;
  /** How long a statement may run, in ms (300 s). */
  readonly statementTimeoutMs: number;
  /** How long an attached job may wait in the queue, in ms (5 min). */
  readonly queueTimeoutMs: number;
  /** How long a caller's process may not be heard of before the jobs it waits for are cancelled, in ms (15 s). */
  readonly waiterLeaseMs: number;
  /** Longest wait for what is known of a table once its answer, or a statement's error, is there, in ms (100). */
  readonly knowledgeWaitMs: number;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  answerRows: 1_000,
  answerBytes: 4 * 1024 * 1024,
  storedRows: 100_000,
  storedBytes: 64 * 1024 * 1024,
  resultTtlMs: 24 * 3_600_000,
  waitMs: 45_000,
  statementTimeoutMs: 300_000,
  queueTimeoutMs: 300_000,
  waiterLeaseMs: 15_000,
  knowledgeWaitMs: 100,
};

/** Longest wait that a caller may ask for, in ms: clients give up on a call after 60 s. */
export const LONGEST_WAIT_MS = 55_000;
