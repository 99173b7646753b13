import type { ColumnEntry, Entry, KeptEntry, PolicyUse, TableEntry, ViewEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { LocalError } from '../../engine/local-error.js';
import { tagKey, withTags } from '../../engine/object-tags.js';
import { missing } from '../../engine/session-names.js';
import { invalidIdentifier } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';

/** A tag or policy put on an object, or on one of its columns, as written. */
export type Attachment =
  | { readonly kind: 'tag'; readonly column?: string; readonly name: readonly string[]; readonly value: string }
  | {
      readonly kind: 'masking policy';
      readonly column: string;
      readonly name: readonly string[];
      readonly columns: readonly string[];
    }
  | { readonly kind: 'row access policy'; readonly name: readonly string[]; readonly columns: readonly string[] };

/** `[WITH] TAG (…)`, `[WITH] MASKING POLICY p [USING (…)]` of a column, `[WITH] ROW ACCESS POLICY p ON (…)`; undefined for anything else. */
export function parseAttachments(cursor: TokenCursor, column?: string): readonly Attachment[] | undefined {
  const start = cursor.index;
  cursor.accept('WITH');
  const of = column === undefined ? {} : { column };
  if (cursor.accept('TAG')) return parseTags(cursor).map((tag) => ({ kind: 'tag', ...of, ...tag }));
  if (column !== undefined && cursor.accept('MASKING', 'POLICY')) return [parseMasking(cursor, column)];
  if (column === undefined && cursor.accept('ROW', 'ACCESS', 'POLICY')) return [parseRowAccess(cursor)];
  for (const kind of ['PROJECTION', 'AGGREGATION'])
    if (cursor.isKeyword(kind, 'POLICY')) throw unsupported(`${kind} POLICY`);
  cursor.index = start;
  return undefined;
}

function parseTags(cursor: TokenCursor): { name: readonly string[]; value: string }[] {
  const tags: { name: readonly string[]; value: string }[] = [];
  cursor.expectSymbol('(');
  do {
    const name = cursor.name();
    cursor.expectSymbol('=');
    tags.push({ name, value: cursor.stringLiteral() });
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return tags;
}

/** `p [USING (column, …)]`, behind MASKING POLICY. */
export function parseMasking(cursor: TokenCursor, column: string): Attachment {
  const name = cursor.name();
  const columns = cursor.accept('USING') ? parseColumns(cursor) : [column];
  cursor.accept('FORCE');
  return { kind: 'masking policy', column, name, columns };
}

/** `p ON (column, …)`, behind ROW ACCESS POLICY. */
export function parseRowAccess(cursor: TokenCursor): Attachment {
  const name = cursor.name();
  cursor.expect('ON');
  return { kind: 'row access policy', name, columns: parseColumns(cursor) };
}

function parseColumns(cursor: TokenCursor): string[] {
  const columns: string[] = [];
  cursor.expectSymbol('(');
  do columns.push(cursor.identifier());
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return columns;
}

/** The entry with them. Throws 002003 for a tag or policy that does not exist, 000904 for an unknown column. */
export function attached<E extends Entry>(entry: E, attachments: readonly Attachment[], context: CommandContext): E {
  let changed: Entry = entry;
  for (const attachment of attachments) {
    if (attachment.kind === 'tag') {
      const { column } = attachment;
      const tagged = { entry: changed, ...(column === undefined ? {} : { column }) };
      changed = withTags(tagged, { [tagKey(attachment.name, context.names)]: attachment.value });
    } else if (changed.kind === 'table' || changed.kind === 'view') {
      changed = withPolicy(changed, attachment, context);
    }
  }
  return changed as E;
}

function withPolicy<E extends TableEntry | ViewEntry>(
  entry: E,
  attachment: Exclude<Attachment, { kind: 'tag' }>,
  context: CommandContext,
): E {
  const policy = findPolicy(attachment.kind, attachment.name, context);
  const { columns } = attachment;
  for (const name of columns) if (!entry.columns.some((item) => item.name === name)) throw invalidIdentifier(name);
  if (columns.length !== policy.arguments?.length) {
    throw new LocalError(
      '002149',
      '42601',
      `SQL compilation error:\nPolicy '${policy.name}' takes ${policy.arguments?.length ?? 0} columns, ${columns.length} are given.`,
    );
  }
  const use: PolicyUse = { policy: policy.id, columns };
  if (attachment.kind === 'row access policy') {
    if (entry.rowAccess !== undefined) throw alreadyAttached(policy.name);
    return { ...entry, rowAccess: use };
  }
  return {
    ...entry,
    columns: entry.columns.map((item) => (item.name === attachment.column ? { ...item, masking: use } : item)),
  };
}

function alreadyAttached(name: string): LocalError {
  return new LocalError(
    '003551',
    '42710',
    `SQL compilation error:\nObject already has a ROW_ACCESS_POLICY. Only one ROW_ACCESS_POLICY is allowed at a time; '${name}' is not added.`,
  );
}

/** Throws 002003. */
export function findPolicy(
  kind: 'masking policy' | 'row access policy',
  name: readonly string[],
  { names }: CommandContext,
): KeptEntry {
  const place = names.place(name, 'POLICY');
  const policy = names.catalog.find(place.schema.id, kind, place.name);
  if (policy === undefined) throw missing(kind === 'masking policy' ? 'Masking policy' : 'Row access policy', place);
  return policy as KeptEntry;
}

/** A column without its masking policy. */
export function unmasked({ masking: _gone, ...column }: ColumnEntry): ColumnEntry {
  return column;
}
