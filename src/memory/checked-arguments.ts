import { SnowError } from '../errors/snow-error.js';
import { type ArgumentsOf, MEMORY_ARGUMENTS, type MemoryOperation } from './memory-arguments.js';

/** Throws `INVALID_ARGUMENT` that names what does not fit, and what the operation takes. */
export function checkedArguments<Name extends MemoryOperation>(operation: Name, given: unknown): ArgumentsOf<Name> {
  const schema = MEMORY_ARGUMENTS[operation];
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data as ArgumentsOf<Name>;
  const issues = parsed.error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${operation} was given arguments it does not take: ${issues.join('; ')}.`,
    hint: `${operation} takes ${Object.keys(schema.shape).join(', ')}.`,
  });
}
