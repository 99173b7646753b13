import { LocalError } from '../engine/local-error.js';

/** 1-based line and 0-based position in that line, as Snowflake counts them. */
export function positionOf(text: string, offset: number): { line: number; position: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  const line = (before.match(/\n/g)?.length ?? 0) + 1;
  return { line, position: offset - lastBreak - 1 };
}

/** 001003 / 42000: `syntax error line 1 at position 7 unexpected 'x'.` */
export function syntaxError(text: string, offset: number, unexpected: string): LocalError {
  const at = positionOf(text, offset);
  return new LocalError(
    '001003',
    '42000',
    `SQL compilation error:\nsyntax error line ${at.line} at position ${at.position} unexpected '${unexpected}'.`,
    at,
  );
}

/** 000002 / 0A000: what Snowflake knows and the local server does not do. */
export function unsupported(what: string): LocalError {
  return new LocalError('000002', '0A000', `Unsupported feature '${what}'.`);
}

/** 002140 / 42601: `Unknown function X.` */
export function unknownFunction(name: string): LocalError {
  return new LocalError('002140', '42601', `SQL compilation error:\nUnknown function ${name.toUpperCase()}`);
}
