import { errorDataOf } from '../../errors/snow-error.js';
import type { BackoffPolicy } from '../../resilience/backoff.js';
import { type MetadataPayload, metadataPayloadOf } from '../../warehouse/job-payload.js';
import type { FailureRate } from '../failure-rate.js';
import type { JobHandler } from '../handler.js';
import type { Warehouses } from '../warehouses.js';
import { runStatement } from './statement.js';

/** Asks the catalog: SHOW and DESCRIBE, with the names of the request as data. */
export function metadataHandler(options: {
  readonly warehouses: Warehouses;
  /** Pauses after a lost connection, instead of those that the job's flags say. */
  readonly backoff?: BackoffPolicy;
  /** Stretches and shortens the pauses. */
  readonly failureRate?: FailureRate;
}): JobHandler {
  return {
    async handle(claimed, context) {
      let payload: MetadataPayload;
      try {
        payload = metadataPayloadOf(claimed.job.payload);
      } catch (failure) {
        return { state: 'failed', error: errorDataOf(failure), usage: { executionMs: 0, rows: 0, bytes: 0 } };
      }
      return await runStatement(options.warehouses, claimed, context, {
        sql: metadataStatement(payload),
        verb: payload.subject === 'columns' ? 'DESCRIBE' : 'SHOW',
        maxRows: payload.maxRows,
        maxBytes: payload.maxBytes,
        timeoutMs: payload.timeoutMs,
        ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
        ...(options.failureRate === undefined ? {} : { failureRate: options.failureRate }),
        dirties: false,
      });
    },
  };
}

/** The statement for a metadata question. Every name is quoted, every pattern is a literal: nothing in them is SQL. */
export function metadataStatement(payload: MetadataPayload): string {
  const { subject, database, schema, table } = payload;
  if (subject === 'columns') return `DESCRIBE TABLE ${quoted(database, schema, table)}`;
  const like = payload.like === undefined ? '' : ` LIKE ${literal(payload.like)}`;
  return `SHOW ${subject.toUpperCase()}${like}${place(payload, database, schema)}`;
}

function place({ subject }: MetadataPayload, database: string | undefined, schema: string | undefined): string {
  if (subject === 'databases') return '';
  if (subject !== 'schemas' && schema !== undefined) return ` IN SCHEMA ${quoted(database, schema)}`;
  return database === undefined ? '' : ` IN DATABASE ${quoted(database)}`;
}

function quoted(...parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.');
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
