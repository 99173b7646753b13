import type { OperationArguments } from '../memory/operation-payload.js';
import type { JobState, Json, Priority } from '../store/job.js';

/** An operation on memories or repositories, its arguments checked. */
export interface OperationRequest {
  /** `memory_search`, `repo_sync`, …: the tool's own name. Its first word says whose work it is. */
  readonly name: string;
  /** `repo-sync` only for what reads a folder; everything else, searches in repositories too, is quick: `memory`. */
  readonly kind: 'memory' | 'repo-sync';
  readonly arguments: OperationArguments;
  /** It changes something. */
  readonly write: boolean;
  /** One line for a person, for the list of jobs (the name). */
  readonly label?: string | undefined;
  readonly priority?: Priority | undefined;
  /** Seconds to wait before the job id is answered instead (0 to 55, default 45). */
  readonly waitS?: number | undefined;
  /** Seconds one attempt may take (30, a sync 3,600). */
  readonly timeoutS?: number | undefined;
  /** How often it may be begun when workers die (3). */
  readonly attempts?: number | undefined;
  readonly reason?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Comes as often as somebody has set, and not as often as it is asked for: it takes nothing of its client's rate. */
  readonly timed?: boolean | undefined;
  /** Start no earlier than this (ms since the epoch); for `startOperation`. */
  readonly runAt?: number | undefined;
}

/** `answer` is there once the operation has succeeded; without it the job goes on and `message` says how to get at it. */
export interface OperationAnswer {
  readonly job_id: string;
  readonly state: JobState;
  readonly answer?: Json;
  readonly queued_ms: number;
  readonly message?: string;
}
