import type { Command } from 'commander';
import { httpUrl, port } from './option-values.js';
import { withSqlOptions } from './sql-command.js';

export function addLocal(program: Command): void {
  const local = program.command('local').description('the built-in Snowflake');
  local
    .command('serve')
    .description('run it in the foreground')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', '0 takes a free one', port, 0)
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .option('--token <password>', 'let in only the user mcp_snow, with this password')
    .action(async (_options, command: Command) => (await import('./local.js')).localServe(command.optsWithGlobals()));
  withSqlOptions(local.command('sql').description('a prompt for SQL, straight into it'))
    .option('--url <url>', 'one that runs there; its password is read from SNOWFLAKE_PASSWORD', httpUrl)
    .option('--user <name>', 'with --url: who logs in (mcp_snow)')
    .option('--data <dir>', 'where its data lies (default: beside the database file)')
    .option('--database <name>', 'current database')
    .option('--schema <name>', 'current schema')
    .action(async (_options, command: Command) => (await import('./local-sql.js')).localSql(command.optsWithGlobals()));
}
