import { SnowError } from '../../errors/snow-error.js';
import { OUTPUT_FORMATS, type OutputFormat } from './output.js';

/** What a line that begins with `!` asks of the prompt itself. */
export type ClientCommand =
  | { readonly does: 'help' | 'exit' | 'context' }
  | { readonly does: 'format'; readonly format: OutputFormat }
  | { readonly does: 'timing' | 'pin' | 'pager'; readonly on: boolean }
  | { readonly does: 'rows'; readonly count: number }
  /** Without a path, to the terminal again. */
  | { readonly does: 'output'; readonly path: string | undefined }
  | { readonly does: 'history'; readonly count: number }
  | { readonly does: 'source'; readonly path: string }
  | { readonly does: 'tables'; readonly like: string | undefined };

/** Rows that may be fetched of one result. */
export const MOST_ROWS = 1_000_000;

const HELP: readonly (readonly [usage: string, text: string])[] = [
  ['!help', 'this list'],
  ['!tables [PATTERN]', 'tables of the current schema, or those like the pattern'],
  ['!context', 'current database, schema, warehouse and role'],
  ['!format table|records|csv|json', 'how rows are shown'],
  ['!rows N', 'how many rows of a result are fetched'],
  ['!output FILE|off', 'add results to a file instead of showing them'],
  ['!pager on|off', 'show what is longer than the screen page by page (PAGER, or less)'],
  ['!timing on|off', 'how long statements took'],
  ['!source FILE', 'run the statements of a file'],
  ['!history [N]', 'the last statements (20)'],
  ['!pin on|off', 'keep one connection: transactions, variables, temporary tables (through the queue only)'],
  ['!exit, !quit, ^D', 'leave'],
];

export const COMMAND_NAMES: readonly string[] = [
  '!context',
  '!exit',
  '!format',
  '!help',
  '!history',
  '!output',
  '!pager',
  '!pin',
  '!quit',
  '!rows',
  '!source',
  '!tables',
  '!timing',
];

export function helpText(): string {
  const width = Math.max(...HELP.map(([usage]) => usage.length));
  const lines = HELP.map(([usage, text]) => `  ${usage.padEnd(width)}  ${text}`);
  return [
    'Statements end with ; and may take several lines. ^C cancels the one that runs. Tab completes names.',
    ...lines,
  ].join('\n');
}

/** Reads a line such as `!format csv`. Throws `INVALID_ARGUMENT` for what is none. */
export function clientCommand(line: string): ClientCommand {
  const [word = '', ...rest] = line.trim().replace(/;$/, '').slice(1).split(/\s+/);
  const argument = rest.join(' ').trim();
  switch (word.toLowerCase()) {
    case 'help':
    case '?':
      return { does: 'help' };
    case 'exit':
    case 'quit':
    case 'q':
      return { does: 'exit' };
    case 'context':
      return { does: 'context' };
    case 'format':
      return { does: 'format', format: oneOf(OUTPUT_FORMATS, argument, '!format') };
    case 'timing':
      return { does: 'timing', on: oneOf(['on', 'off'], argument, '!timing') === 'on' };
    case 'pin':
      return { does: 'pin', on: oneOf(['on', 'off'], argument, '!pin') === 'on' };
    case 'pager':
      return { does: 'pager', on: oneOf(['on', 'off'], argument, '!pager') === 'on' };
    case 'rows':
      return { does: 'rows', count: rowsOf(argument) };
    case 'output':
      if (argument === '') throw wrong('!output needs a file, or off.', 'Use !output FILE.');
      return { does: 'output', path: argument.toLowerCase() === 'off' ? undefined : argument };
    case 'history':
      return { does: 'history', count: countOf(argument) };
    case 'source':
      if (argument === '') throw wrong('!source needs a file.', 'Use !source FILE.');
      return { does: 'source', path: argument };
    case 'tables':
      return { does: 'tables', like: argument === '' ? undefined : argument };
    default:
      throw wrong(`There is no command !${word.slice(0, 40)}.`, 'See !help.');
  }
}

function oneOf<T extends string>(choices: readonly T[], given: string, usage: string): T {
  const chosen = choices.find((choice) => choice === given.toLowerCase());
  if (chosen === undefined) throw wrong(`${usage} takes ${choices.join(' or ')}.`, `Use ${usage} ${choices[0]}.`);
  return chosen;
}

function countOf(given: string): number {
  if (given === '') return 20;
  if (!/^\d{1,4}$/.test(given)) throw wrong('!history takes a number of statements.', 'Use !history 20.');
  return Number(given);
}

function rowsOf(given: string): number {
  if (/^\d{1,7}$/.test(given) && Number(given) >= 1 && Number(given) <= MOST_ROWS) return Number(given);
  throw wrong(`!rows takes a whole number from 1 to ${MOST_ROWS}.`, 'Use !rows 10000.');
}

function wrong(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
