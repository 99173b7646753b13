import type { Command } from 'commander';

/** `backup` and `restore`: the database as a file. */
export function addFile(program: Command): void {
  program
    .command('backup')
    .description('write a checked copy of the database, also while it is in use')
    .argument('<file>')
    .option('--force', 'overwrite a file that is there')
    .action(async (file: string, _options, command: Command) =>
      (await import('./backup.js')).backup(file, command.optsWithGlobals()),
    );
  program
    .command('restore')
    .description('put a backup at the place of the database, while nothing uses it; the old file is kept')
    .argument('<file>')
    .action(async (file: string, _options, command: Command) =>
      (await import('./restore.js')).restore(file, command.optsWithGlobals()),
    );
}
