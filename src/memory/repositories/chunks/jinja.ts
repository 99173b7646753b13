import type { ChunkSymbol } from './chunk.js';

/** A piece of a template: `{{ … }}`, `{% … %}` or `{# … #}`, with its marks. */
export interface JinjaTag {
  readonly from: number;
  readonly to: number;
  readonly kind: 'expression' | 'statement' | 'comment';
}

const MARKS = [
  { open: '{{', close: '}}', kind: 'expression' },
  { open: '{%', close: '%}', kind: 'statement' },
  { open: '{#', close: '#}', kind: 'comment' },
] as const;

/** The tags of a text in their order. A mark that is never closed is text. */
export function jinjaTags(text: string): readonly JinjaTag[] {
  const tags: JinjaTag[] = [];
  const unclosed = new Set<string>();
  for (let at = text.indexOf('{'); at >= 0; ) {
    const mark = MARKS.find(({ open }) => text.startsWith(open, at) && !unclosed.has(open));
    if (mark === undefined) {
      at = text.indexOf('{', at + 1);
      continue;
    }
    const close = text.indexOf(mark.close, at + 2);
    if (close < 0) unclosed.add(mark.open);
    else tags.push({ from: at, to: close + 2, kind: mark.kind });
    at = close < 0 ? text.indexOf('{', at + 1) : text.indexOf('{', close + 2);
  }
  return tags;
}

/**
 * The text as the SQL around its tags, every position where it was: an expression stands for a name, statements and comments
 * for nothing.
 */
export function withoutJinja(text: string, tags: readonly JinjaTag[]): string {
  let at = 0;
  let masked = '';
  for (const { from, to, kind } of tags) {
    masked += text.slice(at, from) + text.slice(from, to).replace(/[^\n]/g, kind === 'expression' ? '_' : ' ');
    at = to;
  }
  return masked + text.slice(at);
}

const CALL = /\b(ref|source)\s*\(([^()]{0,400})\)/g;
const STRING = /(['"])([^'"]{1,200})\1/g;

/** What the tags of a dbt model refer to: `ref('orders')` uses `orders`, `source('raw', 'orders')` uses `raw.orders`. */
export function jinjaUses(text: string, tag: JinjaTag): readonly ChunkSymbol[] {
  if (tag.kind === 'comment') return [];
  const uses: ChunkSymbol[] = [];
  for (const [, callee, given] of text.slice(tag.from, tag.to).matchAll(CALL)) {
    const names = [...(given ?? '').matchAll(STRING)].map(([, , name]) => name ?? '');
    const [first, second] = names;
    if (first === undefined) continue;
    if (callee === 'ref') uses.push({ name: second ?? first, role: 'uses' });
    else if (second !== undefined)
      uses.push({ name: second, role: 'uses' }, { name: `${first}.${second}`, role: 'uses' });
  }
  return uses;
}

const OPENING = /^\{%-?\s*(macro|snapshot|test|materialization|docs|data_test)\s+(\w{1,200})/;

/** The block that a statement tag opens, and what dbt calls it. */
export function jinjaBlockOf(
  text: string,
  tag: JinjaTag,
): { readonly kind: string; readonly name: string; readonly end: RegExp } | undefined {
  if (tag.kind !== 'statement') return undefined;
  const [, word, name] = OPENING.exec(text.slice(tag.from, Math.min(tag.to, tag.from + 500))) ?? [];
  if (word === undefined || name === undefined) return undefined;
  return { kind: word, name, end: new RegExp(`^\\{%-?\\s*end${word}\\b`) };
}
