import { SQLDialect } from '@codemirror/lang-sql';
import { boundedParse, childrenOf, type Parser, type SyntaxNode } from './bounded-parse.js';
import { type ChunkSymbol, LONGEST_SYMBOL, type Unit } from './chunk.js';
import { type JinjaTag, jinjaBlockOf, jinjaTags, jinjaUses, withoutJinja } from './jinja.js';
import { statementNames } from './sql-names.js';

/** Only the marks of Snowflake's SQL matter here; which words are keywords is decided where they are read. */
const parser: Parser = SQLDialect.define({
  keywords: 'select',
  types: ' ',
  builtin: ' ',
  doubleDollarQuotedStrings: true,
  backslashEscapes: true,
  slashComments: true,
}).language.parser;

/**
 * The statements of an SQL file or a dbt model with what they define and use, a long query by its common table expressions;
 * a file of macros by macro. `undefined` where it cannot be parsed within bounds.
 */
export function sqlUnits(text: string, path: string): readonly Unit[] | undefined {
  const tags = jinjaTags(text);
  const blocks = macroUnits(text, tags);
  if (blocks.length > 0) return blocks;
  const sql = withoutJinja(text, tags);
  const tree = boundedParse(parser, sql);
  if (tree === undefined) return undefined;
  const units = [...childrenOf(tree)]
    .filter(({ name }) => name === 'Statement')
    .map((node) => statementUnit(sql, node));
  return asModel(withTags(units, text, tags), path, tags);
}

function statementUnit(sql: string, node: SyntaxNode): Unit {
  const { kind, name, symbols, bodies } = statementNames(sql, node);
  const inner = bodies.flatMap(bodySymbols);
  const parts = kind === 'query' || kind === 'view' || kind === 'table' ? expressionsOf(sql, node) : [];
  return {
    from: node.from,
    to: node.to,
    kind,
    ...(name === undefined ? {} : { name }),
    symbols: [...symbols, ...inner],
    ...(parts.length === 0 ? {} : { parts }),
  };
}

function bodySymbols(body: string): readonly ChunkSymbol[] {
  const tree = boundedParse(parser, body);
  if (tree === undefined) return [];
  return [...childrenOf(tree)]
    .filter(({ name }) => name === 'Statement')
    .flatMap((node) => statementNames(body, node).symbols.filter(({ role }) => role === 'uses'));
}

/** `name AS ( … )` of a WITH, and what follows the last. */
function expressionsOf(sql: string, statement: SyntaxNode): readonly Unit[] {
  const parts: Unit[] = [];
  let name: SyntaxNode | undefined;
  let named: SyntaxNode | undefined;
  let seenWith = false;
  for (const child of childrenOf(statement)) {
    const word = child.to - child.from > 100 ? '' : sql.slice(child.from, child.to).toUpperCase();
    if (word === 'WITH') seenWith = true;
    else if (seenWith && word === 'AS') named = name;
    else if (seenWith && word === 'SELECT') break;
    else if (child.name === 'Parens' && named !== undefined) {
      const cte = sql.slice(named.from, named.to);
      parts.push({ from: named.from, to: child.to, kind: 'cte', name: cte, symbols: [] });
      named = undefined;
    } else if (child.name === 'Identifier' || child.name === 'QuotedIdentifier') name = child;
  }
  const last = parts.at(-1);
  if (last === undefined) return [];
  return last.to < statement.to
    ? [...parts, { from: last.to + 1, to: statement.to, kind: 'query', symbols: [] }]
    : parts;
}

/** `{% macro … %}` to its end. */
function macroUnits(text: string, tags: readonly JinjaTag[]): readonly Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at < tags.length; at += 1) {
    const tag = tags[at] as JinjaTag;
    const block = jinjaBlockOf(text, tag);
    if (block === undefined) continue;
    const symbols: ChunkSymbol[] = [{ name: block.name, role: 'defines' }];
    let end = tag;
    for (at += 1; at < tags.length; at += 1) {
      end = tags[at] as JinjaTag;
      symbols.push(...jinjaUses(text, end));
      if (block.end.test(text.slice(end.from, Math.min(end.to, end.from + 40)))) break;
    }
    units.push({ from: tag.from, to: end.to, kind: block.kind, name: block.name, symbols });
  }
  return units;
}

/** What the tags refer to is used by the statement around them. */
function withTags(units: readonly Unit[], text: string, tags: readonly JinjaTag[]): readonly Unit[] {
  if (tags.length === 0) return units;
  const uses: ChunkSymbol[][] = units.map(() => []);
  let at = 0;
  for (const tag of tags) {
    while (at < units.length - 1 && tag.from >= (units[at] as Unit).to) at += 1;
    uses[at]?.push(...jinjaUses(text, tag));
  }
  return units.map((unit, index) => {
    const own = unit.symbols.filter(({ name }) => !/^_+$/.test(name.slice(name.lastIndexOf('.') + 1)));
    return { ...unit, symbols: [...own, ...(uses[index] ?? [])] };
  });
}

/** A dbt model is one query in a file of its name. */
function asModel(units: readonly Unit[], path: string, tags: readonly JinjaTag[]): readonly Unit[] {
  const inModels = /(^|\/)(models|snapshots|analyses|tests)\//.test(path);
  const [only] = units;
  if (only === undefined || units.length > 1 || only.kind !== 'query' || (tags.length === 0 && !inModels)) return units;
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  if (name === '' || name.length > LONGEST_SYMBOL) return units;
  return [{ ...only, kind: 'model', name, symbols: [{ name, role: 'defines' }, ...only.symbols] }];
}
