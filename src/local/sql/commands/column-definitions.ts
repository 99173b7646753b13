import type { ColumnEntry, ConstraintEntry } from '../../engine/catalog/entries.js';
import { columnCollation } from '../grammar/collation.js';
import { parseDataType } from '../grammar/data-types.js';
import type { TokenCursor } from '../token-cursor.js';
import { type Attachment, parseAttachments } from './attachments.js';

/** A column as it was written; `inferred`: a virtual one whose type follows from its expression. */
export interface ParsedColumn extends ColumnEntry {
  readonly inferred?: boolean;
}

export interface ColumnDefinitions {
  readonly columns: readonly ParsedColumn[];
  readonly constraints: readonly ConstraintEntry[];
  /** Tags and policies of the columns. */
  readonly attachments: readonly Attachment[];
}

/** What stands with columns and belongs to the table. */
export interface BesideColumns {
  readonly constraints: ConstraintEntry[];
  readonly attachments: Attachment[];
}

const AFTER_DEFAULT = [
  'NOT',
  'NULL',
  'COMMENT',
  'AUTOINCREMENT',
  'IDENTITY',
  'COLLATE',
  'PRIMARY',
  'UNIQUE',
  'REFERENCES',
  'FOREIGN',
  'CONSTRAINT',
  'WITH',
  'MASKING',
  'TAG',
];

/** `( column type …, …, CONSTRAINT … )`. */
export function parseColumnDefinitions(cursor: TokenCursor): ColumnDefinitions {
  const columns: ParsedColumn[] = [];
  const beside: BesideColumns = { constraints: [], attachments: [] };
  const { constraints, attachments } = beside;
  cursor.expectSymbol('(');
  do {
    const constraint = parseTableConstraint(cursor);
    if (constraint !== undefined) constraints.push(constraint);
    else if (!skipIndex(cursor)) columns.push(parseColumn(cursor, beside));
  } while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  const keys = new Set(constraints.filter(({ kind }) => kind === 'PRIMARY KEY').flatMap((key) => key.columns));
  return {
    columns: columns.map((column) => (keys.has(column.name) ? { ...column, nullable: false } : column)),
    constraints,
    attachments,
  };
}

/** `INDEX name (columns) [INCLUDE (columns)]` of a hybrid table: it changes the speed of a search alone. */
function skipIndex(cursor: TokenCursor): boolean {
  if (!cursor.isKeyword('INDEX') || !cursor.isSymbol('(', 2)) return false;
  cursor.next();
  cursor.identifier();
  parseNames(cursor);
  if (cursor.accept('INCLUDE')) parseNames(cursor);
  return true;
}

/** One column with its type and options; constraints, tags and policies given with it are added to the lists. */
export function parseColumn(cursor: TokenCursor, beside: BesideColumns): ParsedColumn {
  const name = cursor.identifier();
  if (isExpression(cursor)) {
    return parseColumnOptions(cursor, { name, type: { name: 'VARIANT' }, nullable: true, inferred: true }, beside);
  }
  const type = parseDataType(cursor);
  return parseColumnOptions(cursor, { name, type, nullable: true }, beside);
}

/** `AS (expression)`. */
function isExpression(cursor: TokenCursor): boolean {
  return cursor.isKeyword('AS') && cursor.isSymbol('(', 1);
}

function parseColumnOptions(cursor: TokenCursor, start: ParsedColumn, beside: BesideColumns): ParsedColumn {
  let column = start;
  for (;;) {
    if (cursor.accept('NOT', 'NULL')) column = { ...column, nullable: false };
    else if (cursor.accept('NULL')) column = { ...column, nullable: true };
    else if (isExpression(cursor)) {
      cursor.next();
      column = { ...column, expression: cursor.parenthesised().text.trim() };
    } else if (cursor.accept('DEFAULT')) column = { ...column, default: defaultText(cursor) };
    else if (cursor.acceptOneOf('AUTOINCREMENT', 'IDENTITY') !== undefined) {
      column = { ...column, identity: parseIdentity(cursor) };
    } else if (cursor.accept('COLLATE')) {
      column = collated(column, columnCollation(cursor.stringLiteral()));
    } else if (cursor.accept('COMMENT')) {
      cursor.acceptSymbol('=');
      column = { ...column, comment: cursor.stringLiteral() };
    } else if (!parseInlineConstraint(cursor, column.name, beside.constraints)) {
      const attached = parseAttachments(cursor, column.name);
      if (attached === undefined) return column;
      beside.attachments.push(...attached);
    }
  }
}

function collated(column: ParsedColumn, collation: string | undefined): ParsedColumn {
  const { type } = column;
  return type.name !== 'TEXT' || collation === undefined ? column : { ...column, type: { ...type, collation } };
}

/** `PRIMARY KEY (a, b)` and its like, with an optional name; undefined when a column comes next. */
export function parseTableConstraint(cursor: TokenCursor): ConstraintEntry | undefined {
  const start = cursor.index;
  const name = cursor.accept('CONSTRAINT') ? cursor.identifier() : undefined;
  const kind = constraintKind(cursor);
  if (kind === undefined || !cursor.isSymbol('(')) {
    cursor.index = start;
    return undefined;
  }
  const columns = parseNames(cursor);
  const references = kind === 'FOREIGN KEY' ? parseReferences(cursor) : undefined;
  const properties = parseConstraintProperties(cursor);
  return {
    ...properties,
    kind,
    name: name ?? `SYS_CONSTRAINT_${columns.join('_')}`,
    columns,
    ...(references === undefined ? {} : { references }),
  };
}

/** `(a, b)`. */
export function parseNames(cursor: TokenCursor): string[] {
  const names: string[] = [];
  cursor.expectSymbol('(');
  do names.push(cursor.identifier());
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return names;
}

function constraintKind(cursor: TokenCursor): ConstraintEntry['kind'] | undefined {
  if (cursor.accept('PRIMARY', 'KEY')) return 'PRIMARY KEY';
  if (cursor.accept('FOREIGN', 'KEY')) return 'FOREIGN KEY';
  return cursor.accept('UNIQUE') ? 'UNIQUE' : undefined;
}

function parseInlineConstraint(cursor: TokenCursor, column: string, constraints: ConstraintEntry[]): boolean {
  const start = cursor.index;
  const name = (cursor.accept('CONSTRAINT') ? cursor.identifier() : undefined) ?? `SYS_CONSTRAINT_${column}`;
  const kind = constraintKind(cursor) ?? (cursor.isKeyword('REFERENCES') ? 'FOREIGN KEY' : undefined);
  if (kind === undefined) {
    cursor.index = start;
    return false;
  }
  const references = kind === 'FOREIGN KEY' ? { references: parseReferences(cursor) } : {};
  constraints.push({ name, columns: [column], kind, ...references, ...parseConstraintProperties(cursor) });
  return true;
}

function parseReferences(cursor: TokenCursor): { table: readonly string[]; columns: readonly string[] } {
  cursor.expect('REFERENCES');
  return { table: cursor.name(), columns: cursor.isSymbol('(') ? parseNames(cursor) : [] };
}

type ConstraintProperties = Pick<ConstraintEntry, 'rely' | 'onDelete' | 'onUpdate'>;

/** Snowflake accepts the whole of the standard's constraint properties and enforces none; SHOW … KEYS tells some of them. */
function parseConstraintProperties(cursor: TokenCursor): ConstraintProperties {
  let properties: ConstraintProperties = {};
  for (;;) {
    if (cursor.accept('ON', 'DELETE')) properties = { ...properties, onDelete: referentialAction(cursor) };
    else if (cursor.accept('ON', 'UPDATE')) properties = { ...properties, onUpdate: referentialAction(cursor) };
    else if (cursor.accept('MATCH')) cursor.identifier();
    else if (cursor.isKeyword('NOT', 'NULL')) return properties;
    else {
      cursor.accept('NOT');
      const word = cursor.acceptOneOf(
        'ENFORCED',
        'DEFERRABLE',
        'ENABLE',
        'DISABLE',
        'VALIDATE',
        'NOVALIDATE',
        'RELY',
        'NORELY',
        'INITIALLY',
        'DEFERRED',
        'IMMEDIATE',
      );
      if (word === undefined) return properties;
      if (word.endsWith('RELY')) properties = { ...properties, rely: word === 'RELY' };
    }
  }
}

function referentialAction(cursor: TokenCursor): string {
  for (const action of [['SET', 'NULL'], ['SET', 'DEFAULT'], ['NO', 'ACTION'], ['CASCADE'], ['RESTRICT']])
    if (cursor.accept(...action)) return action.join(' ');
  throw cursor.error();
}

function parseIdentity(cursor: TokenCursor): NonNullable<ColumnEntry['identity']> {
  let start = 1;
  let increment = 1;
  if (cursor.acceptSymbol('(')) {
    start = cursor.number();
    cursor.expectSymbol(',');
    increment = cursor.number();
    cursor.expectSymbol(')');
  }
  for (;;) {
    if (cursor.accept('START')) {
      cursor.accept('WITH');
      cursor.acceptSymbol('=');
      start = cursor.number();
    } else if (cursor.accept('INCREMENT')) {
      cursor.accept('BY');
      cursor.acceptSymbol('=');
      increment = cursor.number();
    } else break;
  }
  const order = cursor.acceptOneOf('ORDER', 'NOORDER');
  return { start, increment, ordered: order === 'ORDER' };
}

function defaultText(cursor: TokenCursor): string {
  if (cursor.accept('NULL')) return 'NULL';
  const text = cursor.textUntil([',', ')'], AFTER_DEFAULT).text;
  if (text === '') throw cursor.error();
  return text;
}
