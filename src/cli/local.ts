import { resolve } from 'node:path';
import { SnowError } from '../errors/snow-error.js';
import { HostError } from '../local/host/host-error.js';
import { runLocalServe } from '../local/host/serve.js';
import type { GlobalOptions } from './program.js';

export interface LocalServeOptions extends GlobalOptions {
  readonly host: string;
  readonly port: number;
  readonly data?: string;
}

/** `mcp-snow local serve` */
export async function localServe(options: LocalServeOptions): Promise<void> {
  const { host, port, json = false } = options;
  try {
    process.exitCode = await runLocalServe({ host, port, json, dataDir: resolve(options.data ?? 'mcp-snow-local') });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new SnowError({ code: 'CONNECTION_FAILED', message: error.message, hint: error.hint });
  }
}
