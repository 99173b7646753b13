import { type Command, Option } from 'commander';
import { list, wholeNumber } from './option-values.js';
import { MOST_ROWS } from './sql/client-commands.js';
import { OUTPUT_FORMATS } from './sql/output.js';

/** Options of everything that runs a person's statements. */
export function withSqlOptions(command: Command): Command {
  return command
    .option('-e, --execute <sql>', 'run this and end (repeatable)', (text: string, before: readonly string[] = []) => [
      ...before,
      text,
    ])
    .option('-f, --file <path>', 'run the statements of a file and end; - reads stdin')
    .addOption(new Option('--format <format>', 'how rows are shown').choices([...OUTPUT_FORMATS]))
    .option('--max-rows <n>', 'rows fetched of a result', wholeNumber(1, MOST_ROWS), 10_000)
    .option('--timing', 'tell rows and time below each result (always at the prompt)');
}

export function addSql(program: Command): void {
  withSqlOptions(program.command('sql').description('a prompt for SQL, through the queue'))
    .option('--client <name>', 'whose statements these are')
    .option('--session <name>', 'session whose context applies')
    .option('--allow <classes>', 'statements that may run: read, dml, ddl', list)
    .option('--no-worker', 'leave the work to `mcp-snow worker` processes')
    .action(async (_options, command: Command) => (await import('./sql.js')).sql(command.optsWithGlobals()));
}
