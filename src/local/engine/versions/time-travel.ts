import type { GivenMoment, PastMoment, Relation } from '../../sql/scope.js';
import { unsupported } from '../../sql/syntax-error.js';
import type { TableEntry } from '../catalog/entries.js';
import { LocalError } from '../local-error.js';
import type { QueryHistory } from '../query-history.js';
import type { SessionNames } from '../session-names.js';
import { showName } from '../snowflake-errors.js';
import { STREAM_METADATA } from '../stream-changes.js';
import { gapSinceSql, offsetSql, openAtSql } from './commit-log.js';
import { isTracked } from './kept-images.js';
import { assertAvailable, momentOf, notAvailable, type ValuesOf } from './moments.js';
import { changesSql, type Horizon, rowsAtSql } from './past-rows.js';

/** The past of a session's tables. What it has to ask DuckDB for, it asks through `valuesOf`. */
export class TimeTravel {
  readonly #names: SessionNames;
  readonly #history: QueryHistory;
  readonly #valuesOf: ValuesOf;
  readonly #startedAt: number;

  /** `startedAt`: when the statement began that asks, in milliseconds since the epoch. */
  constructor(names: SessionNames, history: QueryHistory, startedAt: number, valuesOf: ValuesOf) {
    this.#names = names;
    this.#startedAt = startedAt;
    this.#history = history;
    this.#valuesOf = valuesOf;
  }

  /** Throws 000709/02000 for a statement that is not known, 002003 for a stream. */
  moment(given: GivenMoment, stream: (name: string) => number): PastMoment {
    if (given.by !== 'STREAM') return momentOf(given, this.#startedAt, this.#history, this.#valuesOf);
    const [offset] = this.#valuesOf(offsetSql(stream(given.value)));
    if (offset === undefined) throw unsupported('the offset of a stream that was made by an earlier version');
    return { at: Number(offset) };
  }

  /** DuckDB SQL of the table's rows at the moment. Throws 000707/02000. */
  rowsAt(entry: TableEntry, at: PastMoment): string {
    return rowsAtSql(entry, this.#horizon(entry, at));
  }

  /** What changed in the table from one moment to another, or to now. Throws 000707/02000. */
  changes(entry: TableEntry, from: PastMoment, until: PastMoment | undefined, appendOnly: boolean): Relation {
    if (!isTracked(entry)) throw notTracked(entry);
    const sql = changesSql(
      entry,
      this.#horizon(entry, from),
      until === undefined ? undefined : this.#horizon(entry, until),
      appendOnly,
    );
    return { kind: 'rows', sql, columns: [...entry.columns, ...STREAM_METADATA] };
  }

  #horizon(entry: TableEntry, moment: PastMoment): Horizon {
    const { whole, state } = this.#names;
    assertAvailable(entry, moment, whole);
    if (this.#valuesOf(gapSinceSql(entry.id, moment.at)).length > 0) throw notAvailable(entry);
    return { at: moment.at, open: this.#valuesOf(openAtSql(moment.at, state.transaction?.begun === true)) };
  }
}

function notTracked({ name }: TableEntry): LocalError {
  return new LocalError(
    '000707',
    '02000',
    `Change tracking is not enabled or has been missing for the time range requested on table '${showName([name])}'.`,
  );
}
