import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type AuthInfo,
  CLIENT_INFO_META_KEY,
  type ServerEvent,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import { clientLabel } from './client-label.js';
import type { OpenGateway } from './open-gateway.js';
import { ResultSubscriptions } from './result-subscriptions.js';
import { rewrittenEvents } from './rewritten-events.js';
import { detailedTask } from './task-extension.js';
import { inWordsOfTasks, jobOfListened, withTasksAsResources } from './task-listening.js';

interface Asked {
  readonly label: string;
  readonly auth: AuthInfo | undefined;
  readonly uris: readonly string[];
}

interface ListenBody {
  readonly params?: {
    readonly notifications?: { readonly resourceSubscriptions?: unknown };
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
}

/**
 * The subscriptions of the modern era over HTTP, where each request to listen has a stream of its own. The SDK subscribes that
 * stream to a bus for everybody; this one watches for each stream what its own client has asked for, and tells nobody else.
 */
export class ListenStreams implements ServerEventBus {
  readonly #open: OpenGateway;
  readonly #asked = new AsyncLocalStorage<Asked>();

  constructor(open: OpenGateway) {
    this.#open = open;
  }

  /** Serves one request; if it is one to listen, `subscribe` learns from here who asks for what. */
  async during(
    body: unknown,
    auth: AuthInfo | undefined,
    serve: (body: unknown) => Promise<Response>,
  ): Promise<Response> {
    const asked = withTasksAsResources(body);
    const { params } = (asked ?? {}) as ListenBody;
    const uris = params?.notifications?.resourceSubscriptions;
    if (!Array.isArray(uris)) return await serve(asked);
    const info = params?._meta?.[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined;
    const label = clientLabel(typeof info?.name === 'string' ? info.name : undefined);
    const answer = await this.#asked.run({ label, auth, uris: uris.map(String) }, () => serve(asked));
    return rewrittenEvents(answer, (message) =>
      inWordsOfTasks(message, async (taskId) => {
        const { gateway, caller } = await this.#open(label, auth);
        return await detailedTask(gateway, caller, taskId);
      }),
    );
  }

  subscribe(listener: (event: ServerEvent) => void): () => void {
    const results = new ResultSubscriptions((uri) => listener({ kind: 'resource_updated', uri }), jobOfListened);
    const asked = this.#asked.getStore();
    if (asked !== undefined) void this.#watch(asked, results);
    return () => results.close();
  }

  /** Lists do not change while a server runs, so there is nothing to tell everybody. */
  publish(): void {}

  async #watch({ label, auth, uris }: Asked, results: ResultSubscriptions): Promise<void> {
    try {
      const { gateway, caller } = await this.#open(label, auth);
      // What is not the caller's, or no result at all, is never told of: as if it were not there.
      await Promise.allSettled(uris.map((uri) => results.add(uri, gateway, caller)));
    } catch {
      // The store cannot be opened: every call of this client says so, and why.
    }
  }
}
