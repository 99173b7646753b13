import { checkedArguments } from '../memory/checked-arguments.js';
import { type ArgumentsOf, changesMemories, type MemoryOperation } from '../memory/memory-arguments.js';
import type { OperationArguments } from '../memory/operation-payload.js';
import type { OperationRequest } from './operation-request.js';

/** An operation on memories, its arguments checked before anything is queued. Throws `INVALID_ARGUMENT`. */
export function memoryRequest<Name extends MemoryOperation>(name: Name, given: ArgumentsOf<Name>): OperationRequest {
  const checked = checkedArguments(name, given) as OperationArguments;
  return { name, kind: 'memory', arguments: checked, write: changesMemories(name) };
}
