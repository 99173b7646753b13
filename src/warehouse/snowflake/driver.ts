import type { Readable } from 'node:stream';

/**
 * The part of snowflake-sdk that the adapter uses, and its one-time set-up. The driver is loaded on first use: it
 * takes a good part of a second.
 */

export interface DriverError extends Error {
  readonly code?: number | string;
  readonly sqlState?: string;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly response?: { readonly statusCode?: number };
  readonly cause?: unknown;
}

export interface DriverColumn {
  getName(): string;
  isNullable(): boolean;
  getType(): string;
  getScale(): number | null;
  getPrecision(): number | null;
  /** Converts one cell; not in the driver's typings, see `rawCells`. */
  _getRowValue(row: DriverRow): unknown;
}

/** A row before conversion: `values` are the cells as the server sent them. */
export interface DriverRow {
  readonly values: readonly unknown[];
  readonly _arrayProcessedColumns: unknown[];
}

export interface DriverStatement {
  getQueryId(): string | undefined;
  getColumns(): readonly DriverColumn[] | undefined;
  getNumRows(): number | undefined;
  getNumUpdatedRows(): number | undefined;
  getSessionState():
    | {
        getCurrentRole(): string | undefined;
        getCurrentWarehouse(): string | undefined;
        getCurrentDatabase(): string | undefined;
        getCurrentSchema(): string | undefined;
      }
    | undefined;
  streamRows(options: { readonly start: number; readonly end: number }): Readable;
  cancel(callback: (error: DriverError | undefined) => void): void;
}

export interface DriverConnection {
  connect(callback: (error: DriverError | undefined) => void): unknown;
  execute(options: {
    readonly sqlText: string;
    readonly binds?: readonly unknown[];
    readonly requestId: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly streamResult: true;
    readonly rowMode: 'array';
    readonly complete: (error: DriverError | undefined, statement: DriverStatement) => void;
  }): DriverStatement;
  heartbeat(callback: (error: DriverError | undefined) => void): void;
  isUp(): boolean;
  destroy(callback: (error: DriverError | undefined) => void): void;
}

export interface Driver {
  createConnection(options: Readonly<Record<string, unknown>>): DriverConnection;
  configure(options: Readonly<Record<string, unknown>>): void;
}

let loading: Promise<Driver> | undefined;

/** The driver, loaded and configured once per process. */
export function loadDriver(): Promise<Driver> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Driver> {
  // Read by the driver and by the AWS SDK while they load: no probing of cloud metadata services, no telemetry of
  // how connections are written, no warning about the Node version on a user's terminal.
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true';
  process.env.SF_TELEMETRY_DISABLE_CONNECTION_SHAPE ??= '1';
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const { default: driver } = (await import('snowflake-sdk')) as unknown as { default: Driver };
  // Without a level the driver writes snowflake.log into the working directory. The proxy variables are read by this
  // adapter for each connection instead: the driver's switch is global and would send loopback traffic to the proxy.
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false, useEnvProxy: false });
  keepStrayRejectionsFromCrashing();
  return driver;
}

/**
 * A promise that the driver dropped must not end the process with everyone's jobs in it. Anyone else's unhandled
 * rejection still does what it always did.
 */
function keepStrayRejectionsFromCrashing(): void {
  process.on('unhandledRejection', (reason) => {
    const fromDriver = reason instanceof Error && /[\\/]node_modules[\\/]snowflake-sdk[\\/]/.test(reason.stack ?? '');
    if (!fromDriver && process.listenerCount('unhandledRejection') === 1) throw reason;
  });
}
