const PART = /"(?:[^"]|"")*"|[^."]+/g;

/** What a linked name lies in, the outermost first: of `DB.SCHEMA.TABLE` the schema's and the database's. */
export function namesAround(link: string): readonly string[] {
  const parts = link.match(PART) ?? [];
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
