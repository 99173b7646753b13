import { text as readAll } from 'node:stream/consumers';
import { SnowError } from '../../errors/snow-error.js';
import { EXIT } from '../exit-code.js';
import type { GlobalOptions } from '../global-options.js';
import { paintFor } from '../terminal.js';
import type { OutputFormat } from './output.js';
import { pageThrough } from './pager.js';
import { runPrompt } from './prompt.js';
import { Shell } from './shell.js';
import type { SqlSession } from './sql-session.js';
import { terminalWidth } from './terminal-width.js';

/** What `sql` and `local sql` have in common. */
export interface SqlOptions extends GlobalOptions {
  readonly execute?: readonly string[];
  readonly file?: string;
  readonly format?: OutputFormat;
  readonly maxRows: number;
  readonly timing?: boolean;
}

/** Statements of `--execute` or `--file`, or of stdin where it is no terminal; else the prompt. Closes the session. */
export async function runSql(session: SqlSession, options: SqlOptions): Promise<void> {
  const given = options.execute !== undefined || options.file !== undefined || process.stdin.isTTY !== true;
  const paint = await paintFor(process.stdout, options.color);
  const shell = new Shell({
    session,
    format: options.format ?? (options.json ? 'json' : 'table'),
    timing: options.timing ?? !given,
    maxRows: options.maxRows,
    summaries: !given || (options.timing ?? false),
    color: options.color,
    paint,
    print: (text) => void process.stdout.write(text),
    width: () => terminalWidth(process.stdout),
    ...(!given && { page: pageOnTerminal }),
  });
  try {
    await (given ? runGiven(shell, options) : runPrompt(shell));
  } finally {
    await session.close();
  }
}

/** The pager has the keys while it is there. */
async function pageOnTerminal(text: string): Promise<boolean> {
  if (text.split('\n').length < process.stdout.rows) return false;
  process.stdin.pause();
  process.stdin.setRawMode(false);
  try {
    return await pageThrough(text);
  } finally {
    process.stdin.setRawMode(true);
    process.stdin.resume();
  }
}

async function runGiven(shell: Shell, options: SqlOptions): Promise<void> {
  if (options.execute !== undefined && options.file !== undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'Statements come from --execute or from --file, not from both.',
      hint: 'Leave one of them out.',
    });
  let interrupted = false;
  const onInterrupt = () => {
    interrupted = true;
    // Between two statements there is nothing to cancel.
    if (!shell.interrupt()) process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', onInterrupt);
  try {
    if (options.file !== undefined && options.file !== '-') await shell.source(options.file);
    else if (options.execute !== undefined) await shell.script(options.execute.join('\n;\n'));
    else await shell.script(await readAll(process.stdin), { name: 'stdin' });
  } catch (thrown) {
    if (!interrupted) throw thrown;
    process.exitCode = EXIT.interrupted;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}
