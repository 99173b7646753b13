import { createHash } from 'node:crypto';
import { STATEMENT_TYPE } from './command.js';
import type { RowBlock, WireColumn } from './engine.js';
import { LocalError } from './local-error.js';
import type { ResultTable } from './result-table.js';

/** Rows that a script may hold of one result. */
const MOST_ROWS = 1_000_000;

const COUNTED: ReadonlySet<number> = new Set([
  STATEMENT_TYPE.insert,
  STATEMENT_TYPE.update,
  STATEMENT_TYPE.delete,
  STATEMENT_TYPE.merge,
  STATEMENT_TYPE.multiInsert,
]);

/** All rows of a result. Throws 000603 above a million. */
export async function collected(result: {
  readonly columns: readonly WireColumn[];
  readonly blocks: AsyncIterable<RowBlock>;
}): Promise<ResultTable> {
  const rows: (string | null)[][] = [];
  for await (const block of result.blocks) {
    for (const row of JSON.parse(`[${block.json}]`) as (string | null)[][]) rows.push(row);
    if (rows.length > MOST_ROWS) {
      throw new LocalError(
        '000603',
        '57014',
        `A script may hold results of up to ${MOST_ROWS} rows; this one has more.`,
      );
    }
  }
  return { columns: result.columns, rows };
}

/** The counts of a DML statement's answer, added up; multi-joined rows are counted among the updated ones. */
export function changedRows(statementTypeId: number, table: ResultTable): number | undefined {
  if (!COUNTED.has(statementTypeId)) return undefined;
  const [row] = table.rows;
  return table.columns.reduce(
    (sum, { name }, i) => (name.includes('multi-joined') ? sum : sum + Number(row?.[i] ?? 0)),
    0,
  );
}

/** A UUID for the nth statement that the one of that query id runs: the same each time the request is repeated. */
export function nestedQueryId(parent: string, ordinal: number): string {
  const hex = createHash('sha256').update(`${parent}/${ordinal}`).digest('hex').slice(0, 24);
  return `${parent.slice(0, 8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 24)}`;
}
