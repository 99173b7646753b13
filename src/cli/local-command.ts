import { type Command, Option } from 'commander';
import { httpUrl, notEmpty, port, wholeNumber } from './option-values.js';
import { OUTPUT_FORMATS } from './sql/output.js';
import { withSqlOptions } from './sql-command.js';

export function addLocal(program: Command): void {
  const local = program.command('local').description('the built-in Snowflake');
  local
    .command('serve')
    .description('run it, in the foreground or with --daemon in the background')
    .option('--host <address>', 'address to listen on (127.0.0.1)')
    .option('--port <number>', '0, the default, takes a free one', port)
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .option('--token <password>', 'let in only the user mcp_snow, with this password', notEmpty)
    .option('--daemon', 'in the background; prints the ready line and ends')
    .option(
      '--pid-file <path>',
      'with --daemon: where its process number is written (default: local-serve.pid with the data)',
    )
    .action(async (_options, command: Command) => (await import('./local.js')).localServe(command.optsWithGlobals()));
  local
    .command('stop')
    .description('end one that was started with --daemon')
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .option('--pid-file <path>', 'the one it was started with')
    .action(async (_options, command: Command) => (await import('./local.js')).localStop(command.optsWithGlobals()));
  local
    .command('load')
    .description('make a table of a CSV, JSON or Parquet file')
    .argument('<file>')
    .option('--table <name>', 'default: the file’s name; also SCHEMA.TABLE or DATABASE.SCHEMA.TABLE')
    .option('--database <name>', 'made when it is not there (local)')
    .option('--schema <name>', 'made when it is not there (public)')
    .addOption(
      new Option('--format <format>', 'default: by the file’s name').choices(['csv', 'tsv', 'json', 'parquet']),
    )
    .option('--delimiter <text>', 'between the fields of a CSV file (default: what its first line shows)', notEmpty)
    .option(
      '--encoding <name>',
      'of a CSV file, such as WINDOWS1252 (default: UTF-8, or what its first bytes say)',
      notEmpty,
    )
    .option('--append', 'put the rows into the table that is there')
    .option('--replace', 'put a new table in the place of the one that is there')
    .option('--url <url>', 'a local Snowflake that runs there; its password is read from SNOWFLAKE_PASSWORD', httpUrl)
    .option('--user <name>', 'with --url: who logs in (mcp_snow)')
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .action(async (file: string, _options, command: Command) =>
      (await import('./local-load.js')).localLoad(file, command.optsWithGlobals()),
    );
  local
    .command('history')
    .description('what it has run, newest first')
    .option('--user <name>', 'statements of this user')
    .option('--session <id>', 'statements of this session')
    .addOption(new Option('--status <status>', 'how they ended').choices(['running', 'succeeded', 'failed']))
    .option('--since <time>', 'started since then: 30m, 2h, 7d, or a time of ISO 8601')
    .option('--grep <text>', 'statements that hold this text, in upper or lower case')
    .option('--limit <n>', 'how many', wholeNumber(1, 10_000), 50)
    .addOption(new Option('--format <format>', 'how they are shown').choices([...OUTPUT_FORMATS]))
    .option(
      '--url <url>',
      'of a local Snowflake that runs there; its password is read from SNOWFLAKE_PASSWORD',
      httpUrl,
    )
    .option('--login <name>', 'with --url: whose password that is (default: it is an API key or the server’s --token)')
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .action(async (_options, command: Command) =>
      (await import('./local-history.js')).localHistory(command.optsWithGlobals()),
    );
  withSqlOptions(local.command('sql').description('a prompt for SQL, straight into it'))
    .option('--url <url>', 'one that runs there; its password is read from SNOWFLAKE_PASSWORD', httpUrl)
    .option('--user <name>', 'with --url: who logs in (mcp_snow)')
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .option('--database <name>', 'current database')
    .option('--schema <name>', 'current schema')
    .action(async (_options, command: Command) => (await import('./local-sql.js')).localSql(command.optsWithGlobals()));
}
