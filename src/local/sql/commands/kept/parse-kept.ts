import type { KeptEntry, KeptKind } from '../../../engine/catalog/entries.js';
import { parseDataType } from '../../grammar/data-types.js';
import { parseExpressionText, parseQueryText } from '../../grammar/statements.js';
import { syntaxError } from '../../syntax-error.js';
import { TokenCursor } from '../../token-cursor.js';
import { parseOptions } from '../object-options.js';

/** What a CREATE says of an object beyond its name. */
export type KeptDefinition = Pick<KeptEntry, 'attributes' | 'definition' | 'arguments' | 'returns'>;

type Parser = (cursor: TokenCursor) => KeptDefinition;

/** The rest of CREATE for a kind: options, and what only that kind has. */
export function parseKept(kind: KeptKind, cursor: TokenCursor): KeptDefinition {
  return (PARSERS[kind] ?? plain)(cursor);
}

const plain: Parser = (cursor) => ({ attributes: parseOptions(cursor).entries(), definition: '' });

const PARSERS: Partial<Record<KeptKind, Parser>> = {
  task: parseTask,
  pipe: parsePipe,
  alert: parseAlert,
  'masking policy': parsePolicy,
  'row access policy': parsePolicy,
  'aggregation policy': parseConstraintPolicy,
  'projection policy': parseConstraintPolicy,
  'resource monitor': parseResourceMonitor,
  notebook: parseFromStage,
  streamlit: parseFromStage,
};

/** `… [AFTER a, b] [WHEN condition] AS statement`. */
function parseTask(cursor: TokenCursor): KeptDefinition {
  const clauses = ['AFTER', 'WHEN', 'AS'];
  const attributes: Record<string, string> = {};
  while (!cursor.accept('AS')) {
    if (cursor.accept('AFTER')) attributes.AFTER = parsePredecessors(cursor).join(' ');
    else if (cursor.accept('WHEN')) attributes.WHEN = conditionText(cursor);
    else if (cursor.atEnd) throw cursor.error();
    else Object.assign(attributes, parseOptions(cursor, clauses).entries());
  }
  return { attributes, definition: statementText(cursor) };
}

/** `a, b` behind AFTER. */
export function parsePredecessors(cursor: TokenCursor): string[] {
  const names = [cursor.name().join('.')];
  while (cursor.acceptSymbol(',')) names.push(cursor.name().join('.'));
  return names;
}

/** A condition as it is written. Throws 001003 for what is no expression. */
export function conditionText(cursor: TokenCursor): string {
  const { text } = cursor.textUntil([], ['AS']);
  parseExpressionText(text);
  return text;
}

/** What is left, as a statement of its own. */
export function statementText(cursor: TokenCursor): string {
  if (cursor.atEnd) throw cursor.error();
  return cursor.rest().text.replace(/;$/, '');
}

function parsePipe(cursor: TokenCursor): KeptDefinition {
  const attributes = parseOptions(cursor, ['AS']).entries();
  cursor.expect('AS');
  if (!cursor.isKeyword('COPY', 'INTO')) throw cursor.error();
  return { attributes, definition: statementText(cursor) };
}

/** `… IF (EXISTS (query)) THEN statement`. */
function parseAlert(cursor: TokenCursor): KeptDefinition {
  const attributes = parseOptions(cursor, ['IF']).entries();
  cursor.expect('IF');
  const inner = new TokenCursor(cursor.parenthesised().text);
  inner.expect('EXISTS');
  const condition = inner.parenthesised().text.trim();
  parseQueryText(condition);
  cursor.expect('THEN');
  return { attributes: { ...attributes, CONDITION: condition }, definition: statementText(cursor) };
}

/** `AS (a type, …) RETURNS type -> body [COMMENT = …] [EXEMPT_OTHER_POLICIES = …]`. */
function parsePolicy(cursor: TokenCursor): KeptDefinition {
  cursor.expect('AS');
  const parameters: NonNullable<KeptEntry['arguments']>[number][] = [];
  cursor.expectSymbol('(');
  do parameters.push({ name: cursor.identifier(), type: parseDataType(cursor) });
  while (cursor.acceptSymbol(','));
  cursor.expectSymbol(')');
  cursor.expect('RETURNS');
  const returns = parseDataType(cursor);
  cursor.expectSymbol('->');
  const definition = policyBody(cursor);
  return { attributes: parseOptions(cursor).entries(), definition, arguments: parameters, returns };
}

/** A policy's body as it is written. Throws 001003 for what is no expression. */
export function policyBody(cursor: TokenCursor): string {
  const { text } = cursor.textUntil([], ['COMMENT', 'EXEMPT_OTHER_POLICIES']);
  if (text === '') throw cursor.error();
  parseExpressionText(text);
  return text;
}

/** `AS () RETURNS …_CONSTRAINT -> body`: nothing here is held back by it. */
function parseConstraintPolicy(cursor: TokenCursor): KeptDefinition {
  cursor.expect('AS');
  cursor.parenthesised();
  cursor.expect('RETURNS');
  cursor.identifier();
  cursor.expectSymbol('->');
  const definition = policyBody(cursor);
  return { attributes: parseOptions(cursor).entries(), definition };
}

const TRIGGERED: Readonly<Record<string, string>> = {
  NOTIFY: 'NOTIFY_AT',
  SUSPEND: 'SUSPEND_AT',
  SUSPEND_IMMEDIATE: 'SUSPEND_IMMEDIATELY_AT',
};

/** `[WITH] options [TRIGGERS ON n PERCENT DO SUSPEND …]`. */
function parseResourceMonitor(cursor: TokenCursor): KeptDefinition {
  const attributes = parseOptions(cursor, ['TRIGGERS']).entries();
  if (cursor.accept('TRIGGERS')) {
    while (cursor.accept('ON')) {
      const percent = `${cursor.number()}%`;
      cursor.expect('PERCENT', 'DO');
      const key = TRIGGERED[cursor.identifier()];
      if (key === undefined) throw cursor.error();
      attributes[key] = attributes[key] === undefined ? percent : `${attributes[key]},${percent}`;
    }
  }
  cursor.expectEnd();
  return { attributes, definition: '' };
}

/** `[FROM 'stage/path'] options`. */
function parseFromStage(cursor: TokenCursor): KeptDefinition {
  const source: Record<string, string> = {};
  if (cursor.accept('FROM')) {
    const token = cursor.next();
    if (token.kind === 'number' || token.kind === 'symbol' || token.kind === 'end')
      throw syntaxError(cursor.text, token.start, token.value);
    source.FROM = token.value;
  }
  return { attributes: { ...source, ...parseOptions(cursor).entries() }, definition: '' };
}
