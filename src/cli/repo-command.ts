import type { Command } from 'commander';
import { wholeNumber } from './option-values.js';

const NAMESPACE = 'a shared namespace, or own';

/** `repo …`: code in the index, for people. */
export function addRepo(program: Command): void {
  const repo = program.command('repo').description('index folders of code, and search them');
  repo
    .command('sync')
    .description('read a folder into the index, or what has changed in it since')
    .argument('[path]', 'a folder that the settings allow; without it --name says which repository')
    .option('--name <name>', 'what to call it (the folder’s name)')
    .option('--namespace <name>', 'keep it in a shared namespace instead of your own')
    .option('--full', 'read all files, also those that look unchanged')
    .option('--detach', 'do not wait for the end')
    .option('--client <name>', 'in whose name')
    .action(async (path: string | undefined, _options, command: Command) =>
      (await import('./repo.js')).repoSync(path, command.optsWithGlobals()),
    );
  repo
    .command('list')
    .description('the repositories, how fresh they are, and which are being synced')
    .option('--namespace <name>', NAMESPACE)
    .option('--client <name>', 'in whose name')
    .action(async (_options, command: Command) => (await import('./repo.js')).repoList(command.optsWithGlobals()));
  repo
    .command('search')
    .description('find code: by words, symbol, path, language')
    .argument('[words...]', 'all of them, or else most; "phrases", prefix*; -without after --')
    .option('--symbol <name>', 'a table, model, column or function: defined, described or used')
    .option('--path <glob>', 'models/**/*.sql, *.yml, models/')
    .option('--language <name>', 'sql, yaml, python, …')
    .option('--repository <name>', 'only this one')
    .option('--namespace <name>', NAMESPACE)
    .option('--limit <n>', 'pieces of code (10)', wholeNumber(1, 50))
    .option('--offset <n>', 'leave out the first ones', wholeNumber(0, 1_000))
    .option('--client <name>', 'in whose name')
    .action(async (words: string[], _options, command: Command) =>
      (await import('./repo.js')).repoSearch(words, command.optsWithGlobals()),
    );
  repo
    .command('show')
    .description('all that is known of a repository')
    .argument('<name>')
    .option('--namespace <name>', NAMESPACE)
    .option('--client <name>', 'in whose name')
    .action(async (name: string, _options, command: Command) =>
      (await import('./repo.js')).repoShow(name, command.optsWithGlobals()),
    );
  repo
    .command('watch')
    .description('have it synced every so often by whichever worker is there')
    .argument('<name>')
    .requiredOption('--every <time>', '5m (the least), 1h, 1d; off ends it')
    .option('--namespace <name>', NAMESPACE)
    .option('--client <name>', 'in whose name')
    .action(async (name: string, _options, command: Command) =>
      (await import('./repo.js')).repoWatch(name, command.optsWithGlobals()),
    );
  repo
    .command('remove')
    .description('forget it and delete its index; the folder stays as it is')
    .argument('<name>')
    .option('--namespace <name>', NAMESPACE)
    .option('--client <name>', 'in whose name')
    .action(async (name: string, _options, command: Command) =>
      (await import('./repo.js')).repoRemove(name, command.optsWithGlobals()),
    );
}
