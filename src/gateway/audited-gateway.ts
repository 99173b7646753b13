import { type ErrorCode, errorDataOf } from '../errors/snow-error.js';
import type { AuditEntry, AuditStore } from '../store/audit-store.js';
import { guardStatement } from '../warehouse/guard/guard.js';
import type { GuardedStatement } from '../warehouse/statement-kind.js';
import { statementCall } from './audited-call.js';
import type { Caller, Gateway, UnauditedGateway, WaitOptions } from './requests.js';
import { DEFAULT_SESSION } from './sessions.js';
import { isToldByJob } from './told-by-job.js';

export interface AuditOptions {
  readonly store: AuditStore;
  /** Keeps the statements' text beside their digest. */
  readonly keepText: boolean;
  /** An entry could not be written; the call is answered all the same. */
  readonly onFailure: (failure: unknown) => void;
}

type Call = (caller: Caller, ...rest: readonly unknown[]) => Promise<unknown>;

/** Calls that make a job, whose end writes the entry; here only what fails before there is one is written. */
const JOB_CALLS: Readonly<Record<string, string>> = {
  query: 'query',
  startQuery: 'start_query',
  startListing: 'start_listing',
  listDatabases: 'list_databases',
  listSchemas: 'list_schemas',
  listTables: 'list_tables',
  listViews: 'list_views',
  describeTable: 'describe_table',
} satisfies Partial<Record<keyof UnauditedGateway, string>>;

/** As `JOB_CALLS`; the request names the tool. */
const OPERATION_CALLS: Readonly<Record<string, string>> = {
  operate: 'operation',
  startOperation: 'operation',
} satisfies Partial<Record<keyof UnauditedGateway, string>>;

const OTHER_CALLS: Readonly<Record<string, string>> = {
  jobStatus: 'job_status',
  jobResult: 'job_result',
  jobCancel: 'job_cancel',
  watchJob: 'subscribe',
  listJobs: 'list_jobs',
  getSession: 'get_session',
  setSession: 'set_session',
  status: 'server_status',
} satisfies Partial<Record<keyof UnauditedGateway, string>>;

/** Codes of calls that were not let through, or could not be meant. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMITED',
  'QUOTA_EXCEEDED',
  'QUEUE_FULL',
  'CIRCUIT_OPEN',
  'DEGRADED',
  'STATEMENT_NOT_ALLOWED',
  'NOT_PERMITTED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
]);

/**
 * A gateway every call of which leaves one entry in the audit. The entry of a call that only looks is not waited for; `close`
 * waits for all. Methods not named here pass through as they are.
 */
export function auditedGateway(gateway: UnauditedGateway, options: AuditOptions): Gateway {
  const writing = new Set<Promise<void>>();
  const write = (entry: Omit<AuditEntry, 'at'>): void => {
    const written = options.store.record(entry).catch(options.onFailure);
    writing.add(written);
    void written.finally(() => writing.delete(written));
  };
  const methods: Record<string, unknown> = {
    close: async () => {
      await gateway.close();
      await Promise.all(writing);
    },
    refused: ({ client }: Caller, tool: string, code: ErrorCode) => write({ client, tool, outcome: 'refused', code }),
  };
  for (const [method, tool] of [JOB_CALLS, OPERATION_CALLS, OTHER_CALLS].flatMap(Object.entries<string>)) {
    const call = (gateway[method as keyof UnauditedGateway] as Call).bind(gateway);
    methods[method] = (async (caller, ...rest) => {
      const since = performance.now();
      const entry = (outcome: AuditEntry['outcome'], code?: ErrorCode): Omit<AuditEntry, 'at'> => ({
        client: caller.client,
        ...factsOf(
          method,
          (method in OTHER_CALLS ? undefined : caller.via) ?? named(method, rest) ?? tool,
          rest,
          options.keepText,
        ),
        outcome,
        ...(code === undefined ? {} : { code }),
        elapsedMs: performance.now() - since,
      });
      try {
        const answer = await call(caller, ...rest);
        if (!makesJob(method, rest)) write(entry('succeeded'));
        return answer;
      } catch (failure) {
        if (!isToldByJob(failure)) {
          const code = isAborted(rest) ? 'CANCELLED' : errorDataOf(failure).code;
          const outcome = REFUSALS.has(code) ? 'refused' : code === 'CANCELLED' ? 'cancelled' : 'failed';
          write(entry(outcome, code));
        }
        throw failure;
      }
    }) satisfies Call;
  }
  return new Proxy(gateway, {
    get: (target, name) => {
      const own = methods[String(name)];
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  }) as Gateway;
}

/** Further pages of a listing come from the job of the first. */
function makesJob(method: string, [request]: readonly unknown[]): boolean {
  return method in OPERATION_CALLS || (method in JOB_CALLS && textOf(request, 'cursor') === undefined);
}

/** The operation that is called. */
function named(method: string, [request]: readonly unknown[]): string | undefined {
  const name = method in OPERATION_CALLS ? textOf(request, 'name') : undefined;
  return name === undefined ? undefined : cut(name);
}

/** The caller gave up: what was thrown is its own reason. */
function isAborted(rest: readonly unknown[]): boolean {
  return rest.some((argument) => (argument as WaitOptions | undefined)?.signal?.aborted === true);
}

/** What the arguments say about the call. */
function factsOf(
  method: string,
  tool: string,
  [first]: readonly unknown[],
  keepText: boolean,
): Omit<AuditEntry, 'at' | 'client' | 'outcome'> {
  const sql = textOf(first, 'sql');
  const session = typeof first === 'string' && method.endsWith('Session') ? first : textOf(first, 'session');
  const jobId = typeof first === 'string' && /^(job|watchJob)/.test(method) ? first : textOf(first, 'id');
  const usesSession = method in JOB_CALLS || method.endsWith('Session');
  return {
    ...(sql === undefined ? { tool } : statementCall(tool, sql, guarded(sql), keepText)),
    ...(usesSession ? { session: cut(session ?? DEFAULT_SESSION) } : {}),
    ...(jobId === undefined ? {} : { jobId: cut(jobId) }),
  };
}

function textOf(argument: unknown, name: string): string | undefined {
  if (typeof argument !== 'object' || argument === null) return undefined;
  const value = (argument as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** What a caller made up need not be a name at all. */
function cut(name: string): string {
  return name.slice(0, 100);
}

function guarded(sql: string): GuardedStatement | undefined {
  try {
    return guardStatement(sql);
  } catch {
    return undefined;
  }
}
