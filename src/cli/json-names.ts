import type { AuditEntry } from '../store/audit-store.js';
import type { BreakerRecord } from '../store/breaker-store.js';
import type { ClientRecord, TokenRecord } from '../store/client-store.js';
import type { JobRecord } from '../store/job.js';
import type { WorkerRecord } from '../store/worker-store.js';

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

type SnakeNames<Fields> = { readonly [Name in keyof Fields as SnakeCase<Name & string>]: Fields[Name] };

/** A job as `--json` prints it; times are milliseconds since the Unix epoch. */
export type JobJson = Omit<SnakeNames<JobRecord>, 'result' | 'usage'> & {
  readonly result?: SnakeNames<NonNullable<JobRecord['result']>>;
  readonly usage?: SnakeNames<NonNullable<JobRecord['usage']>>;
};

export type WorkerJson = SnakeNames<WorkerRecord>;

export function jobJson({ result, usage, ...job }: JobRecord): JobJson {
  return {
    ...snakeNames(job),
    ...(result && { result: snakeNames(result) }),
    ...(usage && { usage: snakeNames(usage) }),
  };
}

export type BreakerJson = SnakeNames<BreakerRecord>;

export function breakerJson(record: BreakerRecord): BreakerJson {
  return snakeNames(record);
}

export type AuditJson = SnakeNames<AuditEntry>;

export function auditJson(entry: AuditEntry): AuditJson {
  return snakeNames(entry);
}

export function workerJson(worker: WorkerRecord): WorkerJson {
  return snakeNames(worker);
}

export function clientJson(client: ClientRecord): SnakeNames<ClientRecord> {
  return snakeNames(client);
}

export function tokenJson(token: TokenRecord): SnakeNames<TokenRecord> {
  return snakeNames(token);
}

/** Programs meet one way of writing names, that of MCP and of seed 000; what the names stand for is left as it is. */
function snakeNames<Fields extends object>(fields: Fields): SnakeNames<Fields> {
  const renamed = Object.entries(fields).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(renamed) as SnakeNames<Fields>;
}
