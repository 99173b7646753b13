/** A table that a statement names, and what it is called in it. */
export interface TableNamed {
  /** One to three parts, as the warehouse has them. */
  readonly path: readonly string[];
  readonly alias: string;
}

const NAME = '(?:"(?:[^"]|"")+"|[\\p{L}_][\\p{L}\\p{N}_$]*)';
const TABLE = new RegExp(
  `\\b(?:from|join|update|into|using)\\s+(${NAME}(?:\\.${NAME}){0,2})(?:\\s+(?:as\\s+)?(${NAME}))?`,
  'giu',
);
const PART = new RegExp(NAME, 'gu');
const STRINGS_AND_COMMENTS = /'(?:[^'\\]|''|\\.)*'|--[^\n]*|\/\*[^]*?\*\//g;
/** What stands after a table's name and is none of its own. */
const NO_ALIAS =
  /^(?:as|cross|full|group|having|inner|join|lateral|left|limit|natural|on|order|outer|pivot|qualify|right|sample|select|set|start|unpivot|using|values|when|where|connect|union|except|intersect|minus)$/i;

/** The tables behind FROM, JOIN, UPDATE, INTO and USING of a statement, which need not be whole. */
export function tablesNamed(statement: string): readonly TableNamed[] {
  return [...statement.replace(STRINGS_AND_COMMENTS, ' ').matchAll(TABLE)].map(([, name = '', alias = '']) => {
    const path = (name.match(PART) ?? []).map(exactName);
    const called = alias === '' || NO_ALIAS.test(alias) ? path.at(-1) : exactName(alias);
    return { path, alias: called ?? '' };
  });
}

/** The name that is meant: folded to upper case unless it is quoted. */
export function exactName(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toUpperCase();
}
