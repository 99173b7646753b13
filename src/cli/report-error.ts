import { CommanderError } from 'commander';
import { type ErrorData, errorDataOf } from '../errors/snow-error.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { Interrupted } from './interrupted.js';

/** One line for a person: what happened, and what to do about it. */
export function errorLine(error: ErrorData): string {
  const rest = [error.hint, retryAfter(error)].filter((part) => part !== undefined);
  const whole = rest.length === 0 || /[.!?:;)]\s*$/.test(error.message);
  const parts = [whole ? error.message : `${error.message}.`, ...rest];
  return `mcp-snow: ${parts.join(' ').replace(/\s*\n\s*/g, ' ')}`;
}

function retryAfter(error: ErrorData): string | undefined {
  if (error.retryAfterMs === undefined) return undefined;
  return `Try again in ${Math.max(1, Math.ceil(error.retryAfterMs / 1000))} s.`;
}

function ofCommander(error: CommanderError): ErrorData {
  const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
  return {
    code: 'INVALID_ARGUMENT',
    message: /[.)?]$/.test(message) ? message : `${message}.`,
    hint: 'See mcp-snow --help.',
  };
}

/** Writes the error to stderr, one line or with `json` one object, and gives the exit code that goes with it. */
export function reportError(thrown: unknown, options: { readonly json: boolean }): number {
  const error = thrown instanceof CommanderError ? ofCommander(thrown) : errorDataOf(thrown);
  process.stderr.write(options.json ? `${JSON.stringify({ error })}\n` : `${errorLine(error)}\n`);
  if (thrown instanceof Interrupted) return EXIT.interrupted;
  return thrown instanceof CommanderError ? EXIT.usage : exitCodeOf(error.code);
}
