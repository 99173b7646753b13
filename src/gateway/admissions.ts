import { SnowError } from '../errors/snow-error.js';
import type { OperationPayload } from '../memory/operation-payload.js';
import { retryPolicy } from '../resilience/backoff.js';
import type { JobRecord, WarehouseContext } from '../store/job.js';
import { newJobId } from '../store/job-id.js';
import type { Admission, JobStore } from '../store/job-store.js';
import { CODE_LANE, MEMORY_LANE } from '../store/lane.js';
import { type MetadataPayload, type QueryPayload, sqlLane } from '../warehouse/job-payload.js';
import type { GuardedStatement } from '../warehouse/statement-kind.js';
import { listingCall, statementCall } from './audited-call.js';
import { boundedMs, defined } from './bounds.js';
import type { Flags } from './flags.js';
import type { OwnWorker } from './inside-request.js';
import type { GatewayLimits } from './limits.js';
import type { OperationRequest } from './operation-request.js';
import type { Caller, QueryRequest } from './requests.js';
import { toldByJob } from './told-by-job.js';

export interface AdmissionFrame {
  /** Connection profile. */
  readonly connection: string;
  readonly limits: GatewayLimits;
  /** The audit keeps the statements' text. */
  readonly auditText: boolean;
  readonly ownWorker: OwnWorker;
}

/** Where in a client's warehouse context the work runs. */
export interface Place {
  readonly session: string;
  readonly context: WarehouseContext;
  /** As they are at admission: the job keeps them. */
  readonly flags: Flags;
}

/** Provisional cost for fairness, in seconds, of the first jobs of a lane: nothing is known yet about what its work takes. */
const FIRST_ESTIMATE_S = 0.1;

/** A stored listing is for paging through it, not for keeping. */
const LISTING_TTL_MS = 3_600_000;

const LONGEST_TIMEOUT_MS = 86_400_000;

/** As `FIRST_ESTIMATE_S`, for operations; and how long each may take, in ms, where its caller does not say. */
const OPERATIONS = {
  memory: { lane: MEMORY_LANE, firstEstimateS: 0.005, timeoutMs: 30_000 },
  'repo-sync': { lane: CODE_LANE, firstEstimateS: 10, timeoutMs: 3_600_000 },
} as const;

/** Bytes of JSON that the answer of an operation may have: it is one message. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

const OPERATION_ATTEMPTS = 3;

/** The answer of a memory operation is kept for a caller whose wait was over first, in ms. */
const MEMORY_ANSWER_TTL_MS = 900_000;

/** A guarded statement as a detached job. */
export function queryAdmission(
  frame: AdmissionFrame,
  caller: Caller,
  tool: 'query' | 'start_query',
  request: QueryRequest,
  guarded: GuardedStatement,
  place: Place,
): Admission {
  const { limits } = frame;
  const payload: QueryPayload = {
    sql: request.sql,
    verb: guarded.verb,
    ...defined({ binds: request.binds, sessionParameters: guarded.sessionParameters, pageRows: request.maxRows }),
    maxRows: limits.storedRows,
    maxBytes: limits.storedBytes,
    timeoutMs: boundedMs(request.timeoutS, limits.statementTimeoutMs, LONGEST_TIMEOUT_MS, 'timeout_s'),
    updatesSession: guarded.changesSession || guarded.class === 'ddl',
  };
  return {
    ...commonOf(frame, caller, place),
    kind: 'query',
    call: statementCall(caller.via ?? tool, request.sql, guarded, frame.auditText),
    priority: request.priority ?? 'normal',
    payload: { ...payload },
    write: guarded.write,
    estimateS: FIRST_ESTIMATE_S,
    resultTtlMs: limits.resultTtlMs,
    ...defined({ idempotencyKey: request.idempotencyKey, reason: request.reason, runAt: request.runAt }),
  };
}

/** A question to the warehouse's catalog as a detached job. */
export function metadataAdmission(
  frame: AdmissionFrame,
  caller: Caller,
  question: Pick<MetadataPayload, 'subject' | 'database' | 'schema' | 'table' | 'like'>,
  place: Place,
): Admission {
  const { limits } = frame;
  const payload: MetadataPayload = {
    ...question,
    maxRows: limits.storedRows,
    maxBytes: limits.storedBytes,
    timeoutMs: Math.min(limits.statementTimeoutMs, limits.waitMs),
  };
  return {
    ...commonOf(frame, caller, place),
    kind: 'metadata',
    call: listingCall(question.subject, caller.via),
    priority: 'high',
    payload: { ...payload },
    write: false,
    estimateS: FIRST_ESTIMATE_S,
    resultTtlMs: LISTING_TTL_MS,
  };
}

/** An operation on memories or repositories as a detached job. It may be run again when its worker dies. */
export function operationAdmission(
  frame: AdmissionFrame,
  caller: Caller,
  request: OperationRequest,
  flags: Flags,
): Admission {
  const { lane, firstEstimateS, timeoutMs } = OPERATIONS[request.kind];
  const payload: OperationPayload = {
    name: request.name,
    arguments: request.arguments,
    label: request.label ?? request.name,
    timeoutMs: boundedMs(request.timeoutS, timeoutMs, LONGEST_TIMEOUT_MS, 'timeout_s'),
    maxBytes: LARGEST_ANSWER,
  };
  return {
    id: newJobId(),
    client: caller.client,
    kind: request.kind,
    lane,
    context: {},
    call: { tool: caller.via ?? request.name, statementClass: request.write ? 'dml' : 'read' },
    priority: request.priority ?? 'normal',
    payload: { ...payload },
    // What is asked for by its request id is a statement in the warehouse; an operation is simply run again.
    write: false,
    maxAttempts: request.attempts ?? OPERATION_ATTEMPTS,
    queueTimeoutMs: frame.limits.queueTimeoutMs,
    flags: request.timed === true ? { ...flags, 'rate-limits': false } : flags,
    estimateS: firstEstimateS,
    resultTtlMs: request.kind === 'memory' ? MEMORY_ANSWER_TTL_MS : frame.limits.resultTtlMs,
    ...defined({ idempotencyKey: request.idempotencyKey, reason: request.reason, runAt: request.runAt }),
  };
}

/** Queues it; a refusal is thrown. */
export async function admit(
  store: Pick<JobStore, 'admit'>,
  admission: Admission,
): Promise<{ readonly job: JobRecord; readonly repeated: boolean }> {
  const outcome = await store.admit(admission);
  if (!outcome.admitted) throw toldByJob(new SnowError(outcome.refusal));
  return outcome;
}

function commonOf(frame: AdmissionFrame, caller: Caller, place: Place) {
  return {
    id: newJobId(),
    client: caller.client,
    lane: sqlLane(frame.connection),
    session: place.session,
    context: place.context,
    maxAttempts: retryPolicy(place.flags['circuit-breaker'] === true).attempts,
    queueTimeoutMs: frame.limits.queueTimeoutMs,
    flags: place.flags,
  } satisfies Partial<Admission>;
}
