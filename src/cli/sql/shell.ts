import { appendFile, readFile } from 'node:fs/promises';
import type { ChalkInstance } from 'chalk';
import { errorDataOf, SnowError } from '../../errors/snow-error.js';
import type { WarehouseContext } from '../../store/job.js';
import { errorLine } from '../report-error.js';
import { startStep } from '../step.js';
import { type ClientCommand, clientCommand, helpText } from './client-commands.js';
import { markedPlace } from './marked-place.js';
import { type OutputFormat, outcomeLine, outcomeText } from './output.js';
import { QueueSession } from './queue-session.js';
import type { SqlSession } from './sql-session.js';
import { StatementReader } from './statement-reader.js';
import { ENDLESS } from './terminal-width.js';

export interface ShellOptions {
  readonly session: SqlSession;
  readonly format: OutputFormat;
  readonly timing: boolean;
  /** Rows fetched of a result. */
  readonly maxRows: number;
  /** Whether a line about each result (rows, time) is printed below it. */
  readonly summaries: boolean;
  readonly color: boolean;
  readonly paint: ChalkInstance;
  readonly print: (text: string) => void;
  /** Shows a text page by page; false where that cannot be done. Absent where nobody could turn a page. */
  readonly page?: (text: string) => Promise<boolean>;
  readonly width: () => number;
}

const SOURCES_DEEP = 8;

/** Runs statements and the prompt's own commands, and prints what comes of them. */
export class Shell {
  readonly session: SqlSession;
  readonly #options: ShellOptions;
  readonly #ran: string[] = [];
  #format: OutputFormat;
  #timing: boolean;
  #maxRows: number;
  #pager = false;
  #output: string | undefined;
  #running: AbortController | undefined;
  #failed = '';

  constructor(options: ShellOptions) {
    this.session = options.session;
    this.#options = options;
    this.#format = options.format;
    this.#timing = options.timing;
    this.#maxRows = options.maxRows;
  }

  /** Cancels the statement that runs; false when none does. */
  interrupt(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  /** Runs one statement and prints its rows. Throws the statement's error. */
  async run(sql: string): Promise<void> {
    const { session, color, print, width, paint } = this.#options;
    const running = new AbortController();
    this.#running = running;
    this.#ran.push(sql);
    const step = await startStep('running', { color });
    try {
      const onProgress = (text: string) => step.update(text);
      const outcome = await session.run(sql, { maxRows: this.#maxRows, signal: running.signal, onProgress });
      step.end();
      await this.#show(outcomeText(outcome, this.#format, this.#output === undefined ? width() : ENDLESS));
      if (this.#options.summaries) print(`${outcomeLine(outcome, this.#timing, paint)}\n`);
    } catch (thrown) {
      this.#failed = sql;
      throw thrown;
    } finally {
      step.end();
      this.#running = undefined;
    }
  }

  /** Runs a line that begins with `!`. Gives true when the prompt is to end. */
  async command(line: string, deep = 0): Promise<boolean> {
    const command = clientCommand(line);
    if (command.does === 'exit') return true;
    if (command.does === 'source') await this.source(command.path, deep + 1);
    else await this.#do(command);
    return false;
  }

  /** Runs the statements of a file, up to the first that fails. */
  async source(path: string, deep = 1): Promise<void> {
    if (deep > SOURCES_DEEP)
      throw new SnowError({
        code: 'INVALID_ARGUMENT',
        message: `Files call each other more than ${SOURCES_DEEP} deep.`,
        hint: `Look for !source in ${path}.`,
      });
    await this.script(await textOf(path), { deep, name: path });
  }

  /** Runs statements and commands one after the other, up to the first that fails; an error names the line in the file called `name`. */
  async script(
    text: string,
    { deep = 0, name }: { readonly deep?: number; readonly name?: string } = {},
  ): Promise<void> {
    const reader = new StatementReader();
    let begun = 1;
    try {
      for (const [at, line] of text.split('\n').entries()) {
        if (reader.empty) begun = at + 1;
        if (reader.empty && line.trimStart().startsWith('!')) {
          reader.clear();
          if (await this.command(line.trim(), deep)) return;
        } else for (const statement of reader.push(`${line}\n`)) await this.run(statement);
      }
      const last = reader.flush();
      if (last !== undefined) await this.run(last);
    } catch (thrown) {
      throw name === undefined ? thrown : inFile(thrown, name, begun);
    }
  }

  /** Prints an error in one line, and below it the line of the statement where the warehouse names a place. */
  printError(thrown: unknown, printLine: (line: string) => void): void {
    const error = errorDataOf(thrown);
    const place = markedPlace(this.#failed, error, this.#options.width());
    printLine(this.#options.paint.red(errorLine(error)));
    if (place !== undefined) printLine(place);
  }

  async #show(text: string): Promise<void> {
    const { print, page } = this.#options;
    if (this.#output !== undefined) await added(this.#output, text);
    else if (!this.#pager || page === undefined || !(await page(text))) print(text);
  }

  async #do(command: Exclude<ClientCommand, { does: 'exit' | 'source' }>): Promise<void> {
    const { print } = this.#options;
    switch (command.does) {
      case 'help':
        return print(`${helpText()}\n`);
      case 'context':
        return print(`${contextText(await this.session.context())}\n`);
      case 'format':
        this.#format = command.format;
        return;
      case 'timing':
        this.#timing = command.on;
        return;
      case 'rows':
        this.#maxRows = command.count;
        return;
      case 'pager':
        this.#pager = command.on;
        return;
      case 'output':
        // Now, not after a long statement, is when a person wants to hear that it cannot be written.
        if (command.path !== undefined) await added(command.path, '');
        this.#output = command.path;
        return;
      case 'history':
        return print(
          this.#ran
            .slice(-command.count)
            .map((sql) => `${sql};\n`)
            .join(''),
        );
      case 'tables':
        return await this.run(
          `show terse tables${command.like === undefined ? '' : ` like '${command.like.replaceAll("'", "''")}'`}`,
        );
      case 'pin':
        return await this.#pin(command.on);
    }
  }

  async #pin(on: boolean): Promise<void> {
    if (this.session instanceof QueueSession) return await this.session.pin(on);
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: '!pin is for statements that go through the queue.',
      hint: 'Here one connection is kept in any case.',
    });
  }
}

function contextText(context: WarehouseContext): string {
  const lines = (['database', 'schema', 'warehouse', 'role'] as const).map(
    (key) => `${key.padEnd(9)}  ${context[key] ?? '-'}`,
  );
  return lines.join('\n');
}

function inFile(thrown: unknown, name: string, line: number): unknown {
  if (!(thrown instanceof SnowError)) return thrown;
  return new SnowError({ ...thrown.data, message: `${name}, line ${line}: ${thrown.data.message}` }, { cause: thrown });
}

async function added(path: string, text: string): Promise<void> {
  try {
    await appendFile(path, text);
  } catch (failure) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The file ${path} cannot be written (${(failure as NodeJS.ErrnoException).code}).`,
      hint: 'Use !output with another, or !output off.',
    });
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (failure) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The file ${path} cannot be read (${(failure as NodeJS.ErrnoException).code}).`,
      hint: 'Give the path of a file with SQL statements.',
    });
  }
}
