import { Command, InvalidArgumentError, Option } from 'commander';
import { addBreaker } from './breaker-command.js';
import { addClients } from './client-command.js';
import { addFile } from './file-command.js';
import { addLocal } from './local-command.js';
import { addMemory } from './memory-command.js';
import { httpUrl, list, port, wholeNumber } from './option-values.js';
import { addQuota } from './quota-command.js';
import { addRepo } from './repo-command.js';
import { addSql } from './sql-command.js';
import { version } from './version.js';

function percentage(text: string): number {
  const number = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || number > 100) throw new InvalidArgumentError('It is a number from 0 to 100.');
  return number;
}

const concurrency = wholeNumber(1, 100);

/**
 * Every command's name, arguments and options. What a command does lies in a module of its own, loaded when it is used, so
 * that `--help` loads none of them.
 */
export function buildProgram(): Command {
  const program = new Command('mcp-snow')
    .description('The shared way into Snowflake for a team’s AI clients.')
    .version(version(), '-V, --version')
    .option('--db <path>', 'the database file where all processes meet')
    .option('--config <path>', 'settings file (mcp-snow.toml)')
    .option('--connection <name>', 'connection profile; the built-in local Snowflake when none is configured')
    .option('--json', 'results and errors as JSON')
    .addOption(
      new Option('--log-level <level>', 'what goes to the log on stderr').choices([
        'silent',
        'error',
        'warn',
        'info',
        'debug',
      ]),
    )
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 not found, 130 interrupted.');

  program
    .command('serve')
    .description('serve MCP: to one client over stdio, or to many over HTTP')
    .option('--stdio', 'over stdin and stdout')
    .option('--http', 'over streamable HTTP, at /mcp')
    .option('--host <address>', 'with --http: the address to listen on (127.0.0.1)')
    .option('--port <number>', 'with --http: 0 takes a free one (8420)', port)
    .option('--require-tokens', 'with --http: let nobody in without a token, on this machine either')
    .option('--public-url <url>', 'with --http: where a proxy in front of it is reached', httpUrl)
    .option('--client <name>', 'whose jobs these are (default: the name the client gives itself, and the OS user)')
    .option('--allow <classes>', 'statements that may run: read, dml, ddl', list)
    .option('--toolsets <names>', 'tools to offer: core (always), memory, code', list)
    .option('--worker-concurrency <n>', 'statements the embedded worker runs at once (4)', concurrency)
    .option('--worker-lanes <lanes>', 'what it takes: query:4,memory:10,code:3', list)
    .option('--no-worker', 'leave the work to `mcp-snow worker` processes')
    .action(async (_options, command: Command) => (await import('./serve.js')).serve(command.optsWithGlobals()));

  program
    .command('enqueue')
    .description('put a job into the queue')
    .argument('<kind>', 'query, metadata, memory or repo-sync')
    .argument('[payload]', 'SQL text, what to list, a folder to sync, or JSON; - reads stdin', '-')
    .option('--wait', 'wait for the end and print the result')
    .addOption(new Option('--priority <priority>', 'among the client’s own jobs').choices(['high', 'normal', 'low']))
    .option('--client <name>', 'whose job it is')
    .option('--session <name>', 'session whose context applies')
    .option('--at <time>', 'start no earlier than this (ISO 8601, or +30s, +5m, +2h)')
    .option('--idempotency-key <key>', 'the same key gives the first job again')
    .option('--allow <classes>', 'statements that may run: read, dml, ddl', list)
    .action(async (kind: string, payload: string, _options, command: Command) =>
      (await import('./enqueue.js')).enqueue(kind, payload, command.optsWithGlobals()),
    );

  program
    .command('worker')
    .description('take jobs from the queue and run them')
    .option('--concurrency <n>', 'statements and listings at once (4)', concurrency)
    .option('--lanes <lanes>', 'only these, each with slots of its own (query:4,memory:10,code:3)', list)
    .option('--client <name>', 'only this client’s jobs')
    .addOption(new Option('--lease-ms <ms>').argParser(wholeNumber(200, 600_000)).hideHelp())
    .action(async (_options, command: Command) => (await import('./worker.js')).worker(command.optsWithGlobals()));

  program
    .command('stats')
    .description('what waits, runs and works, and what clients have used')
    .option('--watch', 'go on showing it until ^C')
    .action(async (_options, command: Command) => (await import('./stats.js')).stats(command.optsWithGlobals()));

  addSql(program);
  addJobs(program);
  addClients(program);
  addAudit(program);
  addFlags(program);
  addPhases(program);
  addQuota(program);
  addMemory(program);
  addRepo(program);
  addBreaker(program);
  addMigrate(program);
  addFile(program);
  addLocal(program);

  program
    .command('doctor')
    .description('find what is wrong, and say what to do')
    .action(async (_options, command: Command) => (await import('./doctor.js')).doctor(command.optsWithGlobals()));

  program
    .command('init')
    .description('write mcp-snow.toml and print what to paste into your MCP clients')
    .option('--force', 'overwrite a file that is there')
    .action(async (_options, command: Command) => (await import('./init.js')).init(command.optsWithGlobals()));

  program
    .command('demo')
    .description('watch three clients share the local Snowflake')
    .action(async (_options, command: Command) => (await import('./demo.js')).demo(command.optsWithGlobals()));

  return program;
}

function addJobs(program: Command): void {
  const jobs = program.command('jobs').description('look at jobs and act on them');
  jobs
    .command('list')
    .description('jobs, newest first')
    .option('--client <name>', 'only this client’s')
    .option('--state <states>', 'only in these states', list)
    .option('--kind <kinds>', 'only of these kinds', list)
    .option('--session <name>', 'only of this session')
    .option('--since <time>', 'made since then: ISO 8601, or 30m, 2h, 7d ago')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000), 20)
    .option('--cursor <cursor>', 'go on where the last page ended')
    .action(async (_options, command: Command) => (await import('./jobs.js')).listJobs(command.optsWithGlobals()));
  jobs
    .command('show')
    .description('everything about one job, and its rows')
    .argument('<id>')
    .option('--rows <n>', 'rows to print', wholeNumber(0, 100_000), 20)
    .action(async (id: string, _options, command: Command) =>
      (await import('./jobs.js')).showJob(id, command.optsWithGlobals()),
    );
  jobs
    .command('cancel')
    .description('cancel a job, in the warehouse too')
    .argument('<id>')
    .option('--reason <text>', 'kept with the job')
    .action(async (id: string, _options, command: Command) =>
      (await import('./jobs.js')).cancelJob(id, command.optsWithGlobals()),
    );
  jobs
    .command('retry')
    .description('run a job that failed, was cancelled or expired once more, as a new job')
    .argument('<id>')
    .action(async (id: string, _options, command: Command) =>
      (await import('./jobs.js')).retryJob(id, command.optsWithGlobals()),
    );
}

function addAudit(program: Command): void {
  const audit = program.command('audit').description('who did what');
  audit
    .command('list')
    .description('calls and refusals, newest first')
    .option('--client <name>', 'only this client’s')
    .option('--outcome <outcome>', 'only these: admitted, succeeded, failed, cancelled, expired, refused')
    .option('--since <time>', 'not older than this (ISO 8601, or 30m, 2h, 7d)')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000), 20)
    .option('--cursor <cursor>', 'go on where the last page ended')
    .action(async (_options, command: Command) => (await import('./audit.js')).auditList(command.optsWithGlobals()));
}

function addFlags(program: Command): void {
  const flag = program.command('flag').description('switch parts of the house on and off, without a restart');
  flag
    .command('list')
    .description('every flag, and what it is set to')
    .option('--client <name>', 'as it is for this client')
    .action(async (_options, command: Command) => (await import('./flag.js')).flagList(command.optsWithGlobals()));
  flag
    .command('set')
    .description('set a flag for everybody, or for some')
    .argument('<name>')
    .argument('<state>', 'on, off, or unset')
    .option('--client <name>', 'for this client')
    .option('--group <name>', 'for the clients of this group')
    .option('--percent <n>', 'for this percentage of the clients, always the same ones', percentage)
    .action(async (name: string, state: string, _options, command: Command) =>
      (await import('./flag.js')).flagSet(name, state, command.optsWithGlobals()),
    );
  flag
    .command('history')
    .description('who changed what, newest first')
    .option('--limit <n>', 'at most this many', wholeNumber(1, 1_000), 20)
    .action(async (_options, command: Command) => (await import('./flag.js')).flagHistory(command.optsWithGlobals()));
}

function addPhases(program: Command): void {
  const phase = program.command('phase').description('switch all flags of a phase of the roll-out');
  phase
    .command('status')
    .description('every phase with its flags')
    .action(async (_options, command: Command) => (await import('./phase.js')).phaseStatus(command.optsWithGlobals()));
  for (const [name, on] of [
    ['enable', true],
    ['disable', false],
  ] as const)
    phase
      .command(name)
      .description(`switch all flags of a phase ${on ? 'on' : 'off'} for everybody`)
      .argument('<number>', '1 to 5')
      .action(async (given: string, _options, command: Command) =>
        (await import('./phase.js')).phaseSwitch(given, on, command.optsWithGlobals()),
      );
  phase
    .command('verify')
    .description('measure on this machine, in a database of its own, whether a phase does what it is for')
    .argument('<number>', '1 to 4')
    .option('--seconds <n>', 'how long each load is measured (3); a short one says less', wholeNumber(1, 10))
    .action(async (given: string, _options, command: Command) =>
      (await import('./phase-verify.js')).phaseVerify(given, command.optsWithGlobals()),
    );
}

function addMigrate(program: Command): void {
  const migrate = program.command('migrate').description('bring the database to this version’s schema');
  migrate
    .command('apply', { isDefault: true })
    .description('apply what is missing (done by every process that opens the database, too)')
    .action(async (_options, command: Command) =>
      (await import('./migrate.js')).migrateApply(command.optsWithGlobals()),
    );
  migrate
    .command('status')
    .description('tell which migrations are applied')
    .action(async (_options, command: Command) =>
      (await import('./migrate.js')).migrateStatus(command.optsWithGlobals()),
    );
}
