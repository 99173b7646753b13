import { SnowError } from '../errors/snow-error.js';
import { memoryRequest } from '../gateway/memory-requests.js';
import type { OperationRequest } from '../gateway/operation-request.js';
import { syncRequest } from '../gateway/repository-requests.js';
import { isMemoryOperation } from '../memory/memory-arguments.js';
import type { OperationArguments } from '../memory/operation-payload.js';

const MEMORY_HINT =
  'Use {"operation": "search", "query": "orders"}; other operations: store, list, update, delete, health.';

const SYNC_HINT = 'Use the path of a folder, or {"path": "/srv/models", "name": "models", "full": true}.';

/** Work of a `memory` job: an object with the `operation` and what it takes. */
export function memoryPayload(text: string): OperationRequest {
  const { operation, ...given } = objectOf(text, MEMORY_HINT);
  const name = typeof operation === 'string' ? `memory_${operation.replace(/^memory_/, '')}` : '';
  if (!isMemoryOperation(name)) throw invalid('The payload names no operation on memories.', MEMORY_HINT);
  return memoryRequest(name, given as never);
}

/** Work of a `repo-sync` job: the folder, or an object with what else a sync takes. */
export function syncPayload(text: string): OperationRequest {
  return syncRequest(text.trimStart().startsWith('{') ? objectOf(text, SYNC_HINT) : { path: text.trim() });
}

function objectOf(text: string, hint: string): OperationArguments {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (failure) {
    throw invalid(`The payload is no JSON: ${(failure as Error).message}.`, hint);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as OperationArguments;
  throw invalid('The payload is no JSON object.', hint);
}

function invalid(message: string, hint: string): SnowError {
  return new SnowError({ code: 'INVALID_ARGUMENT', message, hint });
}
