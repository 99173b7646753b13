import { type Command, InvalidArgumentError } from 'commander';

function burst(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}

function amount(text: string): number {
  const number = Number(text.replace(/_/g, ''));
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('It is a number.');
  return number;
}

function withScope(command: Command): Command {
  return command
    .option('--client <name>', 'of this client')
    .option('--group <name>', 'of each client of this group')
    .option('--default', 'of each client for which nothing else is set')
    .option('--global', 'of all clients together (rates only)')
    .option('--class <class>', 'query, metadata, memory or sync; quotas also count all (the default)');
}

/** `quota` and its subcommands. */
export function addQuota(program: Command): void {
  const quota = program.command('quota').description('what clients may use, and what they have used');
  quota
    .command('show')
    .description('limits that are set, and use of the current hour and day')
    .option('--client <name>', 'everything that limits this client, and how much of it is left')
    .action(async (_options, command: Command) => (await import('./quota.js')).showQuotas(command.optsWithGlobals()));
  withScope(quota.command('set'))
    .description('set a quota (--metric, --period, --limit) or a rate (--rate, --burst)')
    .option('--metric <metric>', 'requests, seconds, rows, bytes, running or stored_mb')
    .option('--period <period>', 'hour or day; running and stored_mb have none')
    .option('--limit <number>', 'how much of it', amount)
    .option('--rate <rate>', 'so many requests, evenly: 60/min, 5/h, 10/15s')
    .option('--burst <n>', 'so many of them at once (as many as the rate)', burst)
    .action(async (_options, command: Command) => (await import('./quota.js')).setQuota(command.optsWithGlobals()));
  withScope(quota.command('unset'))
    .description('take back what was set')
    .option('--metric <metric>', 'the quota of this metric')
    .option('--period <period>', 'and this period')
    .option('--rate', 'the rate')
    .action(async (_options, command: Command) => (await import('./quota.js')).unsetQuota(command.optsWithGlobals()));
  quota
    .command('reset')
    .description('close windows that have ended (for cron); with --client, begin that client’s windows anew')
    .option('--client <name>', 'also forget what this client has used of its current hour and day')
    .action(async (_options, command: Command) => (await import('./quota.js')).resetQuotas(command.optsWithGlobals()));
}
