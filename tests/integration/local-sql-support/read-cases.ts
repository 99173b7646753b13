import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One statement and what comes of it. */
export interface Case {
  /** What the case shows: the name of a function or a piece of syntax. */
  readonly feature: string;
  /** As written: an expression, or a whole statement. */
  readonly written: string;
  /** What is sent: a bare expression becomes `SELECT …`. */
  readonly sql: string;
  /** Cells parted by `|`, several rows as `[… ; …]`; an error as `! number text`. */
  readonly expected: string;
  /** Types of the columns, where the case says them. */
  readonly types: string | undefined;
  readonly line: number;
}

/** A file of cases: what it is about, the statements that prepare its schema, and the cases. */
export interface Area {
  readonly file: string;
  readonly title: string;
  readonly setup: readonly string[];
  readonly cases: readonly Case[];
}

const STATEMENT =
  /^(select|with|create|insert|update|delete|merge|drop|undrop|alter|set|unset|show|describe|desc|use|begin|commit|rollback|values|call|truncate|copy|execute|explain|declare|grant|revoke|comment|list|remove|put|get|let)\s/i;

/**
 * Reads a file of cases:
 *
 *     # Title of the area
 *     > CREATE TABLE … (run first)
 *     FEATURE: expression or statement ==> result
 *     FEATURE: expression ==> result :: TYPE of each column
 *     FEATURE: statement ==> ! 000002 part of the message
 *
 * A line that begins with two blanks goes on with the one before; `--` and empty lines are left out.
 */
export function readArea(path: string): Area {
  const lines: { text: string; line: number }[] = [];
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((text, i) => {
      const last = lines.at(-1);
      if (text.trim() === '' || text.startsWith('--')) return;
      if (text.startsWith('  ') && last !== undefined) last.text += ` ${text.trim()}`;
      else lines.push({ text: text.trim(), line: i + 1 });
    });
  let title = '';
  const setup: string[] = [];
  const cases: Case[] = [];
  for (const { text, line } of lines) {
    if (text.startsWith('# ')) title = text.slice(2);
    else if (text.startsWith('> ')) setup.push(text.slice(2));
    else cases.push(readCase(text, line, path));
  }
  return { file: path, title, setup, cases };
}

function readCase(text: string, line: number, path: string): Case {
  const match = /^(.+?): (.+?) ==>(?: (.*?))?(?: :: (.*))?$/.exec(text);
  if (match === null) throw new Error(`${path}:${line}: not of the form "FEATURE: statement ==> result"`);
  const [, feature = '', written = '', expected = '', types] = match;
  const sql = STATEMENT.test(`${written} `) && !/^\w+\s*\(/.test(written) ? written : `SELECT ${written}`;
  return { feature, written, sql, expected, types, line };
}

/** All areas, in the order of their files' names. */
export function readAreas(folder: string): Area[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cases'))
    .toSorted()
    .map((name) => readArea(join(folder, name)));
}
