/** Address of a job's result as an MCP resource. */
export const RESULT_URI_TEMPLATE = 'snow://jobs/{id}/result';

export function resultUri(jobId: string): string {
  return `snow://jobs/${jobId}/result`;
}
