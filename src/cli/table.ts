import { textWidth } from './text-width.js';

export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns of text, two spaces apart; colour codes do not count. */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, at) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[at] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, at) => {
        const cell = cells[at] ?? '';
        const blanks = ' '.repeat((widths[at] ?? 0) - textWidth(cell));
        return column.align === 'right' ? blanks + cell : cell + blanks;
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)].join('\n');
}

/** `840 ms`, `12.3 s`, `4 min`, `2.5 h`, `3 d`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 86_400_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}
