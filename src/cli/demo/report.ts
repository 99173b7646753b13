import type { ChalkInstance } from 'chalk';
import type { JobRecord } from '../../store/job.js';
import { duration, table } from '../table.js';
import type { BoardRow } from './board.js';
import type { Answer } from './clients.js';
import { type FairnessFigure, fairnessFigure, percentile } from './fairness-figure.js';

export interface ClientWaits {
  readonly client: string;
  /** Jobs that were started. */
  readonly jobs: number;
  readonly cancelled: number;
  readonly wait_p50_ms: number;
  readonly wait_p95_ms: number;
  readonly wait_max_ms: number;
  /** Slot-seconds got ÷ slot-seconds due (max-min fair share of the slots in use). */
  readonly got_of_due: number;
}

export interface DemoReport {
  readonly answers: readonly Answer[];
  readonly waits: readonly ClientWaits[];
  /** Jain's fairness index over got ÷ due. */
  readonly jain: number;
  readonly jobs: number;
  readonly seconds: number;
}

export function demoReport(
  rows: readonly BoardRow[],
  jobs: readonly JobRecord[],
  answers: readonly Answer[],
): DemoReport {
  const known = new Set(rows.map((row) => row.client));
  const ended = jobs.flatMap(({ client, createdAt, startedAt, finishedAt }) =>
    finishedAt === undefined || !known.has(client)
      ? []
      : [{ client, createdAt, finishedAt, ...(startedAt !== undefined && { startedAt }) }],
  );
  const figure: FairnessFigure = fairnessFigure(ended);
  const times = ended.flatMap((job) => [job.createdAt, job.finishedAt]);
  return {
    answers,
    jain: figure.jain,
    jobs: ended.filter((job) => job.startedAt !== undefined).length,
    seconds: times.length === 0 ? 0 : (Math.max(...times) - Math.min(...times)) / 1000,
    waits: rows.map((row) => {
      const own = ended.filter((job) => job.client === row.client);
      const waits = own.flatMap((job) => (job.startedAt === undefined ? [] : [job.startedAt - job.createdAt]));
      return {
        client: row.name,
        jobs: waits.length,
        cancelled: jobs.filter((job) => job.client === row.client && job.state === 'cancelled').length,
        wait_p50_ms: percentile(waits, 0.5),
        wait_p95_ms: percentile(waits, 0.95),
        wait_max_ms: percentile(waits, 1),
        got_of_due: figure.gotOfDue[row.client] ?? 1,
      };
    }),
  };
}

export function reportText(report: DemoReport, paint: ChalkInstance): string {
  const answers = report.answers.map((answer) => `${paint.bold(answer.title)}\n${indented(answerTable(answer))}`);
  const right = { align: 'right' } as const;
  const waits = table(
    [
      { title: 'CLIENT' },
      { title: 'STATEMENTS', ...right },
      { title: 'CANCELLED', ...right },
      { title: 'WAIT P50', ...right },
      { title: 'P95', ...right },
      { title: 'MAX', ...right },
      { title: 'GOT OF ITS DUE', ...right },
    ],
    report.waits.map((row) => [
      row.client,
      String(row.jobs),
      String(row.cancelled),
      duration(row.wait_p50_ms),
      duration(row.wait_p95_ms),
      duration(row.wait_max_ms),
      `${Math.round(row.got_of_due * 100)}%`,
    ]),
  );
  const fairness = `Jain’s fairness index ${paint.bold(report.jain.toFixed(3))} (1: perfectly fair, ${(1 / report.waits.length).toFixed(2)}: one takes all)`;
  const total = `${report.jobs} statements in ${report.seconds.toFixed(1)} s, through one SQLite file`;
  return [
    '',
    ...answers,
    paint.bold('How long each client waited'),
    indented(waits),
    `  ${fairness}`,
    `  ${total}`,
  ].join('\n');
}

function answerTable(answer: Answer): string {
  return table(
    answer.columns.map((column, at) => ({
      title: column.name,
      align: answer.rows.every((row) => looksNumeric(row[at])) ? ('right' as const) : ('left' as const),
    })),
    answer.rows.map((row) =>
      row.map((cell) => (looksNumeric(cell) ? shortNumber(Number(cell)) : String(cell ?? 'NULL'))),
    ),
  );
}

/** Numbers with many digits come as text, so that none is lost. */
function looksNumeric(cell: unknown): boolean {
  return typeof cell === 'number' || (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell));
}

function shortNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function indented(text: string): string {
  return `${text.replace(/^/gm, '  ')}\n`;
}
