import { SnowError } from '../errors/snow-error.js';
import type { Json } from '../store/job.js';

/** Whose work an operation is: that of memories or of repositories. The first word of its name says so. */
const OPERATION_FAMILIES = ['memory', 'repo'] as const;
export type OperationFamily = (typeof OPERATION_FAMILIES)[number];

export type OperationArguments = { readonly [key: string]: Json | undefined };

/** Work of a `memory` or `repo-sync` job: one operation, its arguments checked by whoever queued it. */
export interface OperationPayload {
  /** `memory_search`, `repo_sync`, …; its first word is its family. */
  readonly name: string;
  readonly arguments: OperationArguments;
  /** One line for a person. */
  readonly label: string;
  /** Deadline for one attempt, in ms. */
  readonly timeoutMs: number;
  /** Bytes of JSON that the answer may have. */
  readonly maxBytes: number;
}

/** Throws `INVALID_ARGUMENT` for a name that belongs to nobody. */
export function familyOf(name: string): OperationFamily {
  const family = OPERATION_FAMILIES.find((known) => name.startsWith(`${known}_`));
  if (family !== undefined) return family;
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `There is no operation ${JSON.stringify(name.slice(0, 80))}.`,
    hint: 'Operations are named memory_… and repo_….',
  });
}

/** Reads a stored payload back. Throws `INVALID_ARGUMENT` when it is none (a job that another version or hand wrote). */
export function operationPayloadOf(payload: Json): OperationPayload {
  const { name, arguments: given, label, timeoutMs, maxBytes } = fieldsOf(payload);
  if (typeof name !== 'string' || typeof label !== 'string') throw invalid('name and label must be texts');
  if (!isAbove0(timeoutMs) || !isAbove0(maxBytes)) throw invalid('timeoutMs and maxBytes must be numbers above 0');
  return { name, arguments: fieldsOf(given), label, timeoutMs, maxBytes };
}

/** What a stored payload says of itself; `undefined` for one that is no operation. */
export function labelOf(payload: Json): string | undefined {
  if (payload === null || typeof payload !== 'object' || !('label' in payload)) return undefined;
  return typeof payload.label === 'string' ? payload.label : undefined;
}

function fieldsOf(value: Json | undefined): OperationArguments {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value))
    throw invalid('it is no object');
  return value as OperationArguments;
}

function isAbove0(value: Json | undefined): value is number {
  return typeof value === 'number' && value > 0;
}

function invalid(what: string): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `The stored payload of this operation cannot be read: ${what}.`,
    hint: 'Queue the work again with this version.',
  });
}
