import { ACCOUNT, type Entry, type EntryKind } from './catalog/entries.js';
import { column, type ResultTable } from './result-table.js';
import { missing, type SessionNames } from './session-names.js';
import { invalidIdentifier, notFound } from './snowflake-errors.js';

/** Values of tags by the tags' ids, which renaming does not change. */
export type Tags = Readonly<Record<string, string>>;

/** An object that tags can be set on, and, where it is a column's, the column. */
export interface Tagged {
  readonly entry: Entry;
  readonly column?: string;
}

/** The object of that kind and name; a column's is `table.column`. Throws 002003 or 000904. */
export function findTagged(domain: string, name: readonly string[], names: SessionNames): Tagged {
  const kind = domain.toUpperCase();
  if (kind === 'COLUMN') {
    const { entry } = names.relation(name.slice(0, -1), 'TAG');
    const column = name.at(-1) ?? '';
    if (!entry.columns.some((item) => item.name === column)) throw invalidIdentifier(column);
    return { entry, column };
  }
  if (kind === 'TABLE' || kind === 'VIEW') return { entry: names.relation(name, 'TAG').entry };
  if (kind === 'SCHEMA') return { entry: names.schema(name, 'TAG').schema };
  if (kind === 'DATABASE') return { entry: names.database(name[0] ?? '') };
  const label = kind.charAt(0) + kind.slice(1).toLowerCase();
  if (kind === 'WAREHOUSE' || kind === 'ROLE' || kind === 'USER') {
    const entry = names.catalog.find(ACCOUNT, kind.toLowerCase() as 'role', name[0] ?? '');
    if (entry === undefined) throw notFound(label, name);
    return { entry };
  }
  const place = names.place(name, 'TAG');
  const entry = names.findIn(place.schema, kind.toLowerCase() as EntryKind, place.name);
  if (entry === undefined) throw missing(label, place);
  return { entry };
}

/** The tag's key in `Tags`. Throws 002003 for one that does not exist. */
export function tagKey(name: readonly string[], names: SessionNames): string {
  const place = names.place(name, 'TAG');
  const tag = names.catalog.find(place.schema.id, 'tag', place.name);
  if (tag === undefined) throw missing('Tag', place);
  return String(tag.id);
}

/** The entry with tags set, or taken away where their value is undefined. */
export function withTags({ entry, column: of }: Tagged, changes: Readonly<Record<string, string | undefined>>): Entry {
  const merged = (tags: Tags = {}): Tags =>
    Object.fromEntries(
      Object.entries({ ...tags, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
  if (of === undefined || !('columns' in entry) || entry.kind === 'stream')
    return { ...entry, tags: merged(entry.tags) };
  return {
    ...entry,
    columns: entry.columns.map((item) => (item.name === of ? { ...item, tags: merged(item.tags) } : item)),
  };
}

interface Reference {
  readonly tag: string;
  readonly value: string;
  readonly level: string;
}

/** Tags of the object and those that it inherits, the nearest value of each. */
function references({ entry, column: of }: Tagged, names: SessionNames): Reference[] {
  const found = new Map<string, Reference>();
  const add = (tags: Tags | undefined, level: string): void => {
    for (const [tag, value] of Object.entries(tags ?? {})) if (!found.has(tag)) found.set(tag, { tag, value, level });
  };
  if (of !== undefined && 'columns' in entry && entry.kind !== 'stream') {
    add(entry.columns.find((item) => item.name === of)?.tags, 'COLUMN');
  }
  for (let at: Entry | undefined = entry; at !== undefined; at = names.catalog.get(at.parent)) {
    add(at.tags, at.kind === 'view' ? 'TABLE' : at.kind.toUpperCase());
  }
  return [...found.values()];
}

/** SYSTEM$GET_TAG; undefined where the tag is not set. */
export function tagValue(tag: string, tagged: Tagged, names: SessionNames): string | undefined {
  return references(tagged, names).find((reference) => reference.tag === tag)?.value;
}

function nameOfTag(id: number, names: SessionNames): (string | null)[] {
  const tag = names.catalog.get(id);
  const schema = tag === undefined ? undefined : names.catalog.get(tag.parent);
  const database = schema === undefined ? undefined : names.catalog.get(schema.parent);
  return [database?.name ?? null, schema?.name ?? null, tag?.name ?? null];
}

/** INFORMATION_SCHEMA.TAG_REFERENCES. */
export function tagReferences(domain: string, tagged: Tagged, names: SessionNames): ResultTable {
  const columns =
    'TAG_DATABASE TAG_SCHEMA TAG_NAME TAG_VALUE LEVEL OBJECT_DATABASE OBJECT_SCHEMA OBJECT_NAME DOMAIN COLUMN_NAME';
  const schema = names.catalog.get(tagged.entry.parent);
  const database = schema === undefined ? undefined : names.catalog.get(schema.parent);
  return {
    columns: columns.split(' ').map((name) => column(name)),
    rows: references(tagged, names).map(({ tag, value, level }) => [
      ...nameOfTag(Number(tag), names),
      value,
      level,
      database?.name ?? null,
      schema?.name ?? null,
      tagged.entry.name,
      domain.toUpperCase(),
      tagged.column ?? null,
    ]),
  };
}
