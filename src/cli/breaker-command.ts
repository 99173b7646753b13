import type { Command } from 'commander';

/** `breaker` and its subcommands. */
export function addBreaker(program: Command): void {
  const breaker = program.command('breaker').description('whether statements are sent to a connection');
  breaker
    .command('show')
    .description('state, mode and recent attempts of every connection that was used, or of one')
    .argument('[connection]')
    .action(async (connection: string | undefined, _options, command: Command) =>
      (await import('./breaker.js')).breakerShow(connection, command.optsWithGlobals()),
    );
  breaker
    .command('open')
    .description('send nothing any more, until it is closed again')
    .argument('[connection]', 'the one in use')
    .option('--reason <text>', 'told to whoever is refused, and kept in the audit')
    .action(async (connection: string | undefined, _options, command: Command) =>
      (await import('./breaker.js')).breakerSet(connection, 'open', command.optsWithGlobals()),
    );
  breaker
    .command('close')
    .description('send statements again')
    .argument('[connection]', 'the one in use')
    .option('--hold', 'keep it closed whatever fails')
    .option('--reason <text>', 'kept in the audit')
    .action(async (connection: string | undefined, _options, command: Command) =>
      (await import('./breaker.js')).breakerSet(connection, 'closed', command.optsWithGlobals()),
    );
}
