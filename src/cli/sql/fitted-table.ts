import type { Json } from '../../store/job.js';
import { table } from '../table.js';
import { cutToWidth, textWidth } from '../text-width.js';

const LEAST_WIDTH = 8;
const GAP = 2;

/** How a value stands in a table; line breaks are shown as what they are called in a string. */
export function cellText(value: Json): string {
  if (value === null) return 'NULL';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(
    /[\u0000-\u001f\u007f]/g,
    (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Rows as a table that is not wider than the terminal: the widest columns are cut first (`…`), and where there are too many
 * columns for that, each row stands as a record of its own, a line a column.
 */
export function fittedTable(
  columns: readonly { readonly name: string }[],
  rows: readonly (readonly Json[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(cellText));
  const wanted = columns.map(({ name }, at) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[at] ?? '')), textWidth(name)),
  );
  const room = width - GAP * (columns.length - 1);
  const widths = shrunk(wanted, room);
  if (widths === undefined) return records(columns, cells, width);
  return table(
    columns.map(({ name }, at) => ({
      title: cutToWidth(name, widths[at] ?? 0),
      align: rows.length > 0 && rows.every((row) => typeof row[at] === 'number' || row[at] === null) ? 'right' : 'left',
    })),
    cells.map((row) => row.map((cell, at) => cutToWidth(cell, widths[at] ?? 0))),
  );
}

/** Each row as a record: a line a column. */
export function records(
  columns: readonly { readonly name: string }[],
  cells: readonly (readonly string[])[],
  width: number,
): string {
  const names = Math.min(Math.max(...columns.map(({ name }) => textWidth(name))), Math.floor(width / 2));
  return cells
    .map((row, number) =>
      [
        `-- row ${number + 1}`,
        ...columns.map(({ name }, at) => {
          const title = cutToWidth(name, names);
          return `${title}${' '.repeat(names - textWidth(title))}  ${cutToWidth(row[at] ?? '', Math.max(LEAST_WIDTH, width - names - GAP))}`;
        }),
      ].join('\n'),
    )
    .join('\n');
}

/** Widths that fit into the room, or `undefined` when columns would get narrower than is of use. */
function shrunk(wanted: readonly number[], room: number): readonly number[] | undefined {
  let cap = Math.max(0, ...wanted);
  const total = () => wanted.reduce((sum, width) => sum + Math.min(width, cap), 0);
  while (total() > room) {
    if (cap <= LEAST_WIDTH) return undefined;
    cap -= 1;
  }
  return wanted.map((width) => Math.min(width, cap));
}
