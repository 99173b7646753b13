import { SnowError } from '../../errors/snow-error.js';
import { quotedName } from '../sql/quoted-name.js';

/** Names as SQL takes them. */
export interface TablePlace {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
}

const PART = /^(?:"(?:[^"]|"")+"|[^".]+)$/;
const PARTS = /"(?:[^"]|"")*"|[^".]+|\./g;

/**
 * Where a table is meant to be: `table` may be `SCHEMA.TABLE` or `DATABASE.SCHEMA.TABLE`, and then says more than the two others. Throws
 * `INVALID_ARGUMENT` for a name that is none.
 */
export function tablePlace(
  table: string,
  {
    database = 'local',
    schema = 'public',
  }: { readonly database?: string | undefined; readonly schema?: string | undefined },
): TablePlace {
  const parts = qualified(table);
  const name = parts.pop() ?? '';
  return {
    schema: identifier(parts.pop() ?? schema),
    database: identifier(parts.pop() ?? database),
    table: identifier(name),
  };
}

function qualified(text: string): string[] {
  const pieces = text.match(PARTS) ?? [];
  const parts = pieces.filter((_, at) => at % 2 === 0);
  const dots = pieces.filter((_, at) => at % 2 === 1);
  const isPath = pieces.join('') === text && pieces.length <= 5 && dots.every((dot) => dot === '.');
  return isPath && pieces.length % 2 === 1 && parts.every((part) => PART.test(part)) ? parts : [text];
}

/** Folded to upper case where it needs no quotes, as Snowflake does. */
function identifier(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_$]*$/.test(name)) return name.toUpperCase();
  if (/^"(?:[^"]|"")+"$/.test(name)) return name;
  if (name !== '' && name.length <= 255) return quotedName(name);
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'A name has 1 to 255 characters.',
    hint: 'Give one with --table.',
  });
}
