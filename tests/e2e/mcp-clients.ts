import { Client } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport as LegacyTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Transport } from '@modelcontextprotocol/server';

export interface ToolReply {
  readonly isError?: boolean | undefined;
  readonly structuredContent?: unknown;
  readonly content: readonly { readonly type: string; readonly text?: string; readonly uri?: string }[];
}

export interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: { readonly type?: unknown };
  readonly outputSchema?: unknown;
  readonly annotations?: unknown;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly progress: number; readonly message?: string | undefined }) => void;
}

export type Reference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

/** The clients of both SDKs under one set of names. */
export interface TestClient {
  listTools(): Promise<readonly ListedTool[]>;
  call(tool: string, args: Record<string, unknown>, options?: CallOptions): Promise<ToolReply>;
  read(uri: string): Promise<string>;
  /** Addresses of all resources, over all pages. */
  listResources(): Promise<readonly string[]>;
  /** Names of the prompts. */
  listPrompts(): Promise<readonly string[]>;
  /** What a prompt says to the model. */
  prompt(name: string, args: Record<string, string>): Promise<string>;
  listTemplates(): Promise<readonly string[]>;
  complete(
    ref: Reference,
    argument: { readonly name: string; readonly value: string },
    given?: Record<string, string>,
  ): Promise<readonly string[]>;
  /** Calls back for each update of these resources; resolves when the server listens. */
  subscribe(uris: readonly string[], onUpdated: (uri: string) => void): Promise<{ close(): Promise<void> }>;
  instructions(): string | undefined;
  close(): Promise<void>;
}

/** A client of SDK 2 in the modern era. */
export async function modernClient(transport: Transport, name = 'modern-test'): Promise<TestClient> {
  const client = new Client({ name, version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools,
    call: async (tool, args, options) =>
      (await client.callTool({ name: tool, arguments: args }, options as never)) as ToolReply,
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    // This client follows the cursors by itself.
    listResources: async () => (await client.listResources()).resources.map((resource) => resource.uri),
    listPrompts: async () => (await client.listPrompts()).prompts.map((prompt) => prompt.name),
    prompt: async (name, args) => {
      const { messages } = await client.getPrompt({ name, arguments: args });
      return messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join('');
    },
    listTemplates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map((template) => template.uriTemplate),
    complete: async (ref, argument, given) =>
      (await client.complete({ ref, argument, ...(given && { context: { arguments: given } }) })).completion.values,
    subscribe: async (uris, onUpdated) => {
      client.setNotificationHandler('notifications/resources/updated', ({ params }) => onUpdated(params.uri));
      return await client.listen({ resourceSubscriptions: [...uris] });
    },
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

/** A client of SDK 1, which knows only the legacy era. */
export async function legacyClient(transport: Transport, name = 'legacy-test'): Promise<TestClient> {
  const client = new LegacyClient({ name, version: '1' });
  await client.connect(transport as unknown as LegacyTransport);
  return {
    listTools: async () => (await client.listTools()).tools,
    call: async (tool, args, options) =>
      (await client.callTool({ name: tool, arguments: args }, CallToolResultSchema, options as never)) as ToolReply,
    read: async (uri) => textOf((await client.readResource({ uri })).contents),
    listResources: async () => {
      const uris: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await client.listResources(cursor === undefined ? {} : { cursor });
        uris.push(...page.resources.map((resource) => resource.uri));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return uris;
    },
    listPrompts: async () => (await client.listPrompts()).prompts.map((prompt) => prompt.name),
    prompt: async (name, args) => {
      const { messages } = await client.getPrompt({ name, arguments: args });
      return messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join('');
    },
    listTemplates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map((template) => template.uriTemplate),
    complete: async (ref, argument, given) =>
      (await client.complete({ ref, argument, ...(given && { context: { arguments: given } }) })).completion.values,
    subscribe: async (uris, onUpdated) => {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => onUpdated(params.uri));
      for (const uri of uris) await client.subscribeResource({ uri });
      return {
        close: async () => {
          for (const uri of uris) await client.unsubscribeResource({ uri });
        },
      };
    },
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

export const ERAS = [
  ['modern', modernClient],
  ['legacy', legacyClient],
] as const;

function textOf(contents: readonly unknown[]): string {
  const [content] = contents as readonly { readonly text?: string }[];
  return content?.text ?? '';
}
