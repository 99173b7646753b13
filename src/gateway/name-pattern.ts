import { SnowError } from '../errors/snow-error.js';

/**
 * Whether dotted names match, part by part. Patterns are written as SQL writes names: without quotes in any case, and `*`
 * stands for any run of characters; in double quotes exactly as they are.
 */
export type NamePattern = readonly ((name: string) => boolean)[];

const PART = /^\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(?:\.|$)/;

/** Reads a pattern of so many parts. Throws `INVALID_ARGUMENT` when it is none. */
export function namePattern(text: string, parts: number): NamePattern {
  const pattern: ((name: string) => boolean)[] = [];
  for (let rest = text; rest !== '' || pattern.length === 0; ) {
    const [whole, quoted, plain] = PART.exec(rest) ?? [];
    if (whole === undefined || (whole.trimEnd().endsWith('.') && whole.length === rest.length))
      throw invalid(text, parts);
    pattern.push(plain === undefined ? exactly(quoted?.replaceAll('""', '"') ?? '') : withStars(plain.toUpperCase()));
    rest = rest.slice(whole.length);
  }
  if (pattern.length !== parts) throw invalid(text, parts);
  return pattern;
}

/** Whether the first parts of the pattern match these names; all of them when as many names are given. */
export function matches(pattern: NamePattern, names: readonly string[]): boolean {
  return names.length <= pattern.length && names.every((name, index) => pattern[index]?.(name) === true);
}

function exactly(text: string): (name: string) => boolean {
  return (name) => name === text;
}

function withStars(text: string): (name: string) => boolean {
  if (!text.includes('*')) return exactly(text);
  const pieces = text.split('*').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(
    `^${pieces.filter((piece, at) => piece !== '' || at === 0 || at === pieces.length - 1).join('.*')}$`,
    's',
  );
  return (name) => expression.test(name);
}

function invalid(text: string, parts: number): SnowError {
  const form = ['NAME', 'DATABASE.SCHEMA', 'DATABASE.SCHEMA.TABLE'][parts - 1] ?? 'NAME';
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(text.slice(0, 80))} is no pattern of the form ${form}.`,
    hint: 'Write names as SQL does, with * for any run of characters: SALES, SALES.*, SALES.PUBLIC.ORDERS, "my db".',
  });
}
