import type { McpProcess } from '../demo/mcp-process.js';

/** What a tool call came to. */
export interface Outcome {
  /** The error's code, or that of the job that did not succeed; absent when all went well. */
  readonly code?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly ms: number;
}

/** Calls a tool; a call that was cancelled through `signal` has the code `CANCELLED`. */
export async function call(
  server: McpProcess,
  client: string,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Outcome> {
  const began = performance.now();
  const reply = await server.callTool(client, tool, args, signal);
  const ms = performance.now() - began;
  const content = reply?.structuredContent ?? {};
  const error = (reply?.isError === true ? content : content.error) as { code?: string } | undefined;
  const code = reply === undefined ? 'CANCELLED' : error === undefined ? undefined : (error.code ?? 'INTERNAL');
  return { content, ms, ...(code !== undefined && { code }) };
}

/** A statement that takes this long and keeps no core busy. */
export function waitStatement(ms: number): string {
  return `select system$wait(${ms}, 'MILLISECONDS')`;
}

/** The only value of the only row, as text. */
export function onlyValue(outcome: Outcome): string | undefined {
  const value = (outcome.content.rows as readonly (readonly unknown[])[] | undefined)?.[0]?.[0];
  return value === undefined || value === null ? undefined : String(value);
}
