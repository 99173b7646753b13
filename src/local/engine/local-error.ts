/** An error as Snowflake tells it. Nothing else may leave the engine: a DuckDB message is translated or wrapped first. */
export class LocalError extends Error {
  override readonly name = 'LocalError';
  /** Six digits: `'002003'`. */
  readonly number: string;
  /** Five characters: `'42S02'`. */
  readonly sqlState: string;
  /** 1-based line and 0-based position in the statement, for syntax errors and unknown names. */
  readonly line: number | undefined;
  readonly position: number | undefined;

  constructor(
    number: string,
    sqlState: string,
    message: string,
    at?: { readonly line: number; readonly position: number },
  ) {
    super(message);
    this.number = number;
    this.sqlState = sqlState;
    this.line = at?.line;
    this.position = at?.position;
  }
}
