import { TokenCursor } from '../token-cursor.js';
import type {
  Assignment,
  DeleteStatement,
  Expr,
  Ident,
  InsertStatement,
  IntoClause,
  MergeClause,
  MergeStatement,
  MultiInsertStatement,
  Query,
  Statement,
  TimePoint,
  UpdateStatement,
} from './ast.js';
import { parseExpression } from './expressions.js';
import { nameIdents, parseFrom } from './from-items.js';
import { commaList, type Grammar, ident, optionalAlias, parenList, startsQuery } from './grammar.js';
import { parseQuery } from './queries.js';
import { parseTimePoint } from './time-travel.js';

function grammarFor(text: string, timestampType: string): Grammar {
  const grammar: Grammar = {
    cursor: new TokenCursor(text, timestampType),
    questionMarks: { count: 0 },
    outerMarks: { count: 0 },
    matches: { depth: 0 },
    query: () => parseQuery(grammar),
    expression: () => parseExpression(grammar),
  };
  return grammar;
}

/** Parses one SELECT, INSERT, UPDATE, DELETE or MERGE. Throws 001003 with the place of what was not expected. */
export function parseStatement(text: string, timestampType = 'TIMESTAMP_NTZ'): Statement {
  const g = grammarFor(text, timestampType);
  const statement = parseAny(g);
  g.cursor.acceptSymbol(';');
  g.cursor.expectEnd();
  return statement;
}

/** Parses a text that is one expression. */
export function parseExpressionText(text: string, timestampType = 'TIMESTAMP_NTZ'): Expr {
  const g = grammarFor(text, timestampType);
  const expr = g.expression();
  g.cursor.expectEnd();
  return expr;
}

/** Parses a text that is `AT (…)` or `BEFORE (…)`. */
export function parseTimePointText(text: string, timestampType = 'TIMESTAMP_NTZ'): TimePoint {
  const g = grammarFor(text, timestampType);
  const point = parseTimePoint(g);
  g.cursor.expectEnd();
  if (point === undefined) throw g.cursor.error();
  return point;
}

/** Parses a text that is one query, as views and CREATE TABLE AS hold it. */
export function parseQueryText(text: string, timestampType = 'TIMESTAMP_NTZ'): Query {
  const g = grammarFor(text, timestampType);
  const query = parseQuery(g);
  g.cursor.acceptSymbol(';');
  g.cursor.expectEnd();
  return query;
}

function parseAny(g: Grammar): Statement {
  const { cursor } = g;
  if (cursor.isKeyword('INSERT')) return parseInsert(g);
  if (cursor.isKeyword('UPDATE')) return parseUpdate(g);
  if (cursor.isKeyword('DELETE')) return parseDelete(g);
  if (cursor.isKeyword('MERGE')) return parseMerge(g);
  return { kind: 'select', query: parseQuery(g) };
}

function parseInsert(g: Grammar): InsertStatement | MultiInsertStatement {
  const { cursor } = g;
  cursor.expect('INSERT');
  const overwrite = cursor.accept('OVERWRITE');
  const several = cursor.acceptOneOf('ALL', 'FIRST');
  if (several !== undefined) return parseMultiInsert(g, overwrite, several === 'FIRST');
  cursor.expect('INTO');
  cursor.accept('TABLE');
  const target = nameIdents(g);
  const listed =
    cursor.isSymbol('(') &&
    cursor.peek(1).kind !== 'symbol' &&
    !['SELECT', 'WITH', 'VALUES'].includes(cursor.peek(1).value);
  const columns = listed ? parenList(cursor, () => ident(cursor)) : [];
  return { kind: 'insert', overwrite, target, columns, query: parseQuery(g) };
}

function parseMultiInsert(g: Grammar, overwrite: boolean, first: boolean): MultiInsertStatement {
  const { cursor } = g;
  const branches: { when?: Expr; into: IntoClause[] }[] = [];
  while (cursor.accept('WHEN')) {
    const when = g.expression();
    cursor.expect('THEN');
    branches.push({ when, into: intoClauses(g) });
  }
  if (branches.length === 0 || cursor.accept('ELSE')) branches.push({ into: intoClauses(g) });
  return { kind: 'multi-insert', overwrite, first, branches, query: parseQuery(g) };
}

function intoClauses(g: Grammar): IntoClause[] {
  const { cursor } = g;
  const clauses: IntoClause[] = [];
  while (cursor.accept('INTO')) {
    const target = nameIdents(g);
    const columns = cursor.isSymbol('(') && !startsQuery(cursor) ? parenList(cursor, () => ident(cursor)) : [];
    const values = cursor.accept('VALUES') ? parenList(cursor, () => valueOrDefault(g)) : undefined;
    clauses.push({ target, columns, ...(values === undefined ? {} : { values }) });
  }
  if (clauses.length === 0) throw cursor.error();
  return clauses;
}

function parseAssignments(g: Grammar): Assignment[] {
  return commaList(g.cursor, () => {
    const name = nameIdents(g);
    g.cursor.expectSymbol('=');
    return { column: name[name.length - 1] as Ident, value: valueOrDefault(g) };
  });
}

function valueOrDefault(g: Grammar): Expr {
  const { start, end } = g.cursor.peek();
  if (!g.cursor.accept('DEFAULT')) return g.expression();
  return { kind: 'column', parts: [{ name: 'DEFAULT', quoted: false, start, end }], start, end };
}

function parseUpdate(g: Grammar): UpdateStatement {
  const { cursor } = g;
  cursor.expect('UPDATE');
  const target = nameIdents(g);
  const alias = cursor.isKeyword('SET') ? undefined : optionalAlias(cursor, ['SET']);
  cursor.expect('SET');
  const set = parseAssignments(g);
  const from = cursor.accept('FROM') ? parseFrom(g) : undefined;
  const where = cursor.accept('WHERE') ? g.expression() : undefined;
  return {
    kind: 'update',
    target,
    set,
    ...(alias === undefined ? {} : { alias }),
    ...(from === undefined ? {} : { from }),
    ...(where === undefined ? {} : { where }),
  };
}

function parseDelete(g: Grammar): DeleteStatement {
  const { cursor } = g;
  cursor.expect('DELETE', 'FROM');
  const target = nameIdents(g);
  const alias = optionalAlias(cursor);
  const using = cursor.accept('USING') ? parseFrom(g) : undefined;
  const where = cursor.accept('WHERE') ? g.expression() : undefined;
  return {
    kind: 'delete',
    target,
    ...(alias === undefined ? {} : { alias }),
    ...(using === undefined ? {} : { using }),
    ...(where === undefined ? {} : { where }),
  };
}

function parseMerge(g: Grammar): MergeStatement {
  const { cursor } = g;
  cursor.expect('MERGE', 'INTO');
  const target = nameIdents(g);
  const alias = optionalAlias(cursor);
  cursor.expect('USING');
  const source = parseFrom(g);
  cursor.expect('ON');
  const on = g.expression();
  const clauses: MergeClause[] = [];
  while (cursor.accept('WHEN')) clauses.push(mergeClause(g));
  if (clauses.length === 0) throw cursor.error();
  return { kind: 'merge', target, source, on, clauses, ...(alias === undefined ? {} : { alias }) };
}

function mergeClause(g: Grammar): MergeClause {
  const { cursor } = g;
  const matched = !cursor.accept('NOT');
  cursor.expect('MATCHED');
  const guard = cursor.accept('AND') ? g.expression() : undefined;
  const condition = guard === undefined ? {} : { condition: guard };
  cursor.expect('THEN');
  if (matched) {
    if (cursor.accept('DELETE')) return { matched, ...condition, action: 'delete' };
    cursor.expect('UPDATE');
    if (cursor.accept('ALL', 'BY', 'NAME')) return { matched, ...condition, action: 'update by name' };
    cursor.expect('SET');
    return { matched, ...condition, action: 'update', set: parseAssignments(g) };
  }
  cursor.expect('INSERT');
  if (cursor.accept('ALL', 'BY', 'NAME')) return { matched, ...condition, action: 'insert by name' };
  const columns = cursor.isSymbol('(') ? parenList(cursor, () => lastOf(nameIdents(g))) : [];
  cursor.expect('VALUES');
  const values = parenList(cursor, () => valueOrDefault(g));
  return { matched, ...condition, action: 'insert', columns, values };
}

function lastOf(name: readonly Ident[]): Ident {
  return name[name.length - 1] as Ident;
}
