import { createHash } from 'node:crypto';
import { type ErrorCode, errorDataOf } from '../errors/snow-error.js';
import type { JobRecord, Json, ResultColumn } from '../store/job.js';
import type { Admission, JobStore } from '../store/job-store.js';
import type { KnownListing, ListingStore } from '../store/listing-store.js';
import { type MetadataSubject, metadataPayloadOf } from '../warehouse/job-payload.js';
import { decodeCursor, encodeCursor, foreignCursor } from './result-cursor.js';
import { readResult } from './result-reader.js';

/** The same answer is not written down again within this time, in ms. */
const KEEP_EVERY_MS = 60_000;

/** Larger answers are not kept. */
const MOST_ROWS = 20_000;

/** Failures that say nothing about the question: another time it could be answered. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set(['CIRCUIT_OPEN', 'DEGRADED', 'CONNECTION_FAILED', 'QUEUE_TIMEOUT']);

/** In a cursor, before the id of an answer that was known before. */
const KNOWN = 'known-';

/** Where the rows of a listing come from: the job that asked, or what is known from before. */
export type ListingSource = { readonly job: JobRecord } | { readonly known: KnownListing };

export interface ListingPage {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Json[])[];
  readonly nextCursor?: string;
  /** Of an answer that was known before; ms since the epoch. */
  readonly asOf?: number;
}

/** What the catalog answered before, for when it does not answer. */
export class KnownListings {
  readonly #store: ListingStore & Pick<JobStore, 'readPage'>;

  constructor(store: ListingStore & Pick<JobStore, 'readPage'>) {
    this.#store = store;
  }

  /** Keeps the answer of a job; best effort, for nobody waits for it. */
  async keep(admission: Admission, job: JobRecord): Promise<void> {
    const { result } = job;
    if (result === undefined || result.truncated || result.rowCount > MOST_ROWS) return;
    const question = questionOf(admission);
    const age = await this.#store.listingAge(question);
    if (age !== undefined && Math.abs(Date.now() - age) < KEEP_EVERY_MS) return;
    const all = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
    const { rows } = await readResult(this.#store, job, all);
    const { subject } = metadataPayloadOf(admission.payload);
    await this.#store.keepListing(question, { subject, columns: result.columns, rows });
  }

  /** What is told instead of a failure, if anything. */
  async insteadOf(failure: unknown, admission: Admission): Promise<KnownListing | undefined> {
    if (admission.flags['circuit-breaker'] === false || !UNANSWERED.has(errorDataOf(failure).code)) return undefined;
    return await this.#store.findListing({ question: questionOf(admission) });
  }

  /** The answer that a cursor of `page` goes on with; `undefined` for a cursor of a job. */
  async behind(cursor: string, subject: MetadataSubject): Promise<KnownListing | undefined> {
    const { job } = decodeCursor(cursor);
    if (!job.startsWith(KNOWN)) return undefined;
    const known = await this.#store.findListing({ id: job.slice(KNOWN.length) });
    if (known === undefined || known.subject !== subject) throw foreignCursor();
    return known;
  }

  async page(
    source: ListingSource,
    request: { readonly cursor?: string | undefined; readonly maxRows: number; readonly maxBytes: number },
  ): Promise<ListingPage> {
    if ('job' in source)
      return { columns: source.job.result?.columns ?? [], ...(await readResult(this.#store, source.job, request)) };
    const { id, columns, rows, asOf } = source.known;
    const from = request.cursor === undefined ? 0 : decodeCursor(request.cursor).row;
    let until = from;
    for (let bytes = 0; until < rows.length && until - from < request.maxRows; until += 1) {
      bytes += JSON.stringify(rows[until]).length;
      if (bytes > request.maxBytes && until > from) break;
    }
    return {
      columns,
      rows: rows.slice(from, until),
      asOf,
      ...(until < rows.length && { nextCursor: encodeCursor({ job: `${KNOWN}${id}`, page: 0, row: until }) }),
    };
  }
}

/**
 * The same connection in the same context (role, warehouse, place, parameters) gives the same answer to the same question,
 * whoever asks.
 */
function questionOf({ lane, context, payload }: Admission): string {
  const { subject, database, schema, table, like } = metadataPayloadOf(payload);
  const parameters = Object.entries(context.parameters ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const place = [context.role, context.warehouse, context.database, context.schema, parameters];
  const told = JSON.stringify([lane, subject, database, schema, table, like, ...place].map((part) => part ?? null));
  return createHash('sha256').update(told).digest('hex');
}
