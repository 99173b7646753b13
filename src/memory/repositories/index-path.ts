import { join } from 'node:path';

/** The file of one generation of an index. */
export function indexPath(indexFolder: string, generation: number): string {
  return join(indexFolder, `${generation}.db`);
}
