/** What a model is told about the server as a whole. */
export const INSTRUCTIONS = `Snowflake for the whole team, through one fair queue.
Find your way with list_databases, list_schemas, list_tables and describe_table, then ask with query (one statement, Snowflake SQL).
query waits up to wait_s seconds; when the work takes longer you get a job_id: read on with job_result, look with job_status, stop with job_cancel. start_query does not wait at all.
Set database and schema once with set_session, or name objects in full (DATABASE.SCHEMA.TABLE).
Errors carry code, message and a hint; with retryAfterMs, wait that long before you try again. By default statements that change data are refused; server_status tells what is allowed.`;
