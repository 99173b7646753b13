import { SnowError } from '../errors/snow-error.js';

/** A local Snowflake that runs, and what it asks for before it answers. */
export interface LocalServerAt {
  readonly url: string;
  /** An API key, the server's `--token`, or with `login` a password. */
  readonly secret?: string;
  readonly login?: string;
}

/** Milliseconds a server may take to answer. */
const PATIENCE_MS = 30_000;

/** What a local Snowflake answers to `GET path` of its REST API. Throws `CONNECTION_FAILED`, `NOT_PERMITTED` or `INVALID_ARGUMENT`. */
export async function localAnswer(server: LocalServerAt, path: string): Promise<unknown> {
  const response = await fetch(`${server.url}${path}`, {
    headers: credentials(server),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch((failure: unknown) => {
    throw new SnowError(
      {
        code: 'CONNECTION_FAILED',
        message: `Nothing answers at ${server.url}.`,
        hint: 'Start it with: mcp-snow local serve',
      },
      { cause: failure },
    );
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer;
  throw refusal(server.url, response.status, answer);
}

function credentials({ secret, login }: LocalServerAt): Record<string, string> {
  if (secret === undefined) return {};
  if (login === undefined) return { Authorization: `Bearer ${secret}` };
  return { Authorization: `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}` };
}

function refusal(url: string, status: number, answer: unknown): SnowError {
  if (status === 401)
    return new SnowError({
      code: 'NOT_PERMITTED',
      message: `${url} lets nobody in without the right password.`,
      hint: 'Set SNOWFLAKE_PASSWORD to an API key or the token of the server, or to the password of --login.',
    });
  const { detail } = (answer ?? {}) as { readonly detail?: unknown };
  if (typeof detail === 'string')
    return new SnowError({ code: 'INVALID_ARGUMENT', message: detail, hint: 'See mcp-snow local history --help.' });
  return new SnowError({
    code: 'CONNECTION_FAILED',
    message: `What answers at ${url} is no local Snowflake (status ${status}).`,
    hint: 'Look at the address: `mcp-snow local serve` prints it when it is ready.',
  });
}
