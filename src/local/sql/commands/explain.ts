import type { Command, CommandContext, CommandResult } from '../../engine/command.js';
import { STATEMENT_TYPE } from '../../engine/command.js';
import { column, type ResultTable } from '../../engine/result-table.js';
import { unsupported } from '../syntax-error.js';
import type { TextSlice } from '../token-cursor.js';
import { translateStatement } from '../translate.js';
import type { Translation } from '../translation.js';
import { type Operation, operationsOf } from './explained-plan.js';
import { columns } from './listing.js';

const ROOTS: Readonly<Record<string, string>> = {
  INSERT: 'Insert',
  UPDATE: 'Update',
  DELETE: 'Delete',
  MERGE: 'Merge',
};

/** An operation with its table as Snowflake names it. */
interface Shown extends Operation {
  readonly object: string | null;
}

/** EXPLAIN [USING TABULAR | TEXT | JSON] statement: what DuckDB would do, told as Snowflake tells a plan. Nothing runs. */
export const explain: Command = async (cursor, context) => {
  cursor.expect('EXPLAIN');
  const form = cursor.accept('USING') ? cursor.identifier() : 'TABULAR';
  if (form !== 'TABULAR' && form !== 'TEXT' && form !== 'JSON') throw cursor.error(cursor.tokens[cursor.index - 1]);
  const verb = cursor.peek().value;
  const { sql, columns: given } = explained(cursor.rest(), verb, context);
  const [row] = await context.rows(`EXPLAIN (FORMAT json) ${sql}`);
  const names = (given ?? []).map(({ name }) => name);
  const operations = operationsOf(String(row?.[1] ?? '[]'), ROOTS[verb] ?? 'Result', names).map(
    (operation): Shown => ({ ...operation, object: objectOf(operation, context) }),
  );
  return shown(
    form === 'TABULAR' ? tabular(operations) : content(form === 'JSON' ? json(operations) : text(operations)),
  );
};

function shown(table: ResultTable): CommandResult {
  return { statementTypeId: STATEMENT_TYPE.explain, table };
}

function explained(rest: TextSlice, verb: string, context: CommandContext): Translation {
  if (verb in ROOTS) return translateStatement({ ...rest, keywords: [] }, context.scope('EXPLAIN'));
  if (verb === 'CREATE' || verb === 'SHOW' || verb === 'CALL') throw unsupported(`EXPLAIN ${verb}`);
  return context.translateQuery(rest.text, 'SELECT', rest.offset);
}

/** DuckDB's `snowflake.s19.t20` is the table of that id. */
function objectOf({ table }: Operation, { names }: CommandContext): string | null {
  const id = /\.t(\d+)$/.exec(table ?? '')?.[1];
  return id === undefined ? null : names.nameOf(Number(id));
}

function scans(operations: readonly Shown[]): string {
  return String(operations.filter(({ object }) => object !== null).length);
}

/** A table is one partition here, whose size nobody knows before it is read. */
function tabular(operations: readonly Shown[]): ResultTable {
  const total = scans(operations);
  return {
    columns: columns(
      '#step #id #parent operation objects alias expressions #partitionsTotal #partitionsAssigned #bytesAssigned',
    ),
    rows: [
      [null, null, null, 'GlobalStats', null, null, null, total, total, '0'],
      ...operations.map(({ id, parent, operation, object, expressions }) => [
        '1',
        String(id),
        parent === undefined ? null : String(parent),
        operation,
        object,
        null,
        expressions.length === 0 ? null : expressions.join(', '),
        object === null ? null : '1',
        object === null ? null : '1',
        object === null ? null : '0',
      ]),
    ],
  };
}

function json(operations: readonly Shown[]): string {
  const total = Number(scans(operations));
  return JSON.stringify({
    GlobalStats: { partitionsTotal: total, partitionsAssigned: total, bytesAssigned: 0 },
    Operations: [
      operations.map(({ id, parent, operation, object, expressions }) => ({
        id,
        operation,
        ...(object === null ? {} : { objects: [object] }),
        ...(expressions.length === 0 ? {} : { expressions }),
        ...(object === null ? {} : { partitionsAssigned: 1, partitionsTotal: 1, bytesAssigned: 0 }),
        ...(parent === undefined ? {} : { parentOperators: [parent] }),
      })),
    ],
  });
}

function text(operations: readonly Shown[]): string {
  const total = scans(operations);
  const depth = new Map<number, number>();
  const lines = operations.map(({ id, parent, operation, object, expressions }) => {
    const level = parent === undefined ? 0 : (depth.get(parent) ?? 0) + 1;
    depth.set(id, level);
    const what = [operation, object ?? '', expressions.join(', ')].filter((part) => part !== '').join('  ');
    return `1:${id}     ${'     '.repeat(level)}->${what}`;
  });
  const stats = ['GlobalStats:', `\tpartitionsTotal=${total}`, `\tpartitionsAssigned=${total}`, '\tbytesAssigned=0'];
  return [...stats, 'Operations:', ...lines, ''].join('\n');
}

function content(given: string): ResultTable {
  return { columns: [column('content')], rows: [[given]] };
}
