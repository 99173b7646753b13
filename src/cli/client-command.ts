import { type Command, InvalidArgumentError } from 'commander';

/** Names repeated or separated by commas; a comma in double quotes is part of the name. */
function names(text: string, before: readonly string[] | undefined): string[] {
  const found = text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g)?.map((name) => name.trim()) ?? [];
  if (found.length === 0 || found.includes('')) throw new InvalidArgumentError('It is a name, or several with commas.');
  return [...(before ?? []), ...found];
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 1_000_000)
    throw new InvalidArgumentError('It is a whole number from 1 to 1000000.');
  return number;
}

function weight(text: string): number {
  const number = Number(text);
  if (!(number >= 0.01 && number <= 1_000)) throw new InvalidArgumentError('It is a number from 0.01 to 1000.');
  return number;
}

function withSettings(command: Command): Command {
  return command
    .option('--group <name>', 'whose limits and flags it shares')
    .option('--weight <number>', 'its share of the queue in relation to others (1)', weight)
    .option('--max-running <n>', 'jobs it may run at once', wholeNumber)
    .option('--max-queued <n>', 'jobs it may have waiting', wholeNumber)
    .option('--smooth', 'limits let its jobs wait instead of refusing them')
    .option('--allow <classes>', 'statements it may run, of those the server allows: read, dml, ddl', names)
    .option('--role <pattern>', 'only these roles', names)
    .option('--warehouse <pattern>', 'only these warehouses', names)
    .option('--database <pattern>', 'only these databases', names)
    .option('--schema <pattern>', 'only these schemas: DATABASE.SCHEMA', names)
    .option(
      '--table <pattern>',
      'only these tables and views: DATABASE.SCHEMA.TABLE; * stands for any characters',
      names,
    );
}

/** `client` and its subcommands. */
export function addClients(program: Command): void {
  const client = program.command('client').description('who may ask, for how much, and with which tokens');
  withSettings(client.command('add'))
    .description('add a client')
    .argument('<name>')
    .action(async (name: string, _options, command: Command) =>
      (await import('./client.js')).addClient(name, command.optsWithGlobals()),
    );
  client
    .command('list')
    .description('clients that were added, and those known from their calls')
    .action(async (_options, command: Command) => (await import('./client.js')).listClients(command.optsWithGlobals()));
  client
    .command('show')
    .description('what one client may do, and its tokens')
    .argument('<name>')
    .action(async (name: string, _options, command: Command) =>
      (await import('./client.js')).showClient(name, command.optsWithGlobals()),
    );
  withSettings(client.command('limit'))
    .description('change what is named; the rest stays as it is')
    .argument('<name>')
    .option('--no-smooth', 'limits refuse its jobs')
    .option('--clear <settings>', 'back to the default: group, weight, max-running, allow, role, table, …', names)
    .action(async (name: string, _options, command: Command) =>
      (await import('./client.js')).limitClient(name, command.optsWithGlobals()),
    );
  client
    .command('token')
    .description('make a token for a client and print it, once')
    .argument('<name>')
    .option('--scope <scopes>', 'query, write, jobs, memory, admin (all but admin)', names)
    .option('--expires <time>', 'after 30m, 12h, 30d, or at a time of ISO 8601 (never)')
    .action(async (name: string, _options, command: Command) =>
      (await import('./client-tokens.js')).makeToken(name, command.optsWithGlobals()),
    );
  client
    .command('tokens')
    .description('tokens of a client, as far as they can still be told')
    .argument('<name>')
    .action(async (name: string, _options, command: Command) =>
      (await import('./client-tokens.js')).listTokens(name, command.optsWithGlobals()),
    );
  client
    .command('revoke')
    .description('make a token void at once')
    .argument('<id>', 'the part between mcpsnow_ and the secret')
    .action(async (id: string, _options, command: Command) =>
      (await import('./client-tokens.js')).revokeToken(id, command.optsWithGlobals()),
    );
  client
    .command('remove')
    .description('revoke its tokens, cancel what it has waiting, and refuse it from now on')
    .argument('<name>')
    .action(async (name: string, _options, command: Command) =>
      (await import('./client.js')).removeClient(name, command.optsWithGlobals()),
    );
}
