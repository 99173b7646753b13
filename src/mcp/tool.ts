import { type McpServer, requireScopes, type ServerContext } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { errorDataOf, SnowError } from '../errors/snow-error.js';
import type { Caller, Gateway, WaitOptions } from '../gateway/requests.js';
import type { Scope } from '../store/client-store.js';
import { listedSchema } from './listed-schema.js';
import { answerOrError } from './output-schema.js';
import { waitOptionsOf } from './progress.js';
import { knowsTasks } from './task-capability.js';
import { errorResult, type ToolAnswer, toolResult } from './tool-result.js';

/** All four hints are given for every tool: the protocol's defaults are "destructive" and "open world". */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool that looks, changes nothing, and may be repeated. */
export const LOOKS: ToolHints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** What a tool has at hand while it answers one call. */
export interface ToolCall {
  readonly gateway: Gateway;
  readonly caller: Caller;
  /** The call's cancellation, and progress where the client asked for it. */
  readonly wait: WaitOptions;
  /** The caller knows the tasks extension: long work may be answered by a task. */
  readonly knowsTasks: boolean;
}

export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** Written for a model: when to use the tool, what comes back, what to do next. */
  readonly description: string;
  readonly input: Input;
  /** Absent for tools that may answer with a task handle: those must have no output schema. */
  readonly output?: z.ZodObject;
  readonly hints: ToolHints;
  /** What a caller's token has to allow (`query`). */
  readonly scope?: Scope;
  run(args: z.output<Input>, call: ToolCall): Promise<ToolAnswer>;
}

/** Keeps the input's type for `run` while the list of tools holds them all alike. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Where a call's gateway and caller come from; made on the first call, so that listing tools loads nothing. */
export type OpenCall = (context: ServerContext) => Promise<{ readonly gateway: Gateway; readonly caller: Caller }>;

function parseArguments<Input extends z.ZodObject>(tool: Tool<Input>, given: unknown): z.output<Input> {
  const parsed = tool.input.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new SnowError({
    code: 'INVALID_ARGUMENT',
    message: `${tool.name} was called with arguments it does not take: ${issues.join('; ')}.`,
    hint: `${tool.name} takes ${Object.keys(tool.input.shape).join(', ') || 'no arguments'}.`,
  });
}

/** As `parseArguments`; what does not fit is noted for the audit, where that can be. */
async function parsed<Input extends z.ZodObject>(
  tool: Tool<Input>,
  given: unknown,
  open: () => ReturnType<OpenCall>,
): Promise<z.output<Input>> {
  try {
    return parseArguments(tool, given);
  } catch (failure) {
    const opened = await open().catch(() => undefined);
    opened?.gateway.refused(opened.caller, tool.name, 'INVALID_ARGUMENT');
    throw failure;
  }
}

/** As tools are listed, made when the first server is: each request of the modern era has a server of its own. */
const listings = new WeakMap<Tool, ReturnType<typeof listingOf>>();

function listingOf(tool: Tool) {
  return {
    title: tool.title,
    description: tool.description,
    inputSchema: listedSchema(tool.input, (value) => ({ value })),
    ...(tool.output && { outputSchema: answerOrError(tool.output) }),
    annotations: { title: tool.title, ...tool.hints },
    scopeChallenge: requireScopes(tool.scope ?? 'query'),
  };
}

export function register(server: McpServer, tool: Tool, open: OpenCall): void {
  const listing = listings.get(tool) ?? listingOf(tool);
  listings.set(tool, listing);
  server.registerTool(tool.name, listing, async (given: unknown, context: ServerContext) => {
    const wait = waitOptionsOf(context);
    try {
      const args = await parsed(tool, given, () => open(context));
      const { gateway, caller } = await open(context);
      return toolResult(await tool.run(args, { gateway, caller, wait, knowsTasks: knowsTasks(context) }));
    } catch (thrown) {
      return errorResult(errorDataOf(thrown));
    } finally {
      wait.end();
    }
  });
}
