import { resolve } from 'node:path';
import type { ChalkInstance } from 'chalk';
import { SnowError } from '../errors/snow-error.js';
import { repositoryRequest, syncRequest } from '../gateway/repository-requests.js';
import type { WaitProgress } from '../gateway/requests.js';
import type { OperationArguments } from '../memory/operation-payload.js';
import type { Json } from '../store/job.js';
import { printable } from './printable.js';
import { type OperationOptions, runOperation, startOperation } from './run-operation.js';
import { startStep } from './step.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';

export interface RepoOptions extends OperationOptions {
  readonly namespace?: string;
}

type Shown = { readonly [key: string]: Json };

export async function repoSync(
  path: string | undefined,
  options: RepoOptions & { readonly name?: string; readonly full?: boolean; readonly detach?: boolean },
): Promise<void> {
  const request = syncRequest(
    given({ path: path === undefined ? undefined : resolve(path), ...pick(options, 'name', 'namespace', 'full') }),
  );
  const talk = talkOf(options);
  if (options.detach === true) {
    const handle = await startOperation(options, request);
    return await talk.result(handle, () => `${handle.job_id} (${handle.state})`);
  }
  const step = await startStep('looking for files', options);
  try {
    const answer = (await runOperation(options, request, {
      what: 'The sync',
      onProgress: (progress) => step.update(progressText(progress)),
    })) as Shown;
    step.end();
    await talk.result(answer, (paint) => syncText(answer, paint));
  } finally {
    step.end();
  }
}

export async function repoList(options: RepoOptions): Promise<void> {
  const answer = await run(options, 'repo_list', pick(options, 'namespace'));
  const repositories = answer.repositories as readonly Shown[];
  await talkOf(options).result(answer, (paint) => listText(repositories, paint));
}

export async function repoSearch(
  words: readonly string[],
  options: RepoOptions & {
    readonly symbol?: string;
    readonly path?: string;
    readonly language?: string;
    readonly repository?: string;
    readonly limit?: number;
    readonly offset?: number;
  },
): Promise<void> {
  const answer = await run(options, 'repo_search', {
    text: words.length === 0 ? undefined : words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' '),
    ...pick(options, 'symbol', 'path', 'language', 'repository', 'namespace', 'limit', 'offset'),
  });
  await talkOf(options).result(answer, (paint) => searchText(answer, paint));
}

export async function repoShow(name: string, options: RepoOptions): Promise<void> {
  const answer = await run(options, 'repo_list', pick(options, 'namespace'));
  const found = (answer.repositories as readonly Shown[]).filter((each) => each.name === name);
  if (found.length === 0)
    throw new SnowError({
      code: 'NOT_FOUND',
      message: `There is no repository ${JSON.stringify(name)}.`,
      hint: 'mcp-snow repo list shows those there are.',
    });
  await talkOf(options).result(found.length === 1 ? found[0] : found, (paint) =>
    found.map((each) => detailsText(each, paint)).join('\n\n'),
  );
}

export async function repoWatch(name: string, options: RepoOptions & { readonly every: string }): Promise<void> {
  const every_s = options.every === 'off' ? undefined : secondsOf(options.every);
  const answer = await run(options, 'repo_watch', { name, every_s, ...pick(options, 'namespace') });
  await talkOf(options).result(answer, () =>
    every_s === undefined
      ? `${name} is not watched any more`
      : `${name} is synced every ${duration(every_s * 1_000)} while a worker is there`,
  );
}

export async function repoRemove(name: string, options: RepoOptions): Promise<void> {
  const answer = await run(options, 'repo_remove', { name, ...pick(options, 'namespace') });
  await talkOf(options).result(answer, () => `${name} is forgotten; its folder stays as it is`);
}

async function run(
  options: RepoOptions,
  name: Parameters<typeof repositoryRequest>[0],
  wanted: { readonly [key: string]: Json | undefined },
): Promise<Shown> {
  return (await runOperation(options, repositoryRequest(name, given(wanted)), { what: 'The command' })) as Shown;
}

function talkOf(options: RepoOptions) {
  return terminal({ json: options.json ?? false, color: options.color });
}

function given(wanted: { readonly [key: string]: Json | undefined }): OperationArguments {
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

function pick<Options extends object>(
  options: Options,
  ...keys: readonly (keyof Options & string)[]
): { readonly [key: string]: Json | undefined } {
  return Object.fromEntries(keys.map((key) => [key, options[key] as Json | undefined]));
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * (UNITS[unit] as number);
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(text.slice(0, 40))} is no span of time.`,
    hint: 'Use 10m, 1h or 1d, or off.',
  });
}

function progressText(progress: WaitProgress): string {
  if (progress.state !== 'running')
    return progress.state === 'scheduled'
      ? 'waiting for the sync that is under way'
      : `waiting, ${progress.ahead} ahead`;
  const { done = 0, total, message = '' } = progress.progress ?? {};
  return total === undefined || total === 0 ? message || 'looking for files' : `${bar(done / total)} ${message}`;
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * 20);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
}

function syncText(answer: Shown, paint: ChalkInstance): string {
  const { repository, unchanged, added, changed, removed, files, chunks, bytes, index_bytes, took_ms } = answer;
  const name = paint.bold(printable(String(repository)));
  const what = unchanged === true ? 'is unchanged' : `${added} added, ${changed} changed, ${removed} removed`;
  const lines = [
    `${name}: ${what}, in ${duration(Number(took_ms))}`,
    `${files ?? 0} files (${size(bytes)}) in ${chunks ?? 0} pieces, index ${size(index_bytes)}`,
  ];
  const skipped = Object.entries((answer.skipped ?? {}) as Shown);
  if (skipped.length > 0) lines.push(`left out: ${skipped.map(([why, count]) => `${count} ${why}`).join(', ')}`);
  for (const { path, why } of answer.examples as readonly Shown[]) lines.push(`  ${printable(String(path))}: ${why}`);
  return lines.join('\n');
}

function listText(repositories: readonly Shown[], paint: ChalkInstance): string {
  if (repositories.length === 0) return 'There is no repository yet: mcp-snow repo sync FOLDER adds one.';
  return table(
    [
      { title: 'NAME' },
      { title: 'NAMESPACE' },
      { title: 'STATE' },
      { title: 'SYNCED' },
      { title: 'FILES', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'WATCHED' },
      { title: 'FOLDER' },
    ],
    repositories.map((each) => [
      paint.bold(printable(String(each.name))),
      printable(String(each.namespace ?? 'own')),
      stateText(each, paint),
      each.age_s === undefined ? 'never' : `${duration(Number(each.age_s) * 1_000)} ago`,
      String(each.files ?? ''),
      each.bytes === undefined ? '' : size(each.bytes),
      each.watch === undefined ? '' : `every ${duration(Number((each.watch as Shown).every_s) * 1_000)}`,
      printable(String(each.folder)),
    ]),
  );
}

function stateText({ state, progress }: Shown, paint: ChalkInstance): string {
  if (state === 'failed') return paint.red('failed');
  const { done, total } = (progress ?? {}) as Shown;
  const share = typeof total === 'number' && total > 0 ? ` ${Math.floor((Number(done) / total) * 100)} %` : '';
  return state === 'syncing' ? paint.cyan(`syncing${share}`) : String(state);
}

function detailsText(repository: Shown, paint: ChalkInstance): string {
  const { failure, languages, watch, progress } = repository;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['folder', printable(String(repository.folder))],
    ['namespace', printable(String(repository.namespace ?? 'own'))],
    ['state', String(repository.state)],
    ['progress', progress === undefined ? undefined : printable(String((progress as Shown).message ?? ''))],
    ['synced', repository.synced_at === undefined ? 'never' : String(repository.synced_at)],
    ['files', repository.files === undefined ? undefined : `${repository.files}, ${size(repository.bytes)}`],
    [
      'index',
      repository.chunks === undefined ? undefined : `${repository.chunks} pieces, ${size(repository.index_bytes)}`,
    ],
    [
      'languages',
      languages === undefined
        ? undefined
        : Object.entries(languages as Shown)
            .map(([language, count]) => `${language} ${count}`)
            .join(', '),
    ],
    ['watched', watch === undefined ? undefined : `every ${duration(Number((watch as Shown).every_s) * 1_000)}`],
    ['failed', failure === undefined ? undefined : printable(String((failure as Shown).message))],
  ];
  const told = facts.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(10)} ${value}`]));
  return [paint.bold(printable(String(repository.name))), ...told].join('\n');
}

function searchText(answer: Shown, paint: ChalkInstance): string {
  const hits = answer.hits as readonly Shown[];
  const notes = [
    ...(answer.matched === 'any' && hits.length > 0 ? ['Nothing has all of the words; these have some of them.'] : []),
    ...(answer.needs_sync === undefined
      ? []
      : [
          `Not searched, as they have to be synced first: ${(answer.needs_sync as string[]).map((name) => printable(name)).join(', ')}.`,
        ]),
    ...(hits.length === 0 ? [`Nothing was found in ${answer.searched} repositories.`] : []),
    ...(answer.next_offset === undefined ? [] : [`There is more: --offset ${answer.next_offset}`]),
  ];
  const pieces = hits.map((hit) => {
    const place = `${hit.repository}/${hit.path}:${hit.first_line}-${hit.last_line}`;
    const what = [hit.kind, hit.name, hit.role === undefined ? undefined : `(${hit.role})`].filter(Boolean).join(' ');
    return `${paint.bold(printable(place))}  ${paint.dim(printable(what))}\n${printable(String(hit.text).trimEnd(), 'lines')}`;
  });
  return [...pieces, ...notes].join('\n\n');
}

function size(bytes: Json | undefined): string {
  const count = Number(bytes ?? 0);
  if (count < 1_024) return `${count} B`;
  return count < 1_048_576 ? `${(count / 1_024).toFixed(1)} KB` : `${(count / 1_048_576).toFixed(1)} MB`;
}
