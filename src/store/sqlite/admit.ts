import type { RunResult } from 'better-sqlite3';
import { type ErrorData, SnowError } from '../../errors/snow-error.js';
import { brokenBound } from '../../fairness/caps.js';
import { retryAfterFullMs } from '../../fairness/queue-position.js';
import { type JobRecord, type Json, PRIORITIES } from '../job.js';
import type { Admission, AdmitOutcome } from '../job-store.js';
import { serviceOf } from '../lane.js';
import type { prepareAdmissionGuard } from './admission-guard.js';
import type { Engine } from './engine.js';
import { isDuplicate } from './failure.js';
import { type JobRow, recordOf, SELECT_JOB } from './job-row.js';
import { type LaneTime, prepareLaneClock } from './lane-clock.js';
import type { Limiter } from './limiter.js';
import { prepareRecentExecution } from './recent-execution.js';
import { prepareServiceCounts } from './service-counts.js';

interface Place extends LaneTime {
  readonly id: number;
  readonly client: number;
  /** Jobs of the client in the lane. */
  readonly queued: number;
  /** The client's own bound; `null` for the store's. */
  readonly maxQueued: number | null;
  readonly removedAt: number | null;
}

/** Checks bounds and idempotency key and queues a job; in one transaction with whatever else shares the batch. */
export function prepareAdmit(
  engine: Engine,
  limiter: Limiter,
  guard: ReturnType<typeof prepareAdmissionGuard>,
): (admission: Admission) => AdmitOutcome {
  const { db, bounds, lease } = engine;
  const recentExecution = prepareRecentExecution(engine);
  const setClock = prepareLaneClock(engine);
  const findPlace = db.prepare<[string, string], Place>(
    `SELECT client_lanes.id, client_lanes.client, client_lanes.queued, client_lanes.lane, lanes.virtual_time AS clock,
       lanes.clock_at AS clockAt, clients.max_queued AS maxQueued, clients.removed_at AS removedAt
     FROM clients
     CROSS JOIN lanes CROSS JOIN client_lanes ON client_lanes.client = clients.id AND client_lanes.lane = lanes.id
     WHERE clients.name = ? AND lanes.name = ?`,
  );
  const addClient = db.prepare('INSERT INTO clients (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const addLane = db.prepare('INSERT INTO lanes (name) VALUES (?) ON CONFLICT DO NOTHING');
  // Its first queued job lifts it to the lane's clock, which is set right before.
  const addPlace = db.prepare(
    `INSERT INTO client_lanes (client, lane, works_on, virtual_time)
     SELECT clients.id, lanes.id, ?, 0 FROM clients, lanes WHERE clients.name = ? AND lanes.name = ?`,
  );
  const counts = prepareServiceCounts(engine);
  const ofClient = db
    .prepare<[number, string], number>(
      'SELECT sum(queued + scheduled) FROM client_lanes WHERE client = ? AND works_on = ?',
    )
    .pluck();
  const findByKey = db.prepare<[number, string], JobRow>(
    `${SELECT_JOB} WHERE jobs.client = ? AND jobs.idempotency_key = ?`,
  );
  const addJob = db.prepare(
    `INSERT INTO jobs (id, client, client_lane, priority, state, kind, write, session, max_attempts, created_at, run_at,
       ready_at, estimate_s, attached, waiter, waiter_boot, waiter_until, queue_timeout_ms, expires_at, result_ttl_ms,
       idempotency_key)
     VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
  );
  const requestDue = db.prepare('UPDATE jobs SET request_due = 1 WHERE seq = ?');
  const addWork = db.prepare('INSERT INTO job_work (job, payload, context, flags, reason, call) VALUES (?,?,?,?,?,?)');

  function placeOf(client: string, lane: string, now: number): Place {
    const known = findPlace.get(client, lane);
    if (known !== undefined) return known;
    addClient.run(client, now);
    addLane.run(lane);
    addPlace.run(serviceOf(lane), client, lane);
    return findPlace.get(client, lane) as Place;
  }

  function refusal(place: Place, { client, lane }: Admission, queueShare: number): ErrorData | undefined {
    const service = serviceOf(lane);
    const waiting = { inAll: counts()[service].waiting, ofClient: Number(ofClient.get(place.client, service)) };
    const maxQueuedPerClient = Math.max(1, Math.floor((place.maxQueued ?? bounds.maxQueuedPerClient) * queueShare));
    const broken = brokenBound({ ...bounds, maxQueuedPerClient }, waiting);
    if (broken === undefined) return undefined;
    const count = broken.of === 'client' ? waiting.ofClient : waiting.inAll;
    return {
      code: 'QUEUE_FULL',
      message:
        broken.of === 'client'
          ? `The client "${client}" has ${count} of ${broken.limit} jobs waiting.`
          : `The queue holds ${count} of ${broken.limit} jobs (${waiting.ofClient} of them of the client "${client}").`,
      hint: 'Wait for some to end, cancel what is no longer needed, or raise the bound in the configuration.',
      retryAfterMs: retryAfterFullMs(recentExecution(), bounds.maxRunning),
    };
  }

  function addOnce(id: string, ...rest: unknown[]): RunResult {
    try {
      return addJob.run(id, ...rest);
    } catch (failure) {
      if (!isDuplicate(failure)) throw failure;
      const hint = 'Mint a new id for every job; to repeat a call safely use an idempotency key.';
      throw new SnowError({ code: 'INVALID_ARGUMENT', message: `There is a job ${id} already.`, hint });
    }
  }

  return (admission) => {
    const now = engine.now();
    const place = placeOf(admission.client, admission.lane, now);
    if (place.removedAt !== null) return { admitted: false, refusal: removedClient(admission.client) };
    if (admission.idempotencyKey !== undefined) {
      const row = findByKey.get(place.client, admission.idempotencyKey);
      if (row !== undefined) return { admitted: true, job: recordOf(row, now), repeated: true };
    }
    const startsLater = (admission.runAt ?? now) > now;
    const verdict = guard({ lane: admission.lane, priority: admission.priority, startsLater });
    if ('refusal' in verdict) return { admitted: false, refusal: verdict.refusal };
    const refused = refusal(place, admission, verdict.queueShare);
    if (refused !== undefined) return { admitted: false, refusal: refused };
    const request = limiter.admit(place.client, admission.kind, admission.flags);
    if ('refusal' in request) return { admitted: false, refusal: request.refusal };

    const runAt = Math.max(now, Math.round(admission.runAt ?? now));
    const state = runAt > now ? 'scheduled' : 'queued';
    if (state === 'queued' && place.queued === 0) setClock(place, now);
    const { attach } = admission;
    const expiresAt = attach === undefined ? null : runAt + admission.queueTimeoutMs;
    const added = addOnce(
      admission.id,
      place.client,
      place.id,
      PRIORITIES.indexOf(admission.priority),
      state,
      admission.kind,
      admission.write ? 1 : 0,
      admission.session ?? null,
      admission.maxAttempts,
      now,
      runAt,
      runAt,
      admission.estimateS,
      attach === undefined ? 0 : 1,
      attach?.waiter ?? null,
      attach === undefined ? null : lease.boot,
      attach === undefined ? null : lease.now() + attach.leaseMs,
      admission.queueTimeoutMs,
      expiresAt,
      admission.resultTtlMs,
      admission.idempotencyKey ?? null,
    );
    if (request.due) requestDue.run(added.lastInsertRowid);
    addWork.run(
      added.lastInsertRowid,
      JSON.stringify(admission.payload),
      JSON.stringify(admission.context),
      JSON.stringify(admission.flags),
      admission.reason ?? null,
      admission.call === undefined ? null : JSON.stringify(admission.call),
    );
    return { admitted: true, job: admittedRecord(admission, state, now, runAt), repeated: false };
  };
}

function admittedRecord(admission: Admission, state: 'queued' | 'scheduled', now: number, runAt: number): JobRecord {
  return {
    id: admission.id,
    client: admission.client,
    kind: admission.kind,
    lane: admission.lane,
    priority: admission.priority,
    state,
    ...(admission.session !== undefined && { session: admission.session }),
    payload: admission.payload,
    context: admission.context,
    write: admission.write,
    attempts: 0,
    maxAttempts: admission.maxAttempts,
    attached: admission.attach !== undefined,
    createdAt: now,
    runAt,
    queuedMs: 0,
    flags: admission.flags,
    ...(admission.idempotencyKey !== undefined && { idempotencyKey: admission.idempotencyKey }),
    ...(admission.reason !== undefined && { reason: admission.reason }),
    resultExpired: false,
  };
}

function removedClient(client: string): ErrorData {
  return {
    code: 'NOT_PERMITTED',
    message: `The client "${client}" has been removed.`,
    hint: 'Ask whoever runs the server to add it again.',
  };
}

/** Most bytes of a job's payload as JSON. */
const LARGEST_PAYLOAD = 8 * 1024 * 1024;

/** Throws `INVALID_ARGUMENT` for what no job can have; before anything is queued. */
export function checkAdmission(admission: Admission): void {
  const wrong = (message: string, hint: string): never => {
    throw new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
  };
  if (admission.id === '') wrong('A job needs an id.', 'Mint a UUID version 7.');
  if (admission.client === '') wrong('A job needs a client.', 'Name one with --client.');
  if (!PRIORITIES.includes(admission.priority))
    wrong(`There is no priority "${String(admission.priority)}".`, `Use one of: ${PRIORITIES.join(', ')}.`);
  if (!Number.isInteger(admission.maxAttempts) || admission.maxAttempts < 1)
    wrong(`A job cannot have ${admission.maxAttempts} attempts.`, 'Give a whole number from 1 up.');
  if (admission.runAt !== undefined && !Number.isFinite(admission.runAt))
    wrong('The start time of a job must be a time.', 'Give milliseconds since the epoch.');
  if (!Number.isFinite(admission.estimateS) || admission.estimateS < 0)
    wrong('The estimate of a job must be seconds from 0 up.', 'Leave it at the default.');
  const bytes = Buffer.byteLength(JSON.stringify(admission.payload satisfies Json) ?? '');
  if (bytes > LARGEST_PAYLOAD)
    wrong(
      `The job's payload has ${bytes} bytes; ${LARGEST_PAYLOAD} is the most.`,
      'Split the work, or stage the data.',
    );
}
