import type { NameParts, Relation, TableArgument } from '../sql/scope.js';
import { TokenCursor } from '../sql/token-cursor.js';
import { historyFunction } from './history-functions.js';
import { LocalError } from './local-error.js';
import { loginHistoryFunction } from './login-history.js';
import { momentSql } from './moment-sql.js';
import { findTagged, tagReferences } from './object-tags.js';
import type { QueryHistory } from './query-history.js';
import type { ResultTable } from './result-table.js';
import { rowsRelation } from './rows-relation.js';
import { INFORMATION_SCHEMA, type SessionNames } from './session-names.js';
import { COPY_HISTORY_COLUMNS, copyHistorySql } from './stages/load-records.js';
import { taskHistoryFunction } from './task-runs.js';

/** The rows of a table function of Snowflake's own; undefined for another one. */
export function tableFunction(
  name: NameParts,
  args: readonly TableArgument[],
  operation: string,
  names: SessionNames,
  history: QueryHistory,
): Relation | undefined {
  const last = name.at(-1) ?? '';
  if (last === 'RESULT_SCAN' && name.length === 1) return rowsRelation(resultScan(args[0]?.value, names));
  if (last === 'COPY_HISTORY' && name.at(-2) === INFORMATION_SCHEMA) return copyHistory(args, names);
  if (last === 'TAG_REFERENCES' && name.at(-2) === INFORMATION_SCHEMA) {
    const [object = '', domain = ''] = args.map(({ value }) => String(value ?? ''));
    const tagged = findTagged(domain, new TokenCursor(object).name(), names);
    return rowsRelation(tagReferences(domain, tagged, names));
  }
  if (last === 'TASK_HISTORY' && name.at(-2) === INFORMATION_SCHEMA) {
    const { whole } = names;
    return rowsRelation(taskHistoryFunction(whole, names.currentDatabase(operation).name, args));
  }
  if (last === 'VALIDATE' && name.length === 1) return rowsRelation(validate(args, names));
  if (name.at(-2) !== INFORMATION_SCHEMA) return undefined;
  const { accessLog } = names.state;
  const logins = accessLog && loginHistoryFunction(last, args, accessLog, names);
  if (logins !== undefined) return logins;
  return historyFunction(last, args, names, history);
}

function resultScan(id: string | number | null | undefined, names: SessionNames): ResultTable {
  const table = names.state.result(String(id));
  if (table !== undefined) return table;
  throw new LocalError(
    '000709',
    '02000',
    `Statement ${String(id)} not found (the local Snowflake keeps its user's last results, each up to 10,000 rows)`,
  );
}

/** What the last load into a table, or the one of that query id, found wrong. */
function validate(args: readonly TableArgument[], names: SessionNames): ResultTable {
  const job = args.find((arg) => arg.name === 'JOB_ID')?.value ?? args[1]?.value ?? '_last';
  const { entry } = names.table(new TokenCursor(String(args[0]?.value ?? '')).name(), 'VALIDATE');
  const errors = names.state.loadErrors.find(entry.id, String(job));
  if (errors !== undefined) return errors;
  throw new LocalError('000709', '02000', `Statement ${String(job)} is no load into the table in this session.`);
}

/** The loads into one table, from START_TIME on. */
function copyHistory(args: readonly TableArgument[], names: SessionNames): Relation {
  const given = (name: string, at: number): TableArgument | undefined =>
    args.find((arg) => arg.name === name) ?? (args[at]?.name === undefined ? args[at] : undefined);
  const path = new TokenCursor(String(given('TABLE_NAME', 0)?.value ?? '')).name();
  const { entry, place } = names.table(path, 'COPY_HISTORY');
  return {
    kind: 'rows',
    sql: copyHistorySql(
      [place.database.name, place.schema.name, entry.name],
      entry.id,
      momentSql(given('START_TIME', 1)),
      momentSql(given('END_TIME', 2)),
    ),
    columns: COPY_HISTORY_COLUMNS,
  };
}
