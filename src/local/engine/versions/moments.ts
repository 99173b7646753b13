import { duckString } from '../../sql/lexer.js';
import type { GivenMoment, PastMoment } from '../../sql/scope.js';
import type { Catalog } from '../catalog/catalog.js';
import { CATALOG_SCHEMA } from '../catalog/catalog-storage.js';
import type { Entry, TableEntry } from '../catalog/entries.js';
import { LocalError } from '../local-error.js';
import type { QueryHistory } from '../query-history.js';
import { retentionDays } from '../retention.js';
import { showName } from '../snowflake-errors.js';
import { committedAtSql } from './commit-log.js';
import { nowMicros } from './now-micros.js';

/** How long a statement's id may stand for a moment. */
const STATEMENT_DAYS = 14;
const DAY_MICROS = 24 * 3_600_000_000;
/** DuckDB's clock and ours may differ by as much. */
const SKEW_MICROS = 1_000_000;
const LAST_OF_MS = 999;

/** The texts that a query of DuckDB gives. */
export type ValuesOf = (sql: string) => readonly string[];

/**
 * The moment that AT or BEFORE names, but for a stream's. `startedAt`: when the statement began that asks, in milliseconds since the epoch.
 * Throws 000709/02000 for a statement that is not known.
 */
export function momentOf(
  { by, value, before }: GivenMoment,
  startedAt: number,
  history: QueryHistory,
  valuesOf: ValuesOf,
): PastMoment {
  if (by === 'STATEMENT') return { at: statementMoment(value, before, history, valuesOf) };
  const at = by === 'TIMESTAMP' ? Number(value) : startedAt * 1000 + LAST_OF_MS + Math.round(Number(value) * 1_000_000);
  return { at: before ? at - 1 : at };
}

/**
 * A statement that wrote has the moment when its transaction was committed. Of others, and of those of which that is forgotten after a
 * day, the history knows the milliseconds.
 */
function statementMoment(id: string, before: boolean, history: QueryHistory, valuesOf: ValuesOf): number {
  const sql =
    `SELECT ${committedAtSql('r.stamp')} || ' ' || r.recorded_at FROM ${CATALOG_SCHEMA}.requests AS r` +
    ` WHERE r.query_id = ${duckString(id)} AND r.stamp IS NOT NULL LIMIT 1`;
  const [committed, recorded] = (valuesOf(sql)[0] ?? '').split(' ').map(Number);
  const entry = history.find(id);
  const creates = entry?.type?.startsWith('CREATE') === true;
  if (committed !== undefined && recorded !== undefined) {
    if (!before) return committed;
    // What it made was not there before.
    return creates ? recorded * 1000 - 1 : committed - 1;
  }
  if (entry === undefined || entry.startedAt * 1000 < nowMicros() - STATEMENT_DAYS * DAY_MICROS) {
    throw new LocalError('000709', '02000', `SQL compilation error:\nStatement ${id} not found`);
  }
  if (entry.type === 'SELECT') return entry.startedAt * 1000 + LAST_OF_MS;
  return before ? entry.startedAt * 1000 - 1 : (entry.endedAt ?? entry.startedAt) * 1000 + LAST_OF_MS;
}

/** Throws 000707/02000 where the table was not there yet, or the past is not kept for as long. */
export function assertAvailable(entry: TableEntry, { at }: PastMoment, catalog: Catalog): void {
  const now = nowMicros();
  const days = Number(retentionDays(entry, catalog));
  const since = Math.max(entry.createdAt, entry.imagesSince ?? 0) * 1000;
  if (at <= since || at < now - days * DAY_MICROS - SKEW_MICROS || at > now + SKEW_MICROS) throw notAvailable(entry);
}

export function notAvailable({ name, kind }: Pick<Entry, 'name' | 'kind'>): LocalError {
  return new LocalError(
    '000707',
    '02000',
    `Time travel data is not available for ${kind} ${showName([name])}. The requested time is either beyond the allowed time travel period or before the object creation time.`,
  );
}

export function notOfMaterializedViews(): LocalError {
  return new LocalError(
    '002303',
    '0A000',
    'SQL compilation error:\nTime travel is not supported for materialized views.',
  );
}
