import { CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server';
import { jobOfResult } from './result-uri.js';
import { TASKS_EXTENSION } from './task-capability.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * Tasks that a client listens for (`taskIds` of `subscriptions/listen`). The SDK's streams know resources only; so on the way in
 * each task becomes a resource under an address that is not told to anybody, and on the way out what is said of that resource
 * is put into the words of the tasks extension.
 */
const TASK_URI = /^snow:\/\/tasks\/([^/,]+)$/;

function taskUri(id: string): string {
  return `snow://tasks/${encodeURIComponent(id)}`;
}

function taskOf(uri: string): string | undefined {
  try {
    return decodeURIComponent(TASK_URI.exec(uri)?.[1] ?? '') || undefined;
  } catch {
    // Something that a client made up.
    return undefined;
  }
}

/** The job that an address stands for on a stream: as its result, or as a task. */
export function jobOfListened(uri: string): string | undefined {
  return jobOfResult(uri) ?? taskOf(uri);
}

/** A request to listen as the SDK takes it; every other message, and what cannot be read, as it is. */
export function withTasksAsResources<Message>(message: Message): Message {
  const { method, params } = (message ?? {}) as { readonly method?: unknown; readonly params?: Members };
  const filter = params?.notifications as Members | undefined;
  if (method !== 'subscriptions/listen' || filter === undefined || filter === null) return message;
  const { taskIds, resourceSubscriptions: asked = [], ...rest } = filter;
  // An address of a task is nobody's to ask for.
  const resources = Array.isArray(asked) ? asked.filter((uri) => taskOf(String(uri)) === undefined) : asked;
  const tasks = Array.isArray(taskIds) && knowsTasks(params) ? taskIds.map((id) => taskUri(wellFormed(id))) : [];
  if (!Array.isArray(resources)) return message;
  const resourceSubscriptions = [...resources, ...new Set(tasks)];
  const notifications = { ...rest, ...(resourceSubscriptions.length === 0 ? {} : { resourceSubscriptions }) };
  return { ...message, params: { ...params, notifications } };
}

/**
 * What a stream says, in the words of the tasks extension: which tasks it listens for, and what has become of one. Nothing is
 * said of a task that cannot be described (any more).
 *
 * @param describe a task as `tasks/get` answers it
 */
export async function inWordsOfTasks<Message>(
  message: Message,
  describe: (taskId: string) => Promise<object>,
): Promise<Message | undefined> {
  const { method, params } = (message ?? {}) as { readonly method?: unknown; readonly params?: Members };
  if (method !== 'notifications/resources/updated') return acknowledgedTasks(message);
  const id = taskOf(String(params?.uri));
  if (id === undefined) return message;
  const task = await describe(id).catch(() => undefined);
  if (task === undefined) return undefined;
  return { ...message, method: 'notifications/tasks', params: { ...task, _meta: params?._meta } };
}

/** Which tasks a stream listens for; every other message as it is. */
export function acknowledgedTasks<Message>(message: Message): Message {
  const { method, params } = (message ?? {}) as { readonly method?: unknown; readonly params?: Members };
  if (method !== 'notifications/subscriptions/acknowledged') return message;
  const filter = params?.notifications as Members | undefined;
  const uris = filter?.resourceSubscriptions;
  if (!Array.isArray(uris)) return message;
  const taskIds = uris.flatMap((uri) => taskOf(String(uri)) ?? []);
  if (taskIds.length === 0) return message;
  const resources = uris.filter((uri) => taskOf(String(uri)) === undefined);
  const { resourceSubscriptions: _, ...rest } = filter as Members;
  const notifications = { ...rest, ...(resources.length === 0 ? {} : { resourceSubscriptions: resources }), taskIds };
  return { ...message, params: { ...params, notifications } };
}

function knowsTasks(params: Members | undefined): boolean {
  const capabilities = (params?._meta as Members | undefined)?.[CLIENT_CAPABILITIES_META_KEY] as Members | undefined;
  const extensions = capabilities?.extensions;
  return typeof extensions === 'object' && extensions !== null && TASKS_EXTENSION in extensions;
}

/** What is no Unicode cannot stand in an address, and is no job's id either. */
function wellFormed(id: unknown): string {
  return Buffer.from(String(id)).toString();
}
