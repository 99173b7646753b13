import { SnowError } from '../../errors/snow-error.js';

const LONGEST_GLOB = 500;

/** With so few wildcards a regular expression, which tries out where each may end, is the faster way; with more it may take for ever. */
const MOST_BACKTRACKED = 3;

/**
 * Tells whether a path fits a glob: `*` is anything but a slash, `**` anything, `?` one character but a slash. A glob without a
 * slash is for the file's name, one that ends with a slash for all below that folder. Upper and lower case are alike. The time is bounded by the product of both
 * lengths, whatever the glob.
 */
export function pathGlob(glob: string): (path: string) => boolean {
  const given = glob
    .trim()
    .replace(/^\.?\//, '')
    .toLowerCase();
  if (given === '' || given.length > LONGEST_GLOB) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: given === '' ? 'The path is empty.' : 'The path is too long.',
      hint: `Give a path or a glob of up to ${LONGEST_GLOB} characters, such as models/**/*.sql.`,
    });
  }
  const full = given.endsWith('/') ? `${given}**` : given;
  const pattern = tokensOf(full.includes('/') ? full : `**/${full}`);
  if (pattern.filter(({ kind }) => kind === 'many' || kind === 'all').length <= MOST_BACKTRACKED) {
    const expression = expressionOf(pattern);
    return (path) => expression.test(`/${path.toLowerCase()}`);
  }
  return (path) => matches(pattern, `/${path.toLowerCase()}`);
}

type Token = { readonly kind: 'text'; readonly char: string } | { readonly kind: 'one' | 'many' | 'all' };

/** The pattern begins with the slash that paths are given in front. */
function tokensOf(glob: string): readonly Token[] {
  const tokens: Token[] = [{ kind: 'text', char: '/' }];
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob[at] as string;
    if (char === '?') tokens.push({ kind: 'one' });
    else if (char !== '*') tokens.push({ kind: 'text', char });
    else if (glob[at + 1] !== '*') tokens.push({ kind: 'many' });
    else {
      while (glob[at + 1] === '*') at += 1;
      // `a/**/b` is also `a/b`: the slash before is part of what may be there or not.
      const before = tokens.at(-1);
      if (before?.kind === 'text' && before.char === '/' && glob[at + 1] === '/') {
        tokens.pop();
        tokens.push({ kind: 'all' }, { kind: 'text', char: '/' });
        at += 1;
      } else tokens.push({ kind: 'all' });
    }
  }
  return tokens;
}

function expressionOf(pattern: readonly Token[]): RegExp {
  const source = pattern.map((token) => {
    if (token.kind === 'text') return token.char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
    return { one: '[^/]', many: '[^/]*', all: '[^]*' }[token.kind];
  });
  return new RegExp(`^${source.join('')}$`);
}

/** Row by row over the path: which prefixes of the pattern fit what has been read. */
function matches(pattern: readonly Token[], path: string): boolean {
  let fits = closure(pattern, [true, ...pattern.map(() => false)]);
  for (const char of path) {
    const next = [false, ...pattern.map(() => false)];
    for (const [at, token] of pattern.entries()) {
      if (fits[at] !== true) continue;
      if (token.kind === 'text') next[at + 1] ||= token.char === char;
      else if (token.kind === 'one') next[at + 1] ||= char !== '/';
      else if (token.kind === 'all' || char !== '/') next[at] = true;
    }
    fits = closure(pattern, next);
  }
  return fits[pattern.length] === true;
}

/** Wildcards may stand for nothing. */
function closure(pattern: readonly Token[], fits: boolean[]): boolean[] {
  for (const [at, token] of pattern.entries())
    if (fits[at] && (token.kind === 'many' || token.kind === 'all')) fits[at + 1] = true;
  return fits;
}
