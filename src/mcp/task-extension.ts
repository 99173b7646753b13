import {
  type CallToolResult,
  type McpServer,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { errorDataOf } from '../errors/snow-error.js';
import type { Caller, Gateway } from '../gateway/requests.js';
import { protocolError } from './protocol-error.js';
import { queryAnswer } from './query-answer.js';
import { taskOf } from './task.js';
import { knowsTasks, TASKS_EXTENSION } from './task-capability.js';
import type { OpenCall } from './tool.js';
import { errorResult, toolResult } from './tool-result.js';

const taskParams = z.looseObject({ taskId: z.string() });
const anyResult = z.looseObject({});

/** `tasks/get`, `tasks/cancel` and `tasks/update` for a server of the modern era; the legacy era has no such methods. */
export function registerTasks(server: McpServer, open: OpenCall): void {
  const method = (name: string, work: (gateway: Gateway, caller: Caller, taskId: string) => Promise<object>): void => {
    server.server.setRequestHandler(name, { params: taskParams, result: anyResult }, async ({ taskId }, context) => {
      if (!knowsTasks(context)) {
        throw new MissingRequiredClientCapabilityError({
          requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } },
        });
      }
      try {
        const { gateway, caller } = await open(context);
        return { ...(await work(gateway, caller, taskId)) };
      } catch (thrown) {
        const error = errorDataOf(thrown);
        if (error.code !== 'NOT_FOUND') throw protocolError(error);
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Task not found: ${taskId.slice(0, 80)}`, {
          ...error,
        });
      }
    });
  };

  method('tasks/get', detailedTask);
  // An acknowledgement only: what the job comes to is seen by tasks/get, and a success that came first wins.
  method('tasks/cancel', async (gateway, caller, taskId) => {
    await gateway.jobCancel(caller, taskId);
    return {};
  });
  // Jobs ask nothing of their client, so there is never an answer to take.
  method('tasks/update', async (gateway, caller, taskId) => {
    await gateway.jobStatus(caller, taskId);
    return {};
  });
}

/** A task, with its result once there is one. Throws `NOT_FOUND` for a job that is not the caller's. */
export async function detailedTask(gateway: Gateway, caller: Caller, taskId: string): Promise<object> {
  const task = taskOf(await gateway.jobStatus(caller, taskId));
  return task.status === 'completed' ? { ...task, result: await resultOf(gateway, caller, taskId) } : task;
}

/** What `job_result` would have answered. It says itself that it is complete: nothing else marks the kind of a nested result. */
async function resultOf(
  gateway: Gateway,
  caller: Caller,
  id: string,
): Promise<CallToolResult & { resultType: string }> {
  const result = await gateway
    .jobResult(caller, { id })
    .then((answer) => toolResult(queryAnswer(answer)))
    .catch((thrown: unknown) => errorResult(errorDataOf(thrown)));
  return { resultType: 'complete', ...result };
}
