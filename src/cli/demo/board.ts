import type { ChalkInstance } from 'chalk';
import type { QueueStats } from '../../store/job-store.js';
import { duration } from '../table.js';

/** What the board shows of a client. */
export interface BoardRow {
  readonly name: string;
  readonly habit: string;
  /** The name its jobs are under in the store. */
  readonly client: string;
}

const BAR_WIDTH = 24;

/** The live part of the demo: redrawn in place on a terminal, a line a second elsewhere. */
export class Board {
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: ChalkInstance;
  readonly #rows: readonly BoardRow[];
  readonly #began = performance.now();
  #drawn = 0;
  #lastPlainAt = Number.NEGATIVE_INFINITY;

  constructor(stream: NodeJS.WriteStream, paint: ChalkInstance, rows: readonly BoardRow[]) {
    this.#stream = stream;
    this.#paint = paint;
    this.#rows = rows;
  }

  draw(stats: QueueStats): void {
    if (this.#stream.isTTY) this.#redraw(this.#frame(stats));
    else this.#plain(stats);
  }

  /** The last picture, which stays. */
  end(stats: QueueStats): void {
    this.#lastPlainAt = Number.NEGATIVE_INFINITY;
    this.draw(stats);
    if (this.#stream.isTTY) this.#stream.write('\u001b[?25h');
  }

  #redraw(lines: readonly string[]): void {
    const up = this.#drawn === 0 ? '\u001b[?25l' : `\u001b[${this.#drawn}A`;
    this.#stream.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  #frame(stats: QueueStats): string[] {
    const paint = this.#paint;
    const nameWidth = Math.max(...this.#rows.map((row) => row.name.length));
    const most = Math.max(BAR_WIDTH, ...this.#rows.map((row) => stats.clients[row.client]?.queued ?? 0));
    const head = `  ${'client'.padEnd(nameWidth)}  ${'queued'.padEnd(BAR_WIDTH + 4)}  ${'running'.padEnd(8)}  ${'done'.padStart(4)}  wait p50`;
    return [
      '',
      paint.dim(head),
      ...this.#rows.map((row) => {
        const load = stats.clients[row.client];
        const queued = load?.queued ?? 0;
        const bar = '█'.repeat(Math.ceil((queued / most) * BAR_WIDTH));
        const running = '●'.repeat(Math.min(load?.active ?? 0, 8));
        const wait = load?.wait_p50_ms === undefined ? '' : duration(load.wait_p50_ms);
        return [
          `  ${paint.bold(row.name.padEnd(nameWidth))}`,
          `${paint.yellow(bar.padEnd(BAR_WIDTH))} ${String(queued).padStart(3)}`,
          paint.cyan(running.padEnd(8)),
          paint.green(String(load?.succeeded ?? 0).padStart(4)),
          wait,
        ].join('  ');
      }),
      paint.dim(`  ${this.#seconds()}`),
    ];
  }

  #plain(stats: QueueStats): void {
    const now = performance.now();
    if (now - this.#lastPlainAt < 1_000) return;
    this.#lastPlainAt = now;
    const clients = this.#rows.map((row) => {
      const load = stats.clients[row.client];
      return `${row.name} ${load?.queued ?? 0} queued ${load?.active ?? 0} running ${load?.succeeded ?? 0} done`;
    });
    this.#stream.write(`${this.#seconds().padStart(7)}  ${clients.join('  |  ')}\n`);
  }

  #seconds(): string {
    return `${((performance.now() - this.#began) / 1000).toFixed(1)} s`;
  }
}
