import {
  type McpServer,
  type ProtocolError,
  type ReadResourceResult,
  ResourceNotFoundError,
  ResourceTemplate,
  requireScopes,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { type ErrorData, errorDataOf } from '../errors/snow-error.js';
import type { Caller, Gateway, QueryAnswer } from '../gateway/requests.js';
import { FINAL_STATES } from '../store/job.js';
import { protocolError } from './protocol-error.js';
import { RESULT_URI_TEMPLATE, resultUri } from './result-uri.js';
import type { OpenCall } from './tool.js';

/** Rows asked for at a time while a result is put together. */
const PAGE_ROWS = 5_000;
/** A resource is one message: from this many characters of rows on it ends with a cursor for job_result. */
const MAX_CHARS = 8 * 1024 * 1024;
/** Results in one page of `resources/list`. */
const LISTED = 50;

/** The stored result of a job, whole or up to `MAX_CHARS`, in the shape of `job_result`. */
async function readResult(gateway: Gateway, caller: Caller, id: string): Promise<QueryAnswer> {
  let page = await gateway.jobResult(caller, { id, maxRows: PAGE_ROWS });
  const rows = [...page.rows];
  let chars = JSON.stringify(page.rows).length;
  while (page.next_cursor !== undefined && chars < MAX_CHARS) {
    page = await gateway.jobResult(caller, { id, cursor: page.next_cursor, maxRows: PAGE_ROWS });
    rows.push(...page.rows);
    chars += JSON.stringify(page.rows).length;
  }
  return { ...page, rows };
}

function readError(uri: string, error: ErrorData): ProtocolError {
  return error.code === 'NOT_FOUND' ? new ResourceNotFoundError(uri) : protocolError(error);
}

/** Results as resources: one template to read them, and a paginated list of those the caller has. */
export function registerResults(server: McpServer, open: OpenCall): void {
  server.registerResource(
    'job-result',
    new ResourceTemplate(RESULT_URI_TEMPLATE, { list: undefined }),
    {
      title: 'Result of a job',
      description: 'The whole stored result of a job that succeeded, in the shape of job_result.',
      mimeType: 'application/json',
      cacheHint: { ttlMs: 60_000, cacheScope: 'private' },
      scopeChallenge: requireScopes('jobs'),
    },
    async (uri: URL, { id }, context: ServerContext): Promise<ReadResourceResult> => {
      const { gateway, caller } = await open(context);
      const answer = await readResult(gateway, caller, String(id)).catch((thrown: unknown) => {
        throw readError(uri.href, errorDataOf(thrown));
      });
      if (answer.error !== undefined) throw readError(uri.href, answer.error);
      if (!FINAL_STATES.has(answer.state)) {
        throw readError(uri.href, {
          code: 'INVALID_ARGUMENT',
          message: `Job ${answer.job_id} has no result yet: it is ${answer.state}.`,
          hint: 'Wait for it with job_result and wait_s.',
        });
      }
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(answer) }] };
    },
  );

  // The server of the SDK lists everything in one answer; jobs are many.
  server.server.setRequestHandler('resources/list', async (request, context) => {
    try {
      const { gateway, caller } = await open(context);
      const page = await gateway.listJobs(caller, {
        states: ['succeeded'],
        limit: LISTED,
        cursor: request.params?.cursor,
      });
      return {
        resources: page.jobs.map((job) => ({
          uri: resultUri(job.job_id),
          name: job.job_id,
          title: job.statement ?? `${job.kind} of ${job.created_at}`,
          mimeType: 'application/json',
        })),
        ...(page.next_cursor !== undefined && { nextCursor: page.next_cursor }),
      };
    } catch (thrown) {
      throw protocolError(errorDataOf(thrown));
    }
  });
}
