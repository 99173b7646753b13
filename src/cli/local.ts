import { resolve } from 'node:path';
import { runLocalServe } from '../local/host/serve.js';
import type { GlobalOptions } from './global-options.js';
import { hostFailure } from './host-failure.js';

export interface LocalServeOptions extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  readonly data?: string;
  readonly token?: string;
}

/** Without --data it serves what `serve` and `worker` use: the directory beside the database file. */
async function dataDir(options: LocalServeOptions): Promise<string> {
  if (options.data !== undefined) return resolve(options.data);
  const { loadSettings, localDataOf } = await import('./settings.js');
  return localDataOf(await loadSettings(options));
}

export async function localServe(options: LocalServeOptions): Promise<void> {
  process.exitCode = await runLocalServe({
    host: options.host,
    port: options.port,
    dataDir: await dataDir(options),
    json: options.json ?? false,
    ...(options.token !== undefined && { token: options.token }),
  }).catch((thrown: unknown) => {
    throw hostFailure(thrown);
  });
}
