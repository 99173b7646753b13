import type { NameScope } from '../sql/scope.js';
import { TokenCursor } from '../sql/token-cursor.js';
import type { ParsedStatement, TranslatedVerb, Translation } from '../sql/translation.js';

/** Names and binds only, for simple statements, until the translator is there. */
export function translateStatement(parsed: ParsedStatement, scope: NameScope): Translation {
  const verb = (
    ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].find((word) => parsed.keywords[0] === word) ?? 'SELECT'
  ).toLowerCase() as TranslatedVerb;
  const cursor = new TokenCursor(parsed.text);
  const reads: number[] = [];
  const writes: number[] = [];
  const binds: string[] = [];
  let sql = '';
  let at = 0;
  while (!cursor.atEnd) {
    const token = cursor.next();
    if (token.kind === 'symbol' && token.value === '?') {
      binds.push(String(binds.length + 1));
      sql += `${parsed.text.slice(at, token.start)}$${binds.length}`;
      at = token.end;
    } else if (
      token.kind === 'word' &&
      ['FROM', 'INTO', 'UPDATE', 'JOIN'].includes(token.value) &&
      (cursor.peek().kind === 'word' || cursor.peek().kind === 'quoted') &&
      (token.value === 'INTO' || !cursor.isSymbol('(', 1))
    ) {
      const start = cursor.peek().start;
      const name = cursor.name();
      const relation = scope.relation(name);
      const end = cursor.tokens[cursor.index - 1]?.end ?? start;
      sql += parsed.text.slice(at, start);
      at = end;
      if (relation.kind === 'table') {
        const { schema, table, temporary } = relation.physical;
        sql += temporary ? `temp.main."${table}"` : `"${schema}"."${table}"`;
        (token.value === 'FROM' && verb === 'select' ? reads : writes).push(relation.id);
      } else
        sql += `(${relation.kind === 'rows' ? relation.sql : translateStatement({ ...parsed, text: relation.text }, relation.scope).sql})`;
    }
  }
  sql += parsed.text.slice(at);
  return { verb, sql, binds, reads, writes };
}

export function translateQueryText(text: string, scope: NameScope): Translation {
  return translateStatement({ text, offset: 0, keywords: ['SELECT'] }, scope);
}

export function translateExpression(text: string, _scope: NameScope): string {
  return text;
}
