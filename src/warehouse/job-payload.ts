import { SnowError } from '../errors/snow-error.js';
import type { Json } from '../store/job.js';
import { sharedLane } from '../store/lane.js';
import type { Bind } from './connection.js';

/** Work of a `query` job: one statement that the guard has let through, and the caps on what is kept of its result. */
export interface QueryPayload {
  readonly sql: string;
  /** Leading keyword, as the guard saw it. */
  readonly verb: string;
  readonly binds?: readonly Bind[];
  /** Rows kept; what exceeds it is told as truncated. */
  readonly maxRows: number;
  /** Bytes of JSON kept. */
  readonly maxBytes: number;
  /** Our own deadline for one attempt, in ms. */
  readonly timeoutMs: number;
  /** Rows of each page of its result that does not say otherwise. */
  readonly pageRows?: number;
  /** The statement may change the session's context (USE, ALTER SESSION, DDL): it is written back when it succeeds. */
  readonly updatesSession: boolean;
  /** It belongs on the connection of a pinned session; `opens`: it is the statement that makes that connection. */
  readonly pin?: { readonly id: string; readonly opens: boolean };
  /** What ALTER SESSION does to the session's parameters, by upper-case name; `null` unsets. */
  readonly sessionParameters?: Readonly<Record<string, string | null>>;
}

export const METADATA_SUBJECTS = ['databases', 'schemas', 'tables', 'views', 'columns'] as const;
export type MetadataSubject = (typeof METADATA_SUBJECTS)[number];

/** Work of a `metadata` job. Names are exact, as the catalog stores them, never SQL. */
export interface MetadataPayload {
  readonly subject: MetadataSubject;
  readonly database?: string;
  readonly schema?: string;
  /** The table or view whose columns are asked for; only with `columns`. */
  readonly table?: string;
  /** Pattern of SHOW … LIKE: `%` and `_`, without regard to case. */
  readonly like?: string;
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Class of kind in a lane's name: what goes to the warehouse over a connection. */
const SQL_CLASS = 'sql';

/** The lane of jobs that need a connection of this profile. */
export function sqlLane(profile: string): string {
  return `${profile}:${SQL_CLASS}`;
}

/** The profile in a lane's name. */
export function profileOfLane(lane: string): string {
  const shared = sharedLane(lane);
  const colon = shared.lastIndexOf(':');
  return colon < 0 ? shared : shared.slice(0, colon);
}

/** Reads a stored payload back. Throws `INVALID_ARGUMENT` when it is none (a job that another version or hand wrote). */
export function queryPayloadOf(payload: Json): QueryPayload {
  const fields = fieldsOf(payload, 'query');
  const binds = fields.binds;
  if (binds !== undefined && !(Array.isArray(binds) && binds.every(isBind)))
    throw invalid('query', 'binds must be a list of texts, numbers, booleans and nulls');
  return {
    sql: text(fields, 'query', 'sql'),
    verb: text(fields, 'query', 'verb'),
    ...(binds === undefined ? {} : { binds: binds as readonly Bind[] }),
    updatesSession: fields.updatesSession === true,
    ...sessionParametersOf(fields),
    ...pinOf(fields),
    ...capsOf(fields, 'query'),
  };
}

/** As `queryPayloadOf`, for metadata jobs. */
export function metadataPayloadOf(payload: Json): MetadataPayload {
  const fields = fieldsOf(payload, 'metadata');
  const subject = METADATA_SUBJECTS.find((known) => known === fields.subject);
  if (subject === undefined) throw invalid('metadata', `subject must be one of ${METADATA_SUBJECTS.join(', ')}`);
  const names = Object.fromEntries(
    (['database', 'schema', 'table', 'like'] as const)
      .filter((name) => fields[name] !== undefined)
      .map((name) => [name, text(fields, 'metadata', name)]),
  );
  if (subject === 'columns' && names.table === undefined) throw invalid('metadata', 'table is missing');
  return { subject, ...names, ...capsOf(fields, 'metadata') };
}

/** What the caller of a `query` job asked for; `undefined` where it did not, and for other kinds. */
export function pageRowsOf(payload: Json): number | undefined {
  const rows = fieldsOf(payload, 'query').pageRows;
  return typeof rows === 'number' && rows >= 1 ? rows : undefined;
}

type Fields = { readonly [key: string]: Json | undefined };

function fieldsOf(payload: Json, kind: string): Fields {
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) throw invalid(kind, 'it is no object');
  return payload as Fields;
}

function text(fields: Fields, kind: string, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw invalid(kind, `${name} must be a text`);
  return value;
}

function sessionParametersOf(fields: Fields): Pick<QueryPayload, 'sessionParameters'> {
  if (fields.sessionParameters === undefined) return {};
  const parameters = Object.entries(fieldsOf(fields.sessionParameters, 'query'));
  if (!parameters.every(([, value]) => value === null || typeof value === 'string'))
    throw invalid('query', 'sessionParameters must be texts or null');
  return { sessionParameters: Object.fromEntries(parameters) as Record<string, string | null> };
}

function pinOf(fields: Fields): Pick<QueryPayload, 'pin'> {
  if (fields.pin === undefined) return {};
  const pin = fieldsOf(fields.pin, 'query');
  return { pin: { id: text(pin, 'query', 'id'), opens: pin.opens === true } };
}

function capsOf(fields: Fields, kind: string): { maxRows: number; maxBytes: number; timeoutMs: number } {
  return {
    maxRows: count(fields, kind, 'maxRows'),
    maxBytes: count(fields, kind, 'maxBytes'),
    timeoutMs: count(fields, kind, 'timeoutMs'),
  };
}

function count(fields: Fields, kind: string, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !(value > 0)) throw invalid(kind, `${name} must be a number above 0`);
  return value;
}

function isBind(value: Json): value is Bind {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function invalid(kind: string, what: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The stored payload of this ${kind} job cannot be read: ${what}.`,
    hint: 'Queue the work again with this version.',
  });
}
