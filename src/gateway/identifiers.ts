import { SnowError } from '../errors/snow-error.js';
import { identifier } from '../warehouse/snowflake/context.js';

/** Snowflake's limit for identifiers, in characters. */
const LONGEST = 255;

const PLAIN = /^[A-Za-z_][A-Za-z0-9_$]*$/;

/**
 * The exact name that a caller means, by Snowflake's rule: a plain name is folded to upper case, `"a name"` in double quotes
 * is taken as it is. A name that could only be written in quotes (`my-db`) needs none: there is nothing else it could mean.
 * Throws `INVALID_ARGUMENT`.
 */
export function exactName(text: string, what: string): string {
  const [name, ...more] = nameParts(text, what, 1);
  if (name === undefined || more.length > 0) throw invalid(what, text);
  return name;
}

/** The same as SQL would have it: quoted only where it must be. Contexts are kept this way. */
export function writtenName(text: string, what: string): string {
  return identifier(exactName(text, what));
}

/** A dotted name of one to `most` parts (`db.schema."My Table"`), each as `exactName` gives it. */
export function nameParts(text: string, what: string, most: number): readonly string[] {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const quoted = /^"((?:[^"]|"")+)"/.exec(rest);
    const raw = quoted?.[0] ?? (most === 1 ? rest : (/^[^."]+/.exec(rest)?.[0] ?? ''));
    const name = quoted?.[1]?.replaceAll('""', '"') ?? folded(raw.trim());
    if (name === '' || name.length > LONGEST || hasControls(name) || (quoted === null && name.includes('"')))
      throw invalid(what, text);
    parts.push(name);
    rest = rest.slice(raw.length).trimStart();
    if (rest === '') break;
    if (!rest.startsWith('.') || parts.length === most) throw invalid(what, text);
    rest = rest.slice(1).trimStart();
  }
  return parts;
}

function folded(name: string): string {
  return PLAIN.test(name) ? name.toUpperCase() : name;
}

function hasControls(name: string): boolean {
  return /\p{Cc}/u.test(name);
}

function invalid(what: string, text: string): SnowError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(shown)} is no name of a ${what}.`,
    hint: `Give the ${what} as Snowflake writes it: letters, digits, _ and $, or any text in double quotes.`,
  });
}
