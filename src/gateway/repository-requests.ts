import type { OperationArguments } from '../memory/operation-payload.js';
import { repositoryOperationOf } from '../memory/repositories/operations.js';
import type { OperationRequest } from './operation-request.js';

/** A sync of a repository, which reads its folder: `path` or `name`, `namespace`, `full`. Throws `INVALID_ARGUMENT`. */
export function syncRequest(given: OperationArguments): OperationRequest {
  const operation = repositoryOperationOf('repo_sync', given);
  const label = operation.name === 'repo_sync' ? `sync repository ${operation.repository}` : operation.name;
  return { name: 'repo_sync', kind: 'repo-sync', arguments: given, write: true, label };
}

/** Any other operation on repositories, which is quick. Throws `INVALID_ARGUMENT`. */
export function repositoryRequest(
  name: 'repo_search' | 'repo_list' | 'repo_watch' | 'repo_remove',
  given: OperationArguments,
): OperationRequest {
  repositoryOperationOf(name, given);
  return { name, kind: 'memory', arguments: given, write: name === 'repo_watch' || name === 'repo_remove' };
}
