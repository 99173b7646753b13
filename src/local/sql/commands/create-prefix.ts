import type { TokenCursor } from '../token-cursor.js';

export interface CreatePrefix {
  readonly orReplace: boolean;
  readonly transient: boolean;
  readonly temporary: boolean;
  readonly secure: boolean;
  readonly materialized: boolean;
  readonly ifNotExists: boolean;
}

/** `CREATE [OR REPLACE] [modifiers] <kind> [IF NOT EXISTS]`. */
export function parseCreate(cursor: TokenCursor, kind: string): CreatePrefix {
  cursor.expect('CREATE');
  const orReplace = cursor.accept('OR', 'REPLACE');
  const modifiers = new Set<string>();
  for (;;) {
    const word = cursor.acceptOneOf(
      'LOCAL',
      'GLOBAL',
      'TEMPORARY',
      'TEMP',
      'VOLATILE',
      'TRANSIENT',
      'SECURE',
      'RECURSIVE',
      'MATERIALIZED',
      'HYBRID',
    );
    if (word === undefined) break;
    modifiers.add(word);
  }
  cursor.expect(kind);
  return {
    orReplace,
    transient: modifiers.has('TRANSIENT'),
    temporary: modifiers.has('TEMPORARY') || modifiers.has('TEMP') || modifiers.has('VOLATILE'),
    secure: modifiers.has('SECURE'),
    materialized: modifiers.has('MATERIALIZED'),
    ifNotExists: cursor.accept('IF', 'NOT', 'EXISTS'),
  };
}
