import type { InMemoryTransport } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { SnowError } from '../../../src/errors/snow-error.js';
import type { Gateway, JobSummary } from '../../../src/gateway/requests.js';
import { withTasksAsResources } from '../../../src/mcp/task-listening.js';
import { listen } from './listen.js';

const ENVELOPE = (knowsTasks: boolean) => ({
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': knowsTasks
    ? { extensions: { 'io.modelcontextprotocol/tasks': {} } }
    : {},
});

const CANCELLED: JobSummary = {
  job_id: 'j1',
  client: 'c',
  kind: 'query',
  state: 'cancelled',
  priority: 'normal',
  created_at: new Date().toISOString(),
  queued_ms: 0,
  attempts: 1,
};

/** A gateway with the job `j1`, and what ends it. */
function gatewayWithJob() {
  let end = (): void => undefined;
  const gateway: Partial<Gateway> = {
    jobStatus: async (_caller, id) => {
      if (id === 'j1') return CANCELLED;
      throw new SnowError({ code: 'NOT_FOUND', message: 'no' });
    },
    watchJob: async (_caller, id, onEnded) => {
      if (id !== 'j1') throw new SnowError({ code: 'NOT_FOUND', message: 'no' });
      end = onEnded;
      return () => undefined;
    },
  };
  return { gateway, end: () => end() };
}

interface Frame {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: { readonly [key: string]: unknown };
}

/** Messages as they come over the connection. */
async function framesOf(
  transport: InMemoryTransport,
): Promise<{ frames: Frame[]; send(message: object): Promise<void> }> {
  const frames: Frame[] = [];
  transport.onmessage = (message) => void frames.push(message as Frame);
  await transport.start();
  return { frames, send: (message) => transport.send({ jsonrpc: '2.0', ...message } as never) };
}

const request = (notifications: object, knowsTasks = true) => ({
  id: 'l1',
  method: 'subscriptions/listen',
  params: { notifications, _meta: ENVELOPE(knowsTasks) },
});

describe('a client that listens for tasks', () => {
  it('is told which it listens for, and what has become of each, and nothing of those of others', async () => {
    const { gateway, end } = gatewayWithJob();
    const { frames, send } = await framesOf(listen(gateway));
    await send(request({ taskIds: ['j1', 'foreign', 'j1'], resourceSubscriptions: ['snow://jobs/j1/result'] }));
    await expect.poll(() => frames.map(({ method }) => method)).toEqual(['notifications/subscriptions/acknowledged']);
    expect(frames[0]?.params?.notifications).toEqual({
      resourceSubscriptions: ['snow://jobs/j1/result'],
      taskIds: ['j1', 'foreign'],
    });
    await expect
      .poll(() => {
        end();
        return frames.slice(1).map(({ method }) => method);
      })
      .toContain('notifications/tasks');
    const told = frames.filter(({ method }) => method === 'notifications/tasks');
    expect(told).toEqual([
      expect.objectContaining({
        params: expect.objectContaining({ taskId: 'j1', status: 'cancelled', _meta: expect.objectContaining({}) }),
      }),
    ]);
    expect(JSON.stringify(told[0]?.params?._meta)).toContain('l1');
    expect(JSON.stringify(frames)).not.toContain('snow://tasks');
  });

  it('hears of none where it did not say that it knows tasks', async () => {
    const { frames, send } = await framesOf(listen(gatewayWithJob().gateway));
    await send(request({ taskIds: ['j1'], resourceSubscriptions: ['snow://jobs/j1/result'] }, false));
    await expect.poll(() => frames.length).toBeGreaterThan(0);
    expect(frames[0]?.params?.notifications).toEqual({ resourceSubscriptions: ['snow://jobs/j1/result'] });
  });

  it('may not ask for the address of a task, nor upset anything with what is none', () => {
    const asked = (notifications: unknown) =>
      (withTasksAsResources(request(notifications as object)).params as { notifications: unknown }).notifications;
    expect(asked({ resourceSubscriptions: ['snow://tasks/j1', 'snow://tasks/%zz'] })).toEqual({
      resourceSubscriptions: ['snow://tasks/%zz'],
    });
    expect(asked({ taskIds: 'j1' })).toEqual({});
    expect(asked({ taskIds: [7, '\ud800', 'a/b'] })).toEqual({
      resourceSubscriptions: ['snow://tasks/7', 'snow://tasks/%EF%BF%BD', 'snow://tasks/a%2Fb'],
    });
    for (const odd of [undefined, null, 5, [], { method: 'subscriptions/listen' }, request(null as never)])
      expect(withTasksAsResources(odd)).toBe(odd);
    const strange = request({ resourceSubscriptions: 'x' });
    expect(withTasksAsResources(strange)).toBe(strange);
  });
});
