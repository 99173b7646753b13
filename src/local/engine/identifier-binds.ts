import { bindMarks } from '../sql/bind-marks.js';
import { duckString, type Token, tokenize } from '../sql/lexer.js';
import type { ParsedStatement } from '../sql/translation.js';
import type { BindValue, StatementInput } from './engine.js';

/** A statement whose names are all known. */
export interface NamedStatement {
  readonly statement: ParsedStatement;
  readonly input: StatementInput;
}

const IDENTIFIER_BIND = /identifier\s*\(\s*\?/i;
const IDENTIFIER_VARIABLE = /identifier\s*\(\s*\$[a-z_]/i;

/**
 * `IDENTIFIER(?)` takes a name from a bind. Names are needed before anything is translated, so the bind's text is put in its
 * place as a literal and the binds behind it move up.
 */
export function bindIdentifiers(
  given: ParsedStatement,
  input: StatementInput,
  variables: ReadonlyMap<string, { readonly value: string }>,
): NamedStatement {
  const statement = IDENTIFIER_VARIABLE.test(given.text) ? withVariables(given, variables) : given;
  if (input.binds === undefined || !IDENTIFIER_BIND.test(statement.text)) return { statement, input };
  const tokens = tokenize(statement.text);
  const marks = bindMarks(tokens);
  const binds: Record<string, BindValue> = {};
  let text = '';
  let copied = 0;
  let seen = 0;
  let kept = 0;
  for (const [i, token] of tokens.entries()) {
    if (!marks.has(token)) continue;
    seen += 1;
    const bind = input.binds[String(seen)];
    if (typeof bind?.value === 'string' && isIdentifierArgument(tokens, i)) {
      text += statement.text.slice(copied, token.start) + duckString(bind.value);
      copied = token.end;
    } else if (bind !== undefined) {
      kept += 1;
      binds[String(kept)] = bind;
    }
  }
  text += statement.text.slice(copied);
  return { statement: { ...statement, text }, input: { ...input, binds } };
}

/** `IDENTIFIER($name)` takes a name from a session variable; one that is not set is told about where the name is used. */
function withVariables(
  statement: ParsedStatement,
  variables: ReadonlyMap<string, { readonly value: string }>,
): ParsedStatement {
  const tokens = tokenize(statement.text);
  let text = '';
  let copied = 0;
  for (const [i, token] of tokens.entries()) {
    const variable = token.kind === 'variable' ? variables.get(token.value) : undefined;
    if (variable === undefined || !isIdentifierArgument(tokens, i)) continue;
    text += statement.text.slice(copied, token.start) + duckString(variable.value);
    copied = token.end;
  }
  return { ...statement, text: text + statement.text.slice(copied) };
}

function isIdentifierArgument(tokens: readonly Token[], i: number): boolean {
  const [name, open] = [tokens[i - 2], tokens[i - 1]];
  return name?.kind === 'word' && name.value === 'IDENTIFIER' && open?.value === '(' && tokens[i + 1]?.value === ')';
}
