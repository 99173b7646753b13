import { SnowError } from '../../errors/snow-error.js';
import type { Json } from '../../store/job.js';
import type { NamespaceChoice } from '../../store/memory-store.js';
import type { OperationArguments } from '../operation-payload.js';
import { LANGUAGES } from './languages.js';
import type { CodeQuery } from './search-index.js';

/** An operation on repositories, its arguments checked. */
export type RepositoryOperation =
  | {
      readonly name: 'repo_sync';
      readonly where: NamespaceChoice;
      readonly repository: string;
      /** Absolute; absent for a repository that is known. */
      readonly folder?: string;
      readonly full: boolean;
    }
  | {
      readonly name: 'repo_search';
      readonly where: NamespaceChoice;
      readonly repository?: string;
      readonly query: CodeQuery;
    }
  | { readonly name: 'repo_list'; readonly where: NamespaceChoice }
  | {
      readonly name: 'repo_watch';
      readonly where: NamespaceChoice;
      readonly repository: string;
      /** Absent: not watched any more. */
      readonly everyMs?: number;
    }
  | { readonly name: 'repo_remove'; readonly where: NamespaceChoice; readonly repository: string };

/** Hits in an answer. */
const SEARCH_LIMIT = 10;
export const MOST_HITS = 50;

/** A page begins no further in than this: who has not found it by then asks for something else. */
const FARTHEST_OFFSET = 1_000;

const LONGEST_NAME = 200;
const LONGEST_PATH = 4_096;

/** Between two syncs of a watched repository, in ms. */
const LEAST_EVERY_MS = 300_000;
const MOST_EVERY_MS = 30 * 86_400_000;

/**
 * Reads an operation's arguments, as they were asked for or as they were stored: `path`, `name`, `namespace` ("own" for the
 * caller's own alone), `full`; `text`, `symbol`, `language`, `repository`, `limit`, `offset`; `every_s`.
 * Throws `INVALID_ARGUMENT` that names what is wrong.
 */
export function repositoryOperationOf(name: string, given: OperationArguments): RepositoryOperation {
  switch (name) {
    case 'repo_sync': {
      const folder = textOf(given, 'path', LONGEST_PATH);
      const repository = nameOf(given, 'name') ?? (folder === undefined ? undefined : lastPart(folder));
      if (repository === undefined) throw unusable('repo_sync needs a path or a name.', 'Give the path of a folder.');
      const full = given.full === true;
      return { name, where: placeOf(given, 'own'), repository, full, ...(folder !== undefined && { folder }) };
    }
    case 'repo_search': {
      const repository = nameOf(given, 'repository');
      return {
        name,
        where: placeOf(given, 'all'),
        query: queryOf(given),
        ...(repository !== undefined && { repository }),
      };
    }
    case 'repo_list':
      return { name, where: placeOf(given, 'all') };
    case 'repo_watch': {
      const everyS = given.every_s;
      const everyMs = typeof everyS === 'number' ? everyS * 1_000 : undefined;
      if (everyMs !== undefined && !(everyMs >= LEAST_EVERY_MS && everyMs <= MOST_EVERY_MS))
        throw unusable(
          'A watched repository is synced every 5 minutes at most, and every 30 days at least.',
          'Say 10m, or 1h.',
        );
      return {
        name,
        where: placeOf(given, 'all'),
        repository: needed(given),
        ...(everyMs !== undefined && { everyMs }),
      };
    }
    case 'repo_remove':
      return { name, where: placeOf(given, 'all'), repository: needed(given) };
    default:
      throw unusable(
        `There is no operation ${JSON.stringify(name.slice(0, 80))}.`,
        'Those on repositories are repo_sync, repo_search, repo_list, repo_watch and repo_remove.',
      );
  }
}

function queryOf(given: OperationArguments): CodeQuery {
  const text = textOf(given, 'text', LONGEST_PATH);
  const path = textOf(given, 'path', LONGEST_PATH);
  const symbol = textOf(given, 'symbol', LONGEST_PATH);
  const language = textOf(given, 'language', LONGEST_NAME)?.toLowerCase();
  if (text === undefined && path === undefined && symbol === undefined)
    throw unusable('repo_search was asked for nothing.', 'Give a text, a symbol or a path.');
  if (language !== undefined && !(LANGUAGES as readonly string[]).includes(language))
    throw unusable(
      `No file is in the language ${JSON.stringify(language.slice(0, 80))}.`,
      `Languages: ${LANGUAGES.join(', ')}.`,
    );
  return {
    limit: whole(given, 'limit', 1, MOST_HITS) ?? SEARCH_LIMIT,
    offset: whole(given, 'offset', 0, FARTHEST_OFFSET) ?? 0,
    ...(text !== undefined && { text }),
    ...(path !== undefined && { path }),
    ...(symbol !== undefined && { symbol: symbol.replaceAll('"', '') }),
    ...(language !== undefined && { language }),
  };
}

function placeOf(given: OperationArguments, otherwise: 'own' | 'all'): NamespaceChoice {
  const namespace = textOf(given, 'namespace', LONGEST_NAME);
  if (namespace === undefined) return otherwise;
  return namespace === 'own' ? 'own' : { shared: namespace };
}

function needed(given: OperationArguments): string {
  const name = nameOf(given, 'name');
  if (name === undefined) throw unusable('No repository is named.', 'Give its name: repo_list shows those there are.');
  return name;
}

function nameOf(given: OperationArguments, key: string): string | undefined {
  const name = textOf(given, key, LONGEST_NAME)?.trim();
  if (name === undefined) return undefined;
  if (name !== '' && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) return name;
  throw unusable(`${key} is no name for a repository.`, `Use 1 to ${LONGEST_NAME} printable characters.`);
}

function lastPart(folder: string): string | undefined {
  const name = folder
    .replace(/\/+$/, '')
    .replace(/^.*\//, '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim();
  return name === '' || name.length > LONGEST_NAME ? undefined : name;
}

function textOf(given: OperationArguments, key: string, longest: number): string | undefined {
  const value: Json | undefined = given[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '' && value.length <= longest) return value;
  throw unusable(`${key} has to be a text of 1 to ${longest} characters.`, 'Leave it out where it is not meant.');
}

function whole(given: OperationArguments, key: string, least: number, most: number): number | undefined {
  const value = given[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw unusable(`${key} has to be a whole number from ${least} to ${most}.`, 'Leave it out for the usual.');
}

function unusable(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
