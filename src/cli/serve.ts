import { SnowError } from '../errors/snow-error.js';
import type { ServeOptions } from './serve-options.js';

export async function serve(options: ServeOptions): Promise<void> {
  if (options.stdio && options.http) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'serve takes one transport.',
      hint: 'Start one process with --http for the team; a client that starts its own uses --stdio. They meet in one --db file.',
    });
  }
  const { host, port, requireTokens, publicUrl } = options;
  if (!options.http && [host, port, requireTokens, publicUrl].some((option) => option !== undefined)) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: '--host, --port, --require-tokens and --public-url go with --http.',
      hint: 'Use serve --http.',
    });
  }
  if (options.http) await (await import('./serve-http.js')).serveHttp(options);
  else if (options.stdio) await (await import('./serve-stdio.js')).serveStdio(options);
  else {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: 'serve needs a transport.',
      hint: 'Add --stdio, or --http with --port.',
    });
  }
}
