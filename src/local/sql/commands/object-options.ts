import { assertPlainCollation } from '../grammar/collation.js';
import type { TokenCursor } from '../token-cursor.js';
import { type Attachment, parseAttachments } from './attachments.js';

/** `KEY = value` options that follow a definition, by upper-case key. */
export class ObjectOptions {
  readonly #values: ReadonlyMap<string, string>;
  /** Tags and policies among them. */
  readonly attachments: readonly Attachment[];

  constructor(values: ReadonlyMap<string, string>, attachments: readonly Attachment[]) {
    this.#values = values;
    this.attachments = attachments;
  }

  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  entries(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }
}

/**
 * Reads options up to the end of the statement (or to one of the given words): `COMMENT = '…'`, `MAX_DATA_EXTENSION_TIME_IN_DAYS = 3`,
 * `COPY GRANTS`, `WITH TAG (…)`. What has no meaning locally is accepted and forgotten; what is no option is a syntax error.
 */
export function parseOptions(cursor: TokenCursor, until: readonly string[] = []): ObjectOptions {
  const values = new Map<string, string>();
  const attachments: Attachment[] = [];
  while (!cursor.atEnd && !until.some((word) => cursor.isKeyword(word))) {
    if (cursor.accept('COPY', 'GRANTS')) continue;
    if (cursor.accept('WITH', 'MANAGED', 'ACCESS')) {
      values.set('MANAGED_ACCESS', 'TRUE');
      continue;
    }
    const attached = parseAttachments(cursor);
    if (attached !== undefined) {
      attachments.push(...attached);
      continue;
    }
    cursor.acceptSymbol(',');
    cursor.accept('WITH');
    const key = cursor.identifier();
    cursor.acceptSymbol('=');
    const value = optionValue(cursor);
    if (key === 'DEFAULT_DDL_COLLATION') assertPlainCollation(value);
    values.set(key, value);
  }
  return new ObjectOptions(values, attachments);
}

function optionValue(cursor: TokenCursor): string {
  const string = cursor.stringIf();
  if (string !== undefined) return string;
  if (cursor.isSymbol('(')) return cursor.parenthesised().text;
  const token = cursor.peek();
  if (token.kind === 'number' || cursor.isSymbol('-')) return String(cursor.number());
  if (token.kind === 'word' || token.kind === 'quoted') return cursor.name().join('.');
  throw cursor.error();
}
