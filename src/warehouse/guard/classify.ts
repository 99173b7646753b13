import type { StatementClass } from '../statement-kind.js';
import type { Token } from './lexer.js';
import { isReadOnlySystemFunction, isSystemFunction } from './system-functions.js';

/** What one statement needs, or why it cannot be placed. */
export type Placement =
  | {
      readonly verb: string;
      readonly requires: readonly StatementClass[];
      readonly changesSession: boolean;
      readonly leavesState: boolean;
      readonly needsState: boolean;
    }
  | { readonly refused: string; readonly hint: string };

const READ: readonly StatementClass[] = ['read'];
const DML: readonly StatementClass[] = ['dml'];
const DDL: readonly StatementClass[] = ['ddl'];
/** What it does is decided elsewhere (a procedure, a task, a system function), so it may be anything. */
const ANYTHING: readonly StatementClass[] = ['dml', 'ddl'];

const BY_VERB: ReadonlyMap<string, readonly StatementClass[]> = new Map([
  ...['SHOW', 'DESCRIBE', 'DESC', 'LIST', 'LS', 'USE'].map((verb) => [verb, READ] as const),
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'TRUNCATE', 'COPY', 'REMOVE', 'RM'].map((verb) => [verb, DML] as const),
  ...['CREATE', 'ALTER', 'DROP', 'UNDROP', 'COMMENT', 'GRANT', 'REVOKE'].map((verb) => [verb, DDL] as const),
]);

const TRANSACTION_VERBS = new Set(['COMMIT', 'ROLLBACK']);
const SCRIPTING_VERBS = new Set([
  'DECLARE',
  'LET',
  'FOR',
  'WHILE',
  'REPEAT',
  'LOOP',
  'IF',
  'CASE',
  'RETURN',
  'RAISE',
  'END',
]);
const TEMPORARY = new Set(['TEMP', 'TEMPORARY', 'VOLATILE']);
const SCRIPTING_HINT = 'Send the statements one by one, or put the block into a stored procedure and CALL it.';

/** Places the tokens of one statement (no semicolons left, at least one token). */
export function classify(tokens: readonly Token[]): Placement {
  const flow = splitAt(tokens, '->>');
  if (flow.length > 1) return classifyFlow(flow);

  const first = tokens.find((token) => !isSymbol(token, '('));
  if (first?.kind !== 'word')
    return refused(
      'it does not start with a statement keyword',
      'Start with SELECT, SHOW, DESCRIBE or another statement.',
    );
  const verb = first.text;
  if (tokens[0] !== first && !['SELECT', 'WITH', 'VALUES'].includes(verb))
    return refused(`${verb} cannot stand in parentheses`, 'Remove the parentheses around the statement.');

  if (verb === 'SELECT' || verb === 'VALUES') return classifyQuery(verb, tokens);
  if (verb === 'WITH') return classifyWith(tokens);
  if (verb === 'EXPLAIN') return classifyExplain(tokens);
  if (verb === 'CALL') return classifyCall(tokens);
  if (verb === 'EXECUTE') return classifyExecute(tokens);
  if (verb === 'SET' || verb === 'UNSET') return { ...placed(verb, READ), changesSession: true, leavesState: true };
  if (verb === 'PUT' || verb === 'GET')
    return refused(
      `${verb} moves files of the machine that this server runs on`,
      'Use COPY INTO with a stage instead.',
    );
  if (verb === 'BEGIN' || verb === 'START' || TRANSACTION_VERBS.has(verb)) return classifyTransaction(verb, tokens);
  if (SCRIPTING_VERBS.has(verb)) return refused('Snowflake Scripting blocks are not taken', SCRIPTING_HINT);

  const requires = BY_VERB.get(verb);
  if (requires === undefined)
    return refused(`${verb} is not a statement known to this server`, 'Check the spelling of the first word.');
  return refine(verb, requires, tokens);
}

function refine(verb: string, requires: readonly StatementClass[], tokens: readonly Token[]): Placement {
  // Secondary roles are no part of the context that a connection is brought to for the next job.
  if (verb === 'USE')
    return { ...placed(verb, READ), changesSession: true, leavesState: isWord(tokens[1], 'SECONDARY') };
  if (verb === 'ALTER' && isWord(tokens[1], 'SESSION')) return { ...placed(verb, READ), changesSession: true };
  if (verb === 'CREATE' && isTemporary(tokens)) return { ...placed(verb, requires), leavesState: true };
  if (callsSideEffect(tokens)) return placed(verb, ANYTHING, tokens);
  if (requires === READ && hidesWrite(tokens))
    return refused(`a ${verb} that contains a write`, 'Send the write by itself.');
  return placed(verb, requires, tokens);
}

function classifyQuery(verb: string, tokens: readonly Token[]): Placement {
  if (tokens.some((token) => isWord(token, 'INTO')))
    return refused(
      'SELECT … INTO exists only inside Snowflake Scripting',
      'Use CREATE TABLE … AS SELECT or INSERT INTO … SELECT.',
    );
  if (hidesWrite(tokens)) return refused('a query cannot contain a write', 'Send the write by itself.');
  if (callsSideEffect(tokens)) return placed(verb, ANYTHING, tokens);
  if (advancesSequence(tokens)) return placed(verb, DML, tokens);
  return placed(verb, READ, tokens);
}

/** `WITH a AS (…), b(c) AS (…) SELECT …`: what counts is the first statement keyword outside of the parentheses. */
function classifyWith(tokens: readonly Token[]): Placement {
  const outer = isSymbol(tokens[0], '(') ? (tokens.find((token) => token.text === 'WITH')?.depth ?? 0) : 0;
  const main = tokens.find(
    (token, index) =>
      index > 0 &&
      token.kind === 'word' &&
      !namesTable(tokens[index - 1]) &&
      (token.depth === outer || (token.depth > outer && opensMain(tokens, index, outer))) &&
      (['SELECT', 'VALUES', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(token.text) || BY_VERB.has(token.text)),
  );
  if (main === undefined) return refused('no SELECT follows the WITH', 'End the WITH clause with one SELECT.');
  if (main.text === 'SELECT' || main.text === 'VALUES') return classifyQuery('SELECT', tokens);
  if (BY_VERB.get(main.text) === DML)
    return callsSideEffect(tokens) ? placed(main.text, ANYTHING, tokens) : placed(main.text, DML, tokens);
  return refused(`${main.text} cannot follow WITH`, 'End the WITH clause with one SELECT.');
}

/** After WITH and after a comma stands the name of a table expression, whatever word it is. */
function namesTable(before: Token | undefined): boolean {
  return isWord(before, 'WITH') || isWord(before, 'RECURSIVE') || isSymbol(before, ',');
}

/** `WITH a AS (…) (SELECT …)`: the main query may itself stand in parentheses, which then do not follow AS. */
function opensMain(tokens: readonly Token[], index: number, outer: number): boolean {
  let at = index - 1;
  while (at >= 0 && isSymbol(tokens[at], '(') && (tokens[at]?.depth ?? 0) > outer) at -= 1;
  return isSymbol(tokens[at], '(') && tokens[at]?.depth === outer && isSymbol(tokens[at - 1], ')');
}

function classifyExplain(tokens: readonly Token[]): Placement {
  const rest = isWord(tokens[1], 'USING') ? tokens.slice(3) : tokens.slice(1);
  // None of its own either: a chain of them would be as deep as the text is long.
  const inner = rest.length === 0 || isWord(rest[0], 'EXPLAIN') ? undefined : classify(rest);
  if (inner === undefined) return refused('EXPLAIN needs a statement', 'Write the statement to explain after EXPLAIN.');
  if ('refused' in inner) return inner;
  // Compiling may already call a function on constants.
  return placed('EXPLAIN', callsSideEffect(rest) ? ANYTHING : READ);
}

function classifyCall(tokens: readonly Token[]): Placement {
  const name = tokens[1];
  if (name !== undefined && isSymbol(tokens[2], '(') && isReadOnlySystemFunction(name.text.toUpperCase()))
    return callsSideEffect(tokens) ? placed('CALL', ANYTHING) : placed('CALL', READ);
  return placed('CALL', ANYTHING);
}

function classifyExecute(tokens: readonly Token[]): Placement {
  if (isWord(tokens[1], 'IMMEDIATE'))
    return refused('EXECUTE IMMEDIATE hides what is run', 'Send the statement itself.');
  return placed('EXECUTE', ANYTHING);
}

function classifyTransaction(verb: string, tokens: readonly Token[]): Placement {
  const next = tokens[1];
  const plain =
    next === undefined ||
    isWord(next, 'TRANSACTION') ||
    isWord(next, 'WORK') ||
    (verb === 'BEGIN' && isWord(next, 'NAME')) ||
    (verb === 'ROLLBACK' && isWord(next, 'TO'));
  if (!plain) return refused('Snowflake Scripting blocks are not taken', SCRIPTING_HINT);
  return { ...placed(verb, DML), leavesState: true };
}

/** `SHOW TABLES ->> SELECT … FROM $1`: every part is placed by itself; the whole asks for all that its parts ask for. */
function classifyFlow(parts: readonly (readonly Token[])[]): Placement {
  const requires = new Set<StatementClass>();
  let verb = '';
  let needsState = false;
  for (const part of parts) {
    if (part.length === 0) return refused('a part of the ->> chain is empty', 'Put one statement on each side of ->>.');
    const placement = classify(part);
    if ('refused' in placement) return placement;
    if (placement.changesSession || placement.leavesState)
      return refused(`${placement.verb} cannot be part of a ->> chain`, 'Send it by itself.');
    for (const need of placement.requires) requires.add(need);
    verb ||= placement.verb;
    needsState ||= placement.needsState;
  }
  return { ...placed(verb, [...requires]), needsState };
}

function placed(
  verb: string,
  requires: readonly StatementClass[],
  tokens: readonly Token[] = [],
): Exclude<Placement, { refused: string }> {
  return {
    verb,
    requires,
    changesSession: false,
    leavesState: false,
    needsState: tokens.some((token, index) => isName(token, 'LAST_QUERY_ID') && isSymbol(tokens[index + 1], '(')),
  };
}

function refused(what: string, hint: string): Placement {
  return { refused: what, hint };
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

/** A function may also be named by a quoted identifier. */
function isName(token: Token | undefined, text: string): boolean {
  return (token?.kind === 'word' || token?.kind === 'quoted') && token.text.toUpperCase() === text;
}

function isTemporary(tokens: readonly Token[]): boolean {
  const options = new Set(['OR', 'REPLACE', 'ALTER', 'LOCAL', 'GLOBAL', ...TEMPORARY]);
  for (const token of tokens.slice(1)) {
    if (token.kind !== 'word' || !options.has(token.text)) return false;
    if (TEMPORARY.has(token.text)) return true;
  }
  return false;
}

const WRITES_AFTER: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['INSERT', new Set(['INTO', 'OVERWRITE', 'ALL', 'FIRST'])],
  ['MERGE', new Set(['INTO'])],
  ['DELETE', new Set(['FROM'])],
]);

/** A write in place of a subquery; Snowflake has none, but what stands behind this server one day might. */
function hidesWrite(tokens: readonly Token[]): boolean {
  return tokens.some((token, index) => {
    if (token.kind !== 'word') return false;
    const next = tokens[index + 1];
    if (next?.kind === 'word' && WRITES_AFTER.get(token.text)?.has(next.text)) return true;
    return token.text === 'UPDATE' && isSymbol(tokens[index - 1], '(') && !isSymbol(next, '(');
  });
}

function callsSideEffect(tokens: readonly Token[]): boolean {
  return tokens.some((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return false;
    const name = token.text.toUpperCase();
    return isSystemFunction(name) && isSymbol(tokens[index + 1], '(') && !isReadOnlySystemFunction(name);
  });
}

function advancesSequence(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, index) =>
      (isName(token, 'NEXTVAL') && isSymbol(tokens[index - 1], '.')) ||
      (isName(token, 'GETNEXTVAL') && isSymbol(tokens[index + 1], '(')),
  );
}

export function splitAt(tokens: readonly Token[], separator: string): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.text === separator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
