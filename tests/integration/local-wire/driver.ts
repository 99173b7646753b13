import type { Connection, ConnectionOptions, RowStatement, StatementOption } from 'snowflake-sdk';

process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE = '1';

/** The official driver, quiet and without a proxy. */
export async function loadDriver() {
  const { default: snowflake } = await import('snowflake-sdk');
  snowflake.configure({ logLevel: 'OFF', useEnvProxy: false } as never);
  return snowflake;
}

export async function connect(url: string, more: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const snowflake = await loadDriver();
  const connection = snowflake.createConnection({
    account: 'local',
    accessUrl: url,
    username: 'test',
    password: 'test',
    sfRetryMaxLoginRetries: 1,
    ...more,
  } as ConnectionOptions);
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

export interface DriverError extends Error {
  readonly code: string;
  readonly sqlState?: string;
  readonly data?: Record<string, unknown>;
}

/** Rows and statement of one execution; rejects with the driver's own error. */
export function run(
  connection: Connection,
  options: string | (Partial<StatementOption> & { sqlText: string } & Record<string, unknown>),
): Promise<{ statement: RowStatement; rows: Record<string, unknown>[] }> {
  return new Promise((resolve, reject) => {
    connection.execute({
      ...(typeof options === 'string' ? { sqlText: options } : options),
      complete: (error, statement, rows) =>
        error ? reject(error) : resolve({ statement: statement as RowStatement, rows: rows ?? [] }),
    } as StatementOption);
  });
}

export function destroy(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => connection.destroy((error) => (error ? reject(error) : resolve())));
}

export const failure = (promise: Promise<unknown>): Promise<DriverError> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: DriverError) => error,
  );

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
