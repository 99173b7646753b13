import { SnowError } from '../errors/snow-error.js';

const PART = /"(?:[^"]|"")*"|[^."]+/g;
const PLAIN = /^[A-Za-z_][A-Za-z0-9_$]*$/;
const KEPT_PLAIN = /^[A-Z_][A-Z0-9_$]*$/;

/** Snowflake's limit for identifiers, in characters. */
const LONGEST_NAME = 255;

/**
 * The one way to write a name that memories are linked to: `DB`, `DB.SCHEMA` or `DB.SCHEMA.TABLE` by Snowflake's rules, plain
 * names in upper case, others in double quotes. Throws `INVALID_ARGUMENT`.
 */
export function linkOf(text: string): string {
  const written: string[] = [];
  let rest = text.trim();
  for (;;) {
    const part = new RegExp(`^(?:${PART.source})`).exec(rest)?.[0];
    const name = part?.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : upperCased(part?.trim() ?? '');
    if (part === undefined || name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name)) throw noName(text);
    written.push(KEPT_PLAIN.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
    rest = rest.slice(part.length).trimStart();
    if (rest === '') return written.join('.');
    if (!rest.startsWith('.') || written.length === 3) throw noName(text);
    rest = rest.slice(1).trimStart();
  }
}

/** What a linked name, as `linkOf` writes it, lies in; the outermost first. */
export function namesAround(link: string): readonly string[] {
  const parts = link.match(PART) ?? [];
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('.'));
}

function upperCased(name: string): string {
  return PLAIN.test(name) ? name.toUpperCase() : name;
}

function noName(text: string): SnowError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${JSON.stringify(shown)} is no name that a memory can be linked to.`,
    hint: 'Give DATABASE, DATABASE.SCHEMA or DATABASE.SCHEMA.TABLE as Snowflake writes them: other characters than letters, digits, _ and $ in double quotes.',
  });
}
