/** What `init` knows of the answers already. */
export interface SettingsFileValues {
  readonly db?: string;
  readonly connection?: string;
}

/** TOML's basic strings are JSON's, but for what JSON leaves unescaped. */
function toml(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

/** A line that is set when there is a value, and a comment that shows the default otherwise. */
function line(key: string, value: string | undefined, otherwise: string): string {
  return value === undefined ? `# ${key} = ${otherwise}` : `${key} = ${toml(value)}`;
}

/** The text of a new `mcp-snow.toml`: every setting a person is likely to touch, with its default. */
export function settingsFileText(values: SettingsFileValues): string {
  return `# Settings of mcp-snow. What is commented out shows the default.

# The database file where all processes meet.
${line('db', values.db, '"~/.local/share/mcp-snow/mcp-snow.db"')}

# A connection of Snowflake's connections.toml or config.toml; "local" is the built-in Snowflake.
${line('connection', values.connection, '"local"')}

# Statements that may run: "read", "dml", "ddl".
allow = ["read"]

[queue]
# Jobs that run, and that wait, at once; in all and per client.
# max_running = 20
# max_queued = 100
# max_running_per_client = 10
# max_queued_per_client = 100

[query]
# Seconds a call waits before it is answered a job id, and seconds a statement may run.
# wait_s = 45
# timeout_s = 300

[results]
# Rows in one answer, rows and megabytes kept of a result, and seconds they are kept.
# max_rows = 1000
# stored_rows = 100000
# stored_mb = 64
# ttl_s = 86400

[worker]
# concurrency = 4
`;
}
