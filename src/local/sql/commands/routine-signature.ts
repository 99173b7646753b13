import type { SnowflakeType } from '../../engine/snowflake-type.js';
import { parseDataType } from '../grammar/data-types.js';
import type { TokenCursor } from '../token-cursor.js';

/** A type as signatures name it: without length, precision and scale. */
export function signatureType(type: SnowflakeType): string {
  if (type.name === 'FIXED') return 'NUMBER';
  if (type.name === 'REAL') return 'FLOAT';
  return type.name === 'TEXT' ? 'VARCHAR' : type.name;
}

/** `F(NUMBER, VARCHAR)`: what tells the overloads of a name apart. */
export function signatureOf(name: string, parameters: readonly { readonly type: SnowflakeType }[]): string {
  return `${name}(${parameters.map(({ type }) => signatureType(type)).join(', ')})`;
}

/** `(NUMBER, VARCHAR)` behind a routine's name. */
export function parseSignature(cursor: TokenCursor): { readonly type: SnowflakeType }[] {
  const types: { type: SnowflakeType }[] = [];
  cursor.expectSymbol('(');
  if (cursor.acceptSymbol(')')) return types;
  do types.push({ type: parseDataType(cursor) });
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  return types;
}
