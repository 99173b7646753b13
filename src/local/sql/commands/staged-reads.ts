import type { CommandContext } from '../../engine/command.js';
import { locate, type StageLocation } from '../../engine/stages/stage-location.js';
import { duckString, quoteName, type Token, tokenize } from '../lexer.js';
import type { NameParts, Relation } from '../scope.js';
import { TokenCursor } from '../token-cursor.js';
import type { ParsedStatement } from '../translation.js';
import { directoryTable } from './directory-table.js';
import { type FormatOptions, optionValue } from './file-format.js';
import { inferSchema } from './infer-schema.js';
import { formatFor } from './named-format.js';
import { isPipe } from './pipe-statements.js';
import { filesAt } from './staged-files.js';
import { stagedRelation } from './staged-rows.js';

/** Statements in which a stage may stand where a table does. */
const READING = new Set(['SELECT', 'WITH', 'INSERT', 'MERGE', 'UPDATE', 'DELETE', 'CREATE', 'EXPLAIN']);
const NOT_READING = new Set(['FUNCTION', 'PROCEDURE', 'VIEW', 'STAGE', 'TASK', 'PIPE', 'STREAM']);

/** What kind of thing a CREATE makes; a table may be called PIPE. */
function madeBy(keywords: readonly string[]): string {
  if (keywords[0] !== 'CREATE') return '';
  return keywords.find((word) => word === 'TABLE' || NOT_READING.has(word)) ?? '';
}

/**
 * The staged files that a statement reads. Files are read before the statement is translated: what it names as `@stage` or
 * INFER_SCHEMA(…) is given a name of its own, under which the scope finds the rows.
 */
export class StagedReads {
  readonly #relations = new Map<string, Relation>();
  readonly #scratches: string[] = [];
  #count = 0;

  /** Rows of a name that `prepare` gave. */
  relation(name: NameParts): Relation | undefined {
    return name.length === 1 ? this.#relations.get(name[0] ?? '') : undefined;
  }

  /** Forgets what earlier statements read. */
  async clear(stages: CommandContext['stages']): Promise<void> {
    this.#relations.clear();
    for (const key of this.#scratches.splice(0)) await stages.removeAll(key);
  }

  /** The statement with names in place of stages. Throws 002003 for a stage or format that does not exist. */
  async prepare(statement: ParsedStatement, context: CommandContext): Promise<ParsedStatement> {
    const { keywords, text } = statement;
    if (!READING.has(keywords[0] ?? '') || NOT_READING.has(madeBy(keywords))) return statement;
    if (!/@|infer_schema/i.test(text)) return statement;
    // Each statement of a chain is prepared when its turn comes.
    if (isPipe(text)) return statement;
    const tokens = tokenize(text);
    let written = '';
    let copied = 0;
    for (let i = 0; i < tokens.length; i++) {
      const read = readAt(tokens, i);
      if (read === undefined) {
        const token = tokens[i] as Token;
        if (token.kind !== 'stage' || !isArgument(tokens, i)) continue;
        // A function of files is told the stage as a text.
        written += text.slice(copied, token.start) + duckString(`@${token.value}`);
        copied = token.end;
        continue;
      }
      this.#count += 1;
      const name = `@${this.#count}`;
      this.#relations.set(name, await this.#rows(read, text, tokens, context));
      written += `${text.slice(copied, (tokens[i] as Token).start)}${quoteName(name)}`;
      copied = (tokens[read.last] as Token).end;
      i = read.last;
    }
    return copied === 0 ? statement : { ...statement, text: written + text.slice(copied) };
  }

  async #rows(read: StageRead, text: string, tokens: readonly Token[], context: CommandContext): Promise<Relation> {
    const options = optionsOf(text, tokens, read);
    const format: FormatOptions =
      options.format === undefined ? new Map() : new Map([['FORMAT_NAME', [options.format]]]);
    const location = await locate(read.stage ?? options.location ?? '', context, 'SELECT');
    if (read.directory === true) return await directoryTable(location, context);
    if (read.stage === undefined) return await inferSchema(location, format, options, context);
    return await this.#files(location, format, { query: text, pattern: options.pattern }, context);
  }

  async #files(
    location: StageLocation,
    options: FormatOptions,
    { query, pattern }: { readonly query: string; readonly pattern: string | undefined },
    context: CommandContext,
  ): Promise<Relation> {
    const format = formatFor(options, location.stage, context);
    const scratch = context.stages.scratch();
    this.#scratches.push(scratch.key);
    const reading = { detailed: true, raw: false, directory: scratch.directory };
    const relations = [];
    for (const file of await filesAt(location, pattern, context)) {
      relations.push(await stagedRelation(file, format, query, context, reading));
    }
    const widest = relations.toSorted((a, b) => b.columns.length - a.columns.length)[0];
    if (widest === undefined) return noRows(query);
    const names = widest.columns.map(({ name }) => quoteName(name)).join(', ');
    const sql = relations.map((one) => one.sql).join(' UNION ALL BY NAME ');
    return { kind: 'rows', sql: `SELECT ${names} FROM (${sql}) AS "files"`, columns: widest.columns };
  }
}

/** A location without files: as many columns as the query asks for. */
function noRows(query: string): Relation {
  const highest = Math.max(1, ...[...query.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n)));
  const names = [
    ...Array.from({ length: highest }, (_, i) => `$${i + 1}`),
    ...new Set([...query.toUpperCase().matchAll(/METADATA\$\w+/g)].map(([name]) => name)),
  ];
  const type = { name: 'TEXT', length: 16_777_216 } as const;
  return {
    kind: 'rows',
    sql: `SELECT ${names.map((name) => `CAST(NULL AS VARCHAR) AS ${quoteName(name)}`).join(', ')} WHERE FALSE`,
    columns: names.map((name) => ({ name, type, nullable: true })),
  };
}

interface StageRead {
  /** `@stage/path`; undefined for INFER_SCHEMA, which names it among its options. */
  readonly stage: string | undefined;
  /** The parentheses with its options. */
  readonly options: readonly [open: number, close: number] | undefined;
  readonly last: number;
  /** What is asked for is the list of files, not their rows. */
  readonly directory?: boolean;
}

/** Whether the stage is an argument of a function and no table. */
function isArgument(tokens: readonly Token[], i: number): boolean {
  const [name, open] = [tokens[i - 2], tokens[i - 1]];
  return open?.value === '(' && name?.kind === 'word' && !['FROM', 'JOIN', 'USING', 'IN'].includes(name.value);
}

/** `@stage [(…)]` where a table may stand, `DIRECTORY(@stage)`, or `TABLE(INFER_SCHEMA(…))`. */
function readAt(tokens: readonly Token[], i: number): StageRead | undefined {
  const token = tokens[i] as Token;
  const before = tokens[i - 1];
  const behind = before?.value ?? '';
  if (token.kind === 'word' && token.value === 'DIRECTORY' && tokens[i + 2]?.kind === 'stage') {
    return { stage: `@${tokens[i + 2]?.value}`, options: undefined, last: i + 3, directory: true };
  }
  const isTable =
    ['FROM', 'JOIN', ',', 'USING', '('].includes(behind) && before?.kind !== 'string' && !isArgument(tokens, i);
  const text = token.kind === 'stage' ? `@${token.value}` : token.kind === 'string' ? token.value : '';
  const quotedStage = token.kind === 'string' && ['FROM', 'JOIN'].includes(behind) && text.startsWith('@');
  if ((token.kind === 'stage' && isTable) || quotedStage) {
    const opens = tokens[i + 1]?.value === '(' && tokens[i + 3]?.value === '=>';
    const close = opens ? closing(tokens, i + 1) : undefined;
    return {
      stage: text,
      options: close === undefined ? undefined : [i + 1, close],
      last: close ?? i,
    };
  }
  if (token.kind !== 'word' || token.value !== 'TABLE' || tokens[i + 1]?.value !== '(') return undefined;
  if (tokens[i + 2]?.value !== 'INFER_SCHEMA' || tokens[i + 3]?.value !== '(') return undefined;
  const close = closing(tokens, i + 3);
  return close === undefined ? undefined : { stage: undefined, options: [i + 3, close], last: close + 1 };
}

function closing(tokens: readonly Token[], open: number): number | undefined {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    const { kind, value } = tokens[i] as Token;
    if (kind !== 'symbol') continue;
    if (value === '(') depth += 1;
    if (value === ')') depth -= 1;
    if (depth === 0) return i;
  }
  return undefined;
}

export interface StageOptions {
  readonly location: string | undefined;
  readonly format: string | undefined;
  readonly pattern: string | undefined;
  readonly ignoreCase: boolean;
  readonly files: readonly string[];
}

/** `KEY => value, …` between the parentheses. */
function optionsOf(text: string, tokens: readonly Token[], { options }: StageRead): StageOptions {
  const found = new Map<string, string>();
  const files: string[] = [];
  if (options !== undefined) {
    const [open, close] = options;
    const cursor = new TokenCursor(text.slice((tokens[open] as Token).end, (tokens[close] as Token).start));
    while (!cursor.atEnd) {
      const key = cursor.identifier();
      cursor.expectSymbol('=>');
      if (key === 'FILES') {
        const list = new TokenCursor(
          cursor.isSymbol('(') ? cursor.parenthesised().text : duckString(cursor.stringLiteral()),
        );
        do files.push(list.stringLiteral());
        while (list.acceptSymbol(','));
      } else if (cursor.peek().kind === 'stage') found.set(key, `@${cursor.next().value}`);
      else found.set(key, optionValue(cursor));
      cursor.acceptSymbol(',');
    }
  }
  return {
    location: found.get('LOCATION'),
    format: found.get('FILE_FORMAT'),
    pattern: found.get('PATTERN'),
    ignoreCase: found.get('IGNORE_CASE')?.toUpperCase() === 'TRUE',
    files,
  };
}
