import { resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { repositoryRequest, syncRequest } from '../gateway/repository-requests.js';
import type { OperationArguments } from '../memory/operation-payload.js';
import type { Json } from '../store/job.js';
import { detailsText, listText, progressText, type Shown, searchText, syncText } from './repo-text.js';
import { type OperationOptions, runOperation, startOperation } from './run-operation.js';
import { startStep } from './step.js';
import { duration } from './table.js';
import { terminal } from './terminal.js';

export interface RepoOptions extends OperationOptions {
  readonly namespace?: string;
}

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
    text: words.length === 0 ? undefined : words.join(' '),
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
