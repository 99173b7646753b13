import { CLIENT_CAPABILITIES_META_KEY, type ServerContext } from '@modelcontextprotocol/server';

/** The extension by which a long call answers a task to poll instead of its result. Tasks are jobs; only the words differ. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Whether this very request says that its sender knows tasks: capabilities go with each request of the modern era. */
export function knowsTasks(context: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY] as { readonly extensions?: unknown } | undefined;
  const extensions = capabilities?.extensions;
  return typeof extensions === 'object' && extensions !== null && TASKS_EXTENSION in extensions;
}
