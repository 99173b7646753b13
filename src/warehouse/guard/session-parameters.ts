import type { Token } from './lexer.js';

/**
 * The parameters that `ALTER SESSION SET a = 1, b = 'x'` or `ALTER SESSION UNSET a, b` changes, by upper-case name
 * (`null` unsets); undefined when it is no such statement or is written in a way this reader does not know.
 */
export function sessionParametersOf(tokens: readonly Token[]): Readonly<Record<string, string | null>> | undefined {
  const [alter, session, action, ...rest] = tokens;
  if (alter?.text !== 'ALTER' || session?.text !== 'SESSION') return undefined;
  const items = rest.filter((token) => token.kind !== 'symbol' || token.text !== ',');
  if (action?.text === 'UNSET') {
    if (items.length === 0 || items.some((token) => token.kind !== 'word')) return undefined;
    return Object.fromEntries(items.map((token) => [token.text, null]));
  }
  if (action?.text !== 'SET') return undefined;
  return assignments(items);
}

function assignments(items: readonly Token[]): Readonly<Record<string, string>> | undefined {
  const changes: Record<string, string> = {};
  for (let at = 0; at < items.length; ) {
    const [name, equals, ...rest] = items.slice(at, at + 4);
    const sign = rest[0]?.kind === 'symbol' && rest[0].text === '-' ? '-' : '';
    const value = sign === '' ? rest[0] : rest[1];
    if (name?.kind !== 'word' || equals?.text !== '=' || value === undefined) return undefined;
    if (value.kind !== 'word' && value.kind !== 'string' && value.kind !== 'number') return undefined;
    changes[name.text] = sign + (value.kind === 'string' ? value.text.replaceAll("''", "'") : value.text);
    at += sign === '' ? 3 : 4;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}
