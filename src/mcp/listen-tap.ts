import { CLIENT_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY, type Transport } from '@modelcontextprotocol/server';
import { clientLabel } from './client-label.js';
import type { OpenGateway } from './open-gateway.js';
import { ResultSubscriptions } from './result-subscriptions.js';
import { detailedTask } from './task-extension.js';
import { acknowledgedTasks, inWordsOfTasks, jobOfListened, withTasksAsResources } from './task-listening.js';

type Message = Parameters<Transport['send']>[0];
type Members = Readonly<Record<string, unknown>>;

/**
 * The subscriptions of the modern era on a connection that many requests share. The SDK answers `subscriptions/listen` itself
 * and tells nobody what is listened for; so its acknowledgement is read on the way out, and updates are sent beside it.
 */
export class ListenTap implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  readonly #inner: Transport;
  readonly #open: OpenGateway;
  /** By the id of the request to listen: who asked, and what is told. */
  readonly #streams = new Map<unknown, { readonly label: string; results?: ResultSubscriptions }>();

  constructor(inner: Transport, open: OpenGateway) {
    this.#inner = inner;
    this.#open = open;
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message, extra) => {
      this.#came(message);
      this.onmessage?.(withTasksAsResources(message), extra);
    };
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onclose = () => {
      this.#endAll();
      this.onclose?.();
    };
    await this.#inner.start();
  }

  async send(message: Message, options?: Parameters<Transport['send']>[1]): Promise<void> {
    await this.#inner.send(acknowledgedTasks(message), options);
    this.#went(message);
  }

  async close(): Promise<void> {
    this.#endAll();
    await this.#inner.close();
  }

  #came(message: Message): void {
    const { method, id, params } = message as { method?: string; id?: unknown; params?: Members };
    if (method === 'subscriptions/listen' && id !== undefined) {
      const meta = params?._meta as Members | undefined;
      const info = meta?.[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined;
      this.#streams.set(id, { label: clientLabel(typeof info?.name === 'string' ? info.name : undefined) });
    }
    if (method === 'notifications/cancelled') this.#end(params?.requestId);
  }

  #went(message: Message): void {
    const { method, id, params } = message as { method?: string; id?: unknown; params?: Members };
    // The answer to a request to listen: it was refused, or the server ends it.
    if (method === undefined) this.#end(id);
    if (method !== 'notifications/subscriptions/acknowledged') return;
    const stream = (params?._meta as Members | undefined)?.[SUBSCRIPTION_ID_META_KEY];
    const { resourceSubscriptions } = (params?.notifications ?? {}) as { resourceSubscriptions?: readonly string[] };
    if (resourceSubscriptions !== undefined) void this.#listen(stream, resourceSubscriptions);
  }

  async #listen(id: unknown, uris: readonly string[]): Promise<void> {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const results = new ResultSubscriptions((uri) => void this.#tell(id, uri), jobOfListened);
    stream.results = results;
    try {
      const { gateway, caller } = await this.#open(stream.label);
      if (this.#streams.get(id) !== stream) return;
      // What is not the caller's, or no result at all, is never told of: as if it were not there.
      await Promise.allSettled(uris.map((uri) => results.add(uri, gateway, caller)));
    } catch (failure) {
      this.onerror?.(failure instanceof Error ? failure : new Error(String(failure)));
    }
  }

  async #tell(id: unknown, uri: string): Promise<void> {
    const label = this.#streams.get(id)?.label;
    const updated = {
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
    };
    try {
      const message = await inWordsOfTasks(updated, async (taskId) => {
        const { gateway, caller } = await this.#open(label ?? '');
        return await detailedTask(gateway, caller, taskId);
      });
      if (message !== undefined && this.#streams.has(id)) await this.#inner.send(message as Message);
    } catch (failure) {
      this.onerror?.(failure instanceof Error ? failure : new Error(String(failure)));
    }
  }

  #end(id: unknown): void {
    this.#streams.get(id)?.results?.close();
    this.#streams.delete(id);
  }

  #endAll(): void {
    for (const id of [...this.#streams.keys()]) this.#end(id);
  }
}
