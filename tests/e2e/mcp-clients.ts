import { Client } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport as LegacyTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
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

/** The clients of both SDKs under one set of names. */
export interface TestClient {
  listTools(): Promise<readonly ListedTool[]>;
  call(tool: string, args: Record<string, unknown>, options?: CallOptions): Promise<ToolReply>;
  read(uri: string): Promise<string>;
  /** Addresses of all resources, over all pages. */
  listResources(): Promise<readonly string[]>;
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
