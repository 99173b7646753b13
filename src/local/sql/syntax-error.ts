import { LocalError } from '../engine/local-error.js';

/** 1-based line and 0-based position in that line, as Snowflake counts them. */
export function positionOf(text: string, offset: number): { line: number; position: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  const line = (before.match(/\n/g)?.length ?? 0) + 1;
  return { line, position: offset - lastBreak - 1 };
}

/** Runs the work on a part of a text; what it throws tells places in the whole text, where the part begins at the offset. */
export function withinText<T>(whole: string, offset: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LocalError) || error.line === undefined || error.position === undefined) throw error;
    const begins = positionOf(whole, offset);
    const line = begins.line + error.line - 1;
    const position = error.line === 1 ? begins.position + error.position : error.position;
    const message = error.message.replace(/line \d+ at position \d+/, `line ${line} at position ${position}`);
    throw new LocalError(error.number, error.sqlState, message, { line, position });
  }
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
