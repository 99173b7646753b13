import type { ToldProblem } from './rest-problem.js';
import type { RestAnswer } from './rest-route.js';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Timed out',
  413: 'Request too large',
  415: 'Unsupported media type',
  422: 'The statement failed',
  429: 'Too many at once',
  500: 'Internal error',
};

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457, with Snowflake's number and state. */
export function problemDetails(told: ToldProblem, queryId?: string): RestAnswer {
  const { status, code, sqlState, message, headers, line, position } = told;
  return {
    status,
    headers,
    contentType: PROBLEM_TYPE,
    body: {
      type: 'about:blank',
      title: TITLES[status] ?? 'The request failed',
      status,
      detail: message,
      success: false,
      code,
      sqlState,
      ...(queryId !== undefined && { query_id: queryId }),
      ...(line !== undefined && { line }),
      ...(position !== undefined && { position }),
    },
  };
}
