import { ACCOUNT, type Entry, type EntryKind, type GrantEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';
import { missing } from '../../engine/session-names.js';
import { notFound } from '../../engine/snowflake-errors.js';
import { unsupported } from '../syntax-error.js';
import type { TokenCursor } from '../token-cursor.js';
import { KEPT } from './kept/kept-kinds.js';
import { parseSignature, signatureOf } from './routine-signature.js';

type Target = GrantEntry['on'];

/** Kinds that privileges can be granted on, by their words; the plural adds an S. */
const KINDS: readonly (readonly [words: readonly string[], kind: EntryKind, label: string])[] = [
  [['DATABASE'], 'database', 'Database'],
  [['SCHEMA'], 'schema', 'Schema'],
  [['TABLE'], 'table', 'Table'],
  [['DYNAMIC', 'TABLE'], 'table', 'Dynamic table'],
  [['MATERIALIZED', 'VIEW'], 'view', 'View'],
  [['VIEW'], 'view', 'View'],
  [['SEQUENCE'], 'sequence', 'Sequence'],
  [['STAGE'], 'stage', 'Stage'],
  [['STREAM'], 'stream', 'Stream'],
  [['TASK'], 'task', 'Task'],
  [['PIPE'], 'pipe', 'Pipe'],
  [['MASKING', 'POLICY'], 'masking policy', 'Masking policy'],
  [['ROW', 'ACCESS', 'POLICY'], 'row access policy', 'Row access policy'],
  [['FILE', 'FORMAT'], 'file format', 'File format'],
  [['FUNCTION'], 'function', 'Function'],
  [['PROCEDURE'], 'procedure', 'Procedure'],
  [['WAREHOUSE'], 'warehouse', 'Warehouse'],
  [['ROLE'], 'role', 'Role'],
  [['USER'], 'user', 'User'],
  [['TAG'], 'tag', 'Tag'],
  [['ALERT'], 'alert', 'Alert'],
  [['SECRET'], 'secret', 'Secret'],
  [['NETWORK', 'RULE'], 'network rule', 'Network rule'],
  [['NETWORK', 'POLICY'], 'network policy', 'Network policy'],
  [['RESOURCE', 'MONITOR'], 'resource monitor', 'Resource monitor'],
  [['INTEGRATION'], 'storage integration', 'Integration'],
];

/** Kinds that no schema holds. */
const OF_ACCOUNT: ReadonlySet<EntryKind> = new Set([
  'warehouse',
  'role',
  'user',
  'network policy',
  'resource monitor',
  'storage integration',
]);

/** INTEGRATION stands for all of these. */
const INTEGRATIONS = KEPT.map(({ kind }) => kind).filter((kind) => kind.endsWith(' integration'));

/** Kinds that Snowflake has besides: with ALL and FUTURE there are none of them, by name they do not exist. */
const OTHER_PLURALS = /^(SERVICES|MODELS|NOTEBOOKS|EXTERNAL|EVENT|ICEBERG|STREAMLITS)$/;

/** `ACCOUNT`, `kind name`, `ALL kinds IN …` or `FUTURE kinds IN …`. Throws 002003 for what does not exist. */
export function parseTargets(cursor: TokenCursor, context: CommandContext): Target[] {
  if (cursor.accept('ACCOUNT')) return [{ type: 'ACCOUNT' }];
  const group = cursor.acceptOneOf('ALL', 'FUTURE');
  if (group !== undefined) return parseGroup(cursor, context, group === 'FUTURE');
  if (namesRelation(cursor)) {
    const relation = findTarget(cursor, context, 'table', 'Object');
    return [{ type: relation.kind === 'view' ? 'VIEW' : 'TABLE', id: relation.id }];
  }
  const { kind, label, type } = parseKind(cursor, false);
  const entry = findTarget(cursor, context, kind, label);
  return [kind === 'role' ? { type: 'ROLE', role: entry.name } : { type, id: entry.id }];
}

/** `ON name TO …`: a table or view needs no word for its kind. */
function namesRelation(cursor: TokenCursor): boolean {
  const { kind } = cursor.peek();
  const { kind: nextKind, value } = cursor.peek(1);
  if (kind === 'quoted') return true;
  const ends = nextKind === 'end' || (nextKind === 'word' && /^(TO|FROM)$/.test(value));
  return kind === 'word' && (ends || cursor.isSymbol('.', 1));
}

function parseGroup(cursor: TokenCursor, context: CommandContext, future: boolean): Target[] {
  const start = cursor.index;
  const other = OTHER_PLURALS.test(cursor.peek().value);
  if (other) while (!cursor.isKeyword('IN') && !cursor.atEnd) cursor.next();
  const { kind, type } = other
    ? { kind: undefined, type: cursor.tokens[start]?.value.replace(/S$/, '') ?? '' }
    : parseKind(cursor, true);
  cursor.expect('IN');
  const word = cursor.acceptOneOf('SCHEMA', 'DATABASE');
  if (word === undefined) throw cursor.error();
  const { names } = context;
  const holder =
    word === 'DATABASE' ? names.database(cursor.name()[0] ?? '') : names.schema(cursor.name(), 'GRANT').schema;
  if (future) return [{ type, future: holder.id }];
  if (kind === undefined) return [];
  if (kind === 'schema') return names.catalog.children(holder.id, kind).map(({ id }) => ({ type, id }));
  const schemas = holder.kind === 'schema' ? [holder] : names.catalog.children(holder.id, 'schema');
  return schemas.flatMap((schema) =>
    names
      .objectsIn(schema, kind)
      .filter((entry) => type !== 'DYNAMIC_TABLE' || ('dynamic' in entry && entry.dynamic !== undefined))
      .map(({ id }) => ({ type, id })),
  );
}

function parseKind(cursor: TokenCursor, plural: boolean): { kind: EntryKind; label: string; type: string } {
  for (const [words, kind, label] of KINDS) {
    const spoken = plural ? [...words.slice(0, -1), (words.at(-1) ?? '').replace(/Y$/, 'IE').concat('S')] : words;
    if (cursor.accept(...spoken)) return { kind, label, type: words.join('_') };
  }
  const token = cursor.peek();
  throw token.kind === 'word' ? unsupported(`GRANT … ON ${token.value}`) : cursor.error();
}

function findTarget(cursor: TokenCursor, context: CommandContext, kind: EntryKind, label: string): Entry {
  const { names } = context;
  const name = cursor.name();
  if (kind === 'database') return names.database(name[0] ?? '');
  if (kind === 'schema') return names.schema(name, 'GRANT').schema;
  if (OF_ACCOUNT.has(kind)) {
    const kinds = kind === 'storage integration' ? INTEGRATIONS : [kind];
    const entry = kinds.map((one) => names.catalog.find(ACCOUNT, one, name[0] ?? '')).find((one) => one !== undefined);
    if (entry === undefined) throw notFound(label, name);
    return entry;
  }
  const place = names.place(name, 'GRANT');
  const routine = kind === 'function' || kind === 'procedure';
  const wanted = routine ? signatureOf(place.name, parseSignature(cursor)) : place.name;
  const entry =
    kind === 'table' ? names.findRelationIn(place.schema, wanted) : names.findIn(place.schema, kind, wanted);
  if (entry === undefined) throw missing(label, place);
  return entry;
}

/** The name of what was granted, as SHOW GRANTS gives it; undefined for what is gone. */
export function targetName(on: Target, context: CommandContext): string | undefined {
  const { catalog } = context.names;
  if ('role' in on) return on.role;
  const id = 'id' in on ? on.id : 'future' in on ? on.future : undefined;
  if (id === undefined) return 'LOCAL';
  const parts: string[] = [];
  for (let at = id; at !== ACCOUNT; ) {
    const entry = catalog.get(at);
    if (entry === undefined || entry.droppedAt !== undefined) return undefined;
    parts.unshift(entry.name);
    at = entry.parent;
  }
  const name = parts.map((part) => (/^[A-Z_][A-Z0-9_$]*(\(.*\))?$/.test(part) ? part : `"${part}"`)).join('.');
  return 'future' in on ? `${name}.<${on.type}>` : name;
}
