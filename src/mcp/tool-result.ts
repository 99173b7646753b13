import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ErrorData } from '../errors/snow-error.js';
import type { KnowledgeItem } from '../gateway/knowledge-item.js';
import { resultUri } from './result-uri.js';
import type { Task } from './task.js';

export type ToolAnswer =
  | {
      /** Structured content; the same object is given as text for clients that read only that. */
      readonly answer: object;
      /** Job whose result holds more than the answer does: linked as a resource. */
      readonly moreIn?: string;
      /** Told in a text of its own before the answer: what a reader has to know before it reads on. */
      readonly notice?: string;
    }
  /** The call went well but the job it asks about did not. */
  | { readonly error: JobError }
  /** The work goes on as a task of the tasks extension; only for callers that know it. */
  | { readonly task: Task };

/** Error of a job, with the job's id, so that it can be looked up. */
export type JobError = ErrorData & {
  readonly job_id?: string;
  /** What is known about the tables at hand, and what that is. */
  readonly knowledge?: readonly KnowledgeItem[];
  readonly knowledge_note?: string;
};

export function toolResult(tool: ToolAnswer): CallToolResult {
  if ('error' in tool) return errorResult(tool.error);
  // The SDK knows no such result; it lets one through where the tool has no output schema.
  if ('task' in tool) return { resultType: 'task', ...tool.task } as unknown as CallToolResult;
  const { answer, moreIn, notice } = tool;
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer) }];
  if (notice !== undefined) content.unshift({ type: 'text', text: notice });
  if (moreIn !== undefined) {
    content.push({
      type: 'resource_link',
      uri: resultUri(moreIn),
      name: `result of job ${moreIn}`,
      title: 'Whole stored result',
      mimeType: 'application/json',
    });
  }
  return { content, structuredContent: answer as Record<string, unknown> };
}

export function errorResult(error: JobError): CallToolResult {
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify(error) }],
    structuredContent: { ...error },
  };
}
