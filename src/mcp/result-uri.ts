/** Address of a job's result as an MCP resource. */
export const RESULT_URI_TEMPLATE = 'snow://jobs/{id}/result';

const RESULT_URI = /^snow:\/\/jobs\/([^/,]+)\/result$/;

export function resultUri(jobId: string): string {
  return `snow://jobs/${jobId}/result`;
}

/** The job whose result lies at an address; `undefined` for any other address. */
export function jobOfResult(uri: string): string | undefined {
  return RESULT_URI.exec(uri)?.[1];
}
