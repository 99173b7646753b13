import { ACCOUNT, type KeptEntry } from '../../../engine/catalog/entries.js';
import type { CommandContext } from '../../../engine/command.js';
import type { LocalError } from '../../../engine/local-error.js';
import { assertWritable, missing } from '../../../engine/session-names.js';
import { notFound } from '../../../engine/snowflake-errors.js';
import type { TokenCursor } from '../../token-cursor.js';
import { KEPT } from './kept-kinds.js';
import type { KeptSpecification } from './kept-specification.js';

/** The kind that these words begin with. */
export function keptOf(words: readonly string[]): KeptSpecification | undefined {
  return KEPT.find((kind) => kind.words.every((word, i) => words[i] === word));
}

/** Consumes the words of a kind, `INTEGRATION` alone for whichever integration has the name. */
export function acceptKept(cursor: TokenCursor): readonly KeptSpecification[] {
  const found = KEPT.find((kind) => cursor.accept(...kind.words));
  if (found !== undefined) return [found];
  return cursor.accept('INTEGRATION') ? KEPT.filter(({ label }) => label === 'Integration') : [];
}

/** Where an object of that kind is, or would be made. */
export interface KeptName {
  readonly specification: KeptSpecification;
  /** Id of its schema or database, or `ACCOUNT`. */
  readonly parent: number;
  readonly name: string;
  /** What to throw where there is none. */
  readonly missing: LocalError;
}

/** Throws 090105, 090106, 002003 where a part of the path is missing, 003001 in a shared database. */
export function keptName(
  specification: KeptSpecification,
  path: readonly string[],
  { names }: CommandContext,
  operation: string,
): KeptName {
  const name = path.at(-1) ?? '';
  const { label } = specification;
  if (specification.holder === 'account') {
    return { specification, parent: ACCOUNT, name, missing: notFound(label, [name]) };
  }
  if (specification.holder === 'database') {
    const database = path.length > 1 ? names.database(path[0] ?? '') : names.currentDatabase(operation);
    assertWritable(database);
    return { specification, parent: database.id, name, missing: notFound(label, [database.name, name]) };
  }
  const place = names.writablePlace(path, operation);
  return { specification, parent: place.schema.id, name, missing: missing(label, place) };
}

export function findKept({ specification, parent, name }: KeptName, context: CommandContext): KeptEntry | undefined {
  return context.names.catalog.find(parent, specification.kind, name) as KeptEntry | undefined;
}

/** The object that the words just consumed and this path name. Throws 002003. */
export function keptAt(
  specifications: readonly KeptSpecification[],
  path: readonly string[],
  context: CommandContext,
  operation: string,
): { readonly at: KeptName; readonly entry: KeptEntry } {
  const found = specifications.map((specification) => keptName(specification, path, context, operation));
  for (const at of found) {
    const entry = findKept(at, context);
    if (entry !== undefined) return { at, entry };
  }
  throw found[0]?.missing ?? notFound('Object', path);
}
