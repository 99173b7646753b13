import type { GlobalOptions } from './global-options.js';

export interface ServeOptions extends GlobalOptions {
  readonly stdio?: boolean;
  readonly http?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly requireTokens?: boolean;
  readonly publicUrl?: URL;
  readonly client?: string;
  readonly allow?: readonly string[];
  readonly toolsets?: readonly string[];
  readonly workerConcurrency?: number;
  readonly workerLanes?: readonly string[];
  /** False with --no-worker. */
  readonly worker: boolean;
}

/** How long running jobs may take to end when the client has gone or the process was asked to stop (ms) where nothing is set. */
export const DRAIN_MS = 10_000;
