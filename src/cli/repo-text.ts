import type { ChalkInstance } from 'chalk';
import type { WaitProgress } from '../gateway/requests.js';
import type { Json } from '../store/job.js';
import { printable } from './printable.js';
import { duration, table } from './table.js';

/** An answer of an operation, as JSON. */
export type Shown = { readonly [key: string]: Json };

/** Where a sync is, for the line that is shown while it runs. */
export function progressText(progress: WaitProgress): string {
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

export function syncText(answer: Shown, paint: ChalkInstance): string {
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

export function listText(repositories: readonly Shown[], paint: ChalkInstance): string {
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
      each.age_s === undefined ? 'never' : agoText(Number(each.age_s)),
      String(each.files ?? ''),
      each.bytes === undefined ? '' : size(each.bytes),
      each.watch === undefined ? '' : `every ${duration(Number((each.watch as Shown).every_s) * 1_000)}`,
      printable(String(each.folder)),
    ]),
  );
}

function agoText(seconds: number): string {
  return seconds === 0 ? 'just now' : `${duration(seconds * 1_000)} ago`;
}

function stateText({ state, progress }: Shown, paint: ChalkInstance): string {
  if (state === 'failed') return paint.red('failed');
  const { done, total } = (progress ?? {}) as Shown;
  const share = typeof total === 'number' && total > 0 ? ` ${Math.floor((Number(done) / total) * 100)} %` : '';
  return state === 'syncing' ? paint.cyan(`syncing${share}`) : String(state);
}

/** All that is known of one repository. */
export function detailsText(repository: Shown, paint: ChalkInstance): string {
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

export function searchText(answer: Shown, paint: ChalkInstance): string {
  const hits = answer.hits as readonly Shown[];
  const notes = [
    ...(answer.matched === 'any' && hits.length > 0 ? ['Nothing has all of the words; these have some of them.'] : []),
    ...(answer.needs_sync === undefined
      ? []
      : [
          `Not searched, as they have to be synced first: ${(answer.needs_sync as string[]).map((name) => printable(name)).join(', ')}.`,
        ]),
    ...(hits.length === 0 ? [nothingText(answer)] : []),
    ...(answer.next_offset === undefined ? [] : [`There is more: --offset ${answer.next_offset}`]),
  ];
  const pieces = hits.map((hit) => {
    const place = `${hit.repository}/${hit.path}:${hit.first_line}-${hit.last_line}`;
    const what = [hit.kind, hit.name, hit.role === undefined ? undefined : `(${hit.role})`].filter(Boolean).join(' ');
    return `${paint.bold(printable(place))}  ${paint.dim(printable(what))}\n${printable(String(hit.text).trimEnd(), 'lines')}`;
  });
  return [...pieces, ...notes].join('\n\n');
}

function nothingText({ searched, needs_sync }: Shown): string {
  if (searched === 0)
    return needs_sync === undefined
      ? 'There is no repository to search yet: mcp-snow repo sync FOLDER adds one.'
      : 'mcp-snow repo sync --name NAME makes the index of one.';
  return `Nothing was found in ${searched} ${searched === 1 ? 'repository' : 'repositories'}.`;
}

function size(bytes: Json | undefined): string {
  const count = Number(bytes ?? 0);
  if (count < 1_024) return `${count} B`;
  return count < 1_048_576 ? `${(count / 1_024).toFixed(1)} KB` : `${(count / 1_048_576).toFixed(1)} MB`;
}
