import { type Command, Option } from 'commander';
import { list, wholeNumber } from './option-values.js';

function repeated(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

function withPlace(command: Command): Command {
  return command
    .option('--namespace <name>', 'a shared namespace, or own')
    .option('--client <name>', 'in whose name (default: the name of the OS user)');
}

function withLabels(command: Command): Command {
  return withPlace(command)
    .option('--tag <tags>', 'words to find it by', list)
    .option('--link <name>', 'the database, schema or table it is about', repeated)
    .option('--source <text>', 'where it is known from')
    .option('--metadata <json>', 'anything else, as a JSON object')
    .option('--expires <time>', 'when it is over: 2030-12-31, tomorrow');
}

function withFilter(command: Command): Command {
  return withPlace(command)
    .option('--tag <tags>', 'that have all of these tags', list)
    .option('--any-tag', 'or one of them')
    .option('--link <name>', 'linked to this database, schema or table')
    .option('--source <text>', 'known from there')
    .option('--when <time>', 'stored then: 2026-03, yesterday, "last week", "since March"')
    .option('--since <time>', 'stored from then on')
    .option('--until <time>', 'stored before then')
    .option('--time-zone <zone>', 'of these times (limits.time_zone)');
}

function withPage(command: Command, most: number, usual: number): Command {
  return withFilter(command)
    .option('--limit <n>', `memories in one page (${usual})`, wholeNumber(1, most))
    .option('--cursor <cursor>', 'go on where a page ended');
}

/** `memory` and its subcommands. */
export function addMemory(program: Command): void {
  const memory = program.command('memory').description('what the team knows: store it, find it, share it');
  const load = () => import('./memory/memories.js');
  withLabels(memory.command('store'))
    .description('store a memory')
    .argument('<text>', 'what is to be remembered; - reads stdin')
    .action(async (text: string, _options, command: Command) =>
      (await load()).storeMemory(text, command.optsWithGlobals()),
    );
  withPage(memory.command('search'), 50, 10)
    .description('find memories, the best match first')
    .argument('<words...>', 'all of them; "phrases", prefix*; -without after --')
    .action(async (words: string[], _options, command: Command) =>
      (await load()).searchMemories(words, command.optsWithGlobals()),
    );
  withPage(memory.command('list'), 500, 20)
    .description('list memories, the newest first')
    .action(async (_options, command: Command) => (await load()).listMemories(command.optsWithGlobals()));
  withPlace(memory.command('show'))
    .description('all of one memory')
    .argument('<id>')
    .action(async (id: string, _options, command: Command) => (await load()).showMemory(id, command.optsWithGlobals()));
  withLabels(memory.command('update'))
    .description('change what is given of a memory, and keep the rest')
    .argument('<id>')
    .option('--text <text>', 'its new text')
    .option('--if-version <n>', 'only if it still has this version', wholeNumber(1, 1_000_000_000))
    .option('--never-expires', 'it has no end any more')
    .action(async (id: string, _options, command: Command) =>
      (await load()).updateMemory(id, command.optsWithGlobals()),
    );
  withFilter(memory.command('delete'))
    .description('delete one memory; or several, which takes --yes')
    .argument('[ids...]')
    .option('--dry-run', 'only tell what would be deleted')
    .option('--yes', 'delete all that is selected')
    .action(async (ids: string[], _options, command: Command) =>
      (await load()).deleteMemories(ids, command.optsWithGlobals()),
    );
  withPlace(memory.command('cleanup'))
    .description('delete memories that say the same as a newer one')
    .option('--yes', 'do it; without it, only tell what would be deleted')
    .action(async (_options, command: Command) => (await load()).cleanUpMemories(command.optsWithGlobals()));
  withPlace(memory.command('export'))
    .description('write memories as JSON Lines')
    .argument('[file]', 'default: stdout', '-')
    .action(async (file: string, _options, command: Command) =>
      (await import('./memory/transfer.js')).exportMemories(file, command.optsWithGlobals()),
    );
  withPlace(memory.command('import'))
    .description('store what an export holds; what is there already stays as it is')
    .argument('<file>', 'JSON Lines; - reads stdin')
    .action(async (file: string, _options, command: Command) =>
      (await import('./memory/transfer.js')).importMemories(file, command.optsWithGlobals()),
    );
  withPlace(memory.command('health'))
    .description('how many there are, and whether their index is whole')
    .action(async (_options, command: Command) => (await load()).memoryHealth(command.optsWithGlobals()));
  addNamespaces(memory);
}

function addNamespaces(memory: Command): void {
  const namespace = memory.command('namespace').description('namespaces that clients share');
  const load = () => import('./memory/namespaces.js');
  namespace
    .command('add')
    .description('add a shared namespace')
    .argument('<name>')
    .addOption(new Option('--kind <kind>', 'what shares it').choices(['team', 'project']).default('team'))
    .option('--owner <client>', 'whose quota of stored MB it counts against; it may write')
    .action(async (name: string, _options, command: Command) =>
      (await load()).addNamespace(name, command.optsWithGlobals()),
    );
  namespace
    .command('list')
    .description('shared namespaces, what they hold, and who may use them')
    .action(async (_options, command: Command) => (await load()).listNamespaces(command.optsWithGlobals()));
  namespace
    .command('grant')
    .description('let a client or a group read it')
    .argument('<name>')
    .option('--client <name>', 'whom')
    .option('--group <name>', 'all clients of this group')
    .option('--write', 'and write to it')
    .action(async (name: string, _options, command: Command) =>
      (await load()).grantNamespace(name, command.optsWithGlobals()),
    );
  namespace
    .command('revoke')
    .description('take a grant back')
    .argument('<name>')
    .option('--client <name>', 'whose')
    .option('--group <name>', 'or this group’s')
    .action(async (name: string, _options, command: Command) =>
      (await load()).revokeNamespace(name, command.optsWithGlobals()),
    );
  namespace
    .command('remove')
    .description('remove a shared namespace, with what it holds')
    .argument('<name>')
    .option('--yes', 'even though it holds memories')
    .action(async (name: string, _options, command: Command) =>
      (await load()).removeNamespace(name, command.optsWithGlobals()),
    );
}
