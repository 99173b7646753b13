import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { cacheFolder, type Surroundings, surroundings } from '../config/paths.js';

type EnableCompileCache = (folder: string) => unknown;

/** Node has it from 22.1 on. */
const { enableCompileCache } = module as { readonly enableCompileCache?: EnableCompileCache };

/**
 * Keeps compiled code for the next start, which then takes a fifth to a third less of the processor. Not where Node would keep it:
 * who can write to the folder for temporary files that all users share could give us code to run. NODE_COMPILE_CACHE names another
 * folder, NODE_DISABLE_COMPILE_CACHE=1 switches it off. Where it cannot be kept everything goes on without.
 */
export function keepCompiledCode(
  around: () => Surroundings = surroundings,
  enable: EnableCompileCache | undefined = enableCompileCache,
): void {
  if (enable === undefined) return;
  try {
    const folder = cacheFolder(around());
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    enable(folder);
  } catch {
    // No home, or none that can be written to.
  }
}
