import { type ErrorData, SnowError } from '../errors/snow-error.js';
import { FINAL_STATES, type JobRecord } from '../store/job.js';
import type { Admission } from '../store/job-store.js';
import { sessionOwner } from '../store/session-owner.js';
import type { SessionRecord } from '../store/session-store.js';
import type { Store } from '../store/store.js';
import {
  METADATA_SUBJECTS,
  type MetadataPayload,
  type MetadataSubject,
  metadataPayloadOf,
} from '../warehouse/job-payload.js';
import { type AdmissionFrame, admit, metadataAdmission } from './admissions.js';
import { endedBadly, errorOf } from './answers.js';
import type { AttachedWaits } from './attached-wait.js';
import { bounded, defined } from './bounds.js';
import { permissionsOf } from './checked-gateway.js';
import { type Flags, flagsOf } from './flags.js';
import { exactName, nameParts } from './identifiers.js';
import { assertQueue, stayOf } from './inside-request.js';
import type { Knowledge } from './knowledge.js';
import { KnownListings, type ListingSource } from './known-listings.js';
import { listingItems } from './listings.js';
import type { Permissions } from './permissions.js';
import type { Caller, Listing, ListingRequest, ListRequest, WaitOptions } from './requests.js';
import { decodeCursor, foreignCursor } from './result-cursor.js';
import { contextOf, sessionName } from './sessions.js';
import { toldByJob } from './told-by-job.js';

const LISTING_PAGE = 100;
const LONGEST_LISTING_PAGE = 1_000;
const LONGEST_PATTERN = 1_000;

type Question = Pick<MetadataPayload, 'subject' | 'database' | 'schema' | 'table' | 'like'>;

/**
 * Questions to the warehouse's catalog, asked through the queue. The first page of a listing asks; further pages come from
 * what is stored then, so that nothing is skipped or repeated when objects come and go in between. While the warehouse
 * cannot be asked, the last answer to the same question is told, marked as stale.
 */
export class Catalog {
  readonly #store: Store;
  readonly #waits: AttachedWaits;
  readonly #frame: AdmissionFrame;
  readonly #known: KnownListings;
  readonly #knowledge: Knowledge;

  constructor(store: Store, waits: AttachedWaits, frame: AdmissionFrame, knowledge: Knowledge) {
    this.#store = store;
    this.#waits = waits;
    this.#frame = frame;
    this.#known = new KnownListings(store);
    this.#knowledge = knowledge;
  }

  async list(subject: MetadataSubject, caller: Caller, request: ListRequest, wait: WaitOptions = {}): Promise<Listing> {
    const maxRows = bounded(request.limit, LISTING_PAGE, LONGEST_LISTING_PAGE, 'limit');
    const source =
      request.cursor === undefined
        ? await this.#firstPage(subject, caller, request, wait)
        : await this.#listingOf(subject, caller, request.cursor);
    const permissions = await permissionsOf(this.#store, caller);
    const { columns, rows, nextCursor, asOf } = await this.#known.page(source, {
      cursor: request.cursor,
      maxRows,
      maxBytes: this.#frame.limits.answerBytes,
    });
    return {
      items: openItems(permissions, subject, listingItems(subject, columns, rows)),
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
      ...staleSince(asOf),
    };
  }

  async describe(
    caller: Caller,
    request: { readonly table: string } & Pick<ListRequest, 'database' | 'schema' | 'session'>,
    wait: WaitOptions = {},
  ): Promise<Listing> {
    const place = await this.#placeOf(caller, request);
    const permissions = await permissionsOf(this.#store, caller);
    if (permissions.restrictsObjects) permissions.checkTable(place);
    const { table } = place;
    const known = this.#knowledge.about(caller, {
      tables: table === undefined ? [] : [{ ...defined(place), table }],
      words: [],
    });
    const source = await this.#ask(caller, request, wait, { subject: 'columns', ...defined(place) });
    const { columns, rows, asOf } = await this.#known.page(source, {
      maxRows: Number.POSITIVE_INFINITY,
      maxBytes: Number.POSITIVE_INFINITY,
    });
    return {
      items: listingItems('columns', columns, rows),
      ...staleSince(asOf),
      ...(await known.within(this.#frame.limits.knowledgeWaitMs)),
    };
  }

  /** Queues the question as a job that nobody waits for. */
  async start(caller: Caller, request: ListingRequest): Promise<JobRecord> {
    this.#waits.assertOpen();
    const subject = subjectOf(request);
    checkPattern(request.like);
    const permissions = await permissionsOf(this.#store, caller);
    // Whoever may not see everything could not read the result either.
    permissions.checkRawListing();
    const { limits } = this.#frame;
    const { table, schema, database } = await this.#placeOf(caller, request);
    const names = {
      databases: {},
      schemas: { database },
      tables: { database, schema },
      columns: { database, schema, table },
    };
    const question = {
      subject,
      ...defined({ ...names[subject === 'views' ? 'tables' : subject], like: request.like }),
    };
    const admission = await this.#admissionOf(caller, request, question);
    assertQueue(admission);
    const { job } = await admit(this.#store, {
      ...admission,
      payload: { ...(admission.payload as object), timeoutMs: limits.statementTimeoutMs },
      priority: request.priority ?? 'normal',
      resultTtlMs: limits.resultTtlMs,
      ...defined({ idempotencyKey: request.idempotencyKey, reason: request.reason, runAt: request.runAt }),
    });
    return job;
  }

  async #firstPage(
    subject: MetadataSubject,
    caller: Caller,
    request: ListRequest,
    wait: WaitOptions,
  ): Promise<ListingSource> {
    const { like } = request;
    checkPattern(like);
    const { database, schema } = await this.#namesOf(caller, request);
    const permissions = await permissionsOf(this.#store, caller);
    if (subject !== 'databases' && database !== undefined)
      permissions.checkReachable(subject === 'schemas' || schema === undefined ? [database] : [database, schema]);
    switch (subject) {
      case 'databases':
        return await this.#ask(caller, request, wait, { subject, ...defined({ like }) });
      case 'schemas':
        return await this.#ask(caller, request, wait, { subject, ...defined({ like, database }) });
      default:
        return await this.#ask(caller, request, wait, {
          subject,
          ...defined({ like, database, schema }),
        });
    }
  }

  async #listingOf(subject: MetadataSubject, caller: Caller, cursor: string): Promise<ListingSource> {
    const known = await this.#known.behind(cursor, subject);
    if (known !== undefined) return { known };
    const job = await this.#store.find(decodeCursor(cursor).job);
    if (job === undefined || job.client !== caller.client || job.kind !== 'metadata') throw foreignCursor();
    if (metadataPayloadOf(job.payload).subject !== subject) throw foreignCursor();
    return { job };
  }

  /** Names given in the call go into the question, so the connection itself stays in the session's context. */
  async #ask(
    caller: Caller,
    request: Pick<ListRequest, 'session'>,
    wait: WaitOptions,
    question: Question,
  ): Promise<ListingSource> {
    const admission = await this.#admissionOf(caller, request, question);
    try {
      const job = await this.#answered(admission, wait);
      void this.#known.keep(admission, job).catch(() => {});
      return { job };
    } catch (failure) {
      const known = await this.#known.insteadOf(failure, admission);
      if (known === undefined) throw failure;
      return { known };
    }
  }

  async #answered(admission: Admission, wait: WaitOptions): Promise<JobRecord> {
    const { limits } = this.#frame;
    const stay = await stayOf(admission, performance.now() + limits.waitMs, this.#frame.ownWorker);
    const job = await this.#waits.admitAndWait(stay.admission, stay.until, wait);
    if (endedBadly(job)) throw toldByJob(new SnowError(withNamesHint(errorOf(job))));
    if (FINAL_STATES.has(job.state)) return job;
    await this.#store.cancel(job.id, 'Nobody waits for the listing any more.');
    try {
      this.#waits.assertOpen();
    } catch (ending) {
      throw toldByJob(ending);
    }
    throw toldByJob(
      new SnowError({
        code: 'QUEUE_TIMEOUT',
        message: `The warehouse's catalog did not answer within ${Math.round(limits.waitMs / 1000)} s.`,
        hint: 'Call server_status to see how busy it is, and try again.',
        retryAfterMs: 5_000,
      }),
    );
  }

  async #admissionOf(caller: Caller, request: Pick<ListRequest, 'session'>, question: Question): Promise<Admission> {
    const flags = await flagsOf(this.#store, caller.client);
    const session = await this.#sessionOf(caller, flags, request);
    const permissions = await permissionsOf(this.#store, caller);
    const place = { session: session.name, context: permissions.confined(session.context), flags };
    return metadataAdmission(this.#frame, caller, question, place);
  }

  async #sessionOf(caller: Caller, flags: Flags, request: Pick<ListRequest, 'session'>): Promise<SessionRecord> {
    return await this.#store.getSession(sessionOwner(caller.client, flags), sessionName(request.session));
  }

  /** As `#namesOf`, and the table; what its name is qualified with counts first. */
  async #placeOf(
    caller: Caller,
    request: { readonly table?: string | undefined } & Pick<ListRequest, 'database' | 'schema' | 'session'>,
  ) {
    const parts = request.table === undefined ? [undefined] : [...nameParts(request.table, 'table', 3)].reverse();
    const [table, schema, database] = parts;
    const names = await this.#namesOf(caller, request);
    return { table, schema: schema ?? names.schema, database: database ?? names.database };
  }

  /** The exact names of the database and schema that are meant: the call's, else the session's. */
  async #namesOf(caller: Caller, request: Pick<ListRequest, 'database' | 'schema' | 'session'>) {
    const session = await this.#sessionOf(caller, await flagsOf(this.#store, caller.client), request);
    const { database, schema } = contextOf(session.context, request);
    return defined({
      database: database === undefined ? undefined : exactName(database, 'database'),
      schema: schema === undefined ? undefined : exactName(schema, 'schema'),
    });
  }
}

function subjectOf({ subject, table }: ListingRequest): MetadataSubject {
  const known = METADATA_SUBJECTS.find((each) => each === subject);
  if (known === undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `${JSON.stringify(subject.slice(0, 80))} cannot be listed.`,
      hint: `Subjects are ${METADATA_SUBJECTS.join(', ')}.`,
    });
  if ((known === 'columns') === (table === undefined))
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: known === 'columns' ? 'Columns of which table is not said.' : `A listing of ${known} takes no table.`,
      hint: 'Give "table" with the subject "columns", and only there.',
    });
  return known;
}

/** The marks of a listing that was known before. */
function staleSince(asOf: number | undefined): Pick<Listing, 'stale' | 'as_of'> {
  return asOf === undefined ? {} : { stale: true, as_of: new Date(asOf).toISOString() };
}

/** Throws `INVALID_ARGUMENT` for a pattern that nobody means. */
function checkPattern(like: string | undefined): void {
  if (like === undefined || like.length <= LONGEST_PATTERN) return;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'The pattern is too long.',
    hint: `Patterns have ${LONGEST_PATTERN} characters at most.`,
  });
}

/** Of a listing, what is open to the client. */
function openItems(permissions: Permissions, subject: MetadataSubject, items: Listing['items']): Listing['items'] {
  if (!permissions.restrictsObjects) return items;
  return items.filter(({ database, schema, name }) => {
    const names = { databases: [name], schemas: [database, name], tables: [database, schema, name], columns: [] };
    const path = subject === 'views' ? names.tables : names[subject];
    return path.every((part) => typeof part === 'string') && permissions.isReachable(path as readonly string[]);
  });
}

function withNamesHint(error: ErrorData): ErrorData {
  if (error.code !== 'SNOWFLAKE_ERROR' || error.hint !== undefined) return error;
  return {
    ...error,
    hint: 'list_databases, list_schemas and list_tables show the names; one with lower-case letters needs double quotes.',
  };
}
