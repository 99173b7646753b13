import { randomUUID } from 'node:crypto';
import { SnowError } from '../../errors/snow-error.js';
import type { WarehouseContext } from '../../store/job.js';
import type { StatementRequest, StatementResult, WarehouseConnection } from '../connection.js';
import type { ConnectionProfile } from '../profile.js';
import { SessionLost } from '../session-lost.js';
import { PINNED_PARAMETERS } from '../statement-kind.js';
import {
  type ExactContext,
  exactContext,
  parameterStatements,
  targetContext,
  useStatements,
  writtenContext,
} from './context.js';
import { type Driver, type DriverConnection, type DriverError, loadDriver } from './driver.js';
import { connectionError, loginError, secretsOf } from './errors.js';
import { Link } from './link.js';
import { isLoopback, proxyOptions } from './proxy.js';
import { runStatement, type Session } from './statement-run.js';

export interface OpenOptions {
  /** How long a login may take, in ms; a login through the browser waits for a person (30 s, browser 180 s). */
  readonly loginTimeoutMs?: number;
}

const LOGIN_MS = 30_000;
const BROWSER_LOGIN_MS = 180_000;
/** Share of that time after which a login without an answer is sent again. */
const REPEAT_LOGIN_AFTER = 1 / 3;
const LOGOUT_MS = 2_000;
const FIRST_STATEMENT_MS = 30_000;

/**
 * Logs in and gives a connection of its own session. Throws `CONNECTION_FAILED` when the warehouse cannot be reached
 * or does not accept the login (then it is a `LoginRefused`), `INVALID_ARGUMENT` when the profile cannot be used at all.
 */
export async function openConnection(
  profile: ConnectionProfile,
  options: OpenOptions = {},
): Promise<WarehouseConnection> {
  const driver = await loadDriver();
  const connection = new SnowflakeConnection(driver, profile, options.loginTimeoutMs ?? loginTimeout(profile));
  await connection.open();
  return connection;
}

class SnowflakeConnection implements WarehouseConnection {
  readonly profile: string;
  readonly #driver: Driver;
  readonly #options: ConnectionProfile['options'];
  readonly #loginTimeoutMs: number;
  #session: Session | undefined;
  #lost = false;
  #defaults: ExactContext = {};
  #current: ExactContext = {};
  #parameters: Readonly<Record<string, string>> = {};

  constructor(driver: Driver, profile: ConnectionProfile, loginTimeoutMs: number) {
    this.profile = profile.name;
    this.#driver = driver;
    this.#options = profile.options;
    this.#loginTimeoutMs = loginTimeoutMs;
  }

  get alive(): boolean {
    const session = this.#session;
    return session !== undefined && !this.#lost && !session.link.severed && session.driver.isUp();
  }

  async open(): Promise<void> {
    const session = this.#prepare();
    // The driver may send it over a socket that rested and is dead by now; repeated, it goes over a new one.
    const repeat = (): void => (session.onLoopback ? undefined : session.link.breakOff());
    const silent = setTimeout(repeat, this.#loginTimeoutMs * REPEAT_LOGIN_AFTER);
    await within(this.#loginTimeoutMs, session.link, (done) => session.driver.connect(done))
      .catch((error: DriverError) => {
        session.link.sever();
        throw loginError(error, session.secrets);
      })
      .finally(() => clearTimeout(silent));
    this.#session = session;
    this.#lost = false;
    this.#parameters = {};
    // The login's answer stays inside the driver; any statement's answer names the session's context.
    this.#current = {};
    await this.#control('SELECT 1', FIRST_STATEMENT_MS);
    this.#defaults = this.#current;
  }

  async execute(request: StatementRequest): Promise<StatementResult> {
    const result = await runStatement(this.#live(), request);
    if (result.context !== undefined) this.#current = result.context;
    this.#parameters = changed(this.#parameters, request.sessionParameters);
    return { ...result, context: writtenContext(this.#current) };
  }

  async ping(timeoutMs: number): Promise<void> {
    const session = this.#live();
    await within(timeoutMs, session.link, (done) => session.driver.heartbeat(done)).catch((error: DriverError) => {
      this.#lost = true;
      // Its sockets may be dead in silence, and the driver would use them again.
      session.link.sever();
      throw connectionError(error, session.secrets);
    });
  }

  async applyContext(
    context: WarehouseContext,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal; readonly keepSession?: boolean },
  ): Promise<void> {
    this.#live();
    const asked = exactContext(context);
    let statements = useStatements(this.#current, targetContext(asked, this.#defaults), asked);
    if (statements === undefined) {
      if (options.keepSession === true) throw cannotLeave();
      await this.close();
      await this.open();
      statements = useStatements(this.#current, targetContext(asked, this.#defaults), asked) ?? [];
    }
    const parameters = checkedParameters(context.parameters ?? {});
    for (const sql of [...statements, ...parameterStatements(this.#parameters, parameters)])
      await this.#control(sql, options.timeoutMs, options.signal);
    this.#parameters = parameters;
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined || session.link.severed) return;
    // Logging out is a courtesy to the server; its answer changes nothing here.
    await within(LOGOUT_MS, session.link, (done) => session.driver.destroy(done)).catch(() => {});
    session.link.sever();
  }

  /** A statement of our own, about the session and not for a job. */
  async #control(sql: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    await this.execute({
      sql,
      requestId: randomUUID(),
      queryTag: '{"app":"mcp-snow"}',
      maxRows: 0,
      maxBytes: 0,
      timeoutMs,
      stallMs: timeoutMs,
      onRows: async () => {},
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #live(): Session {
    if (this.#session !== undefined && this.alive) return this.#session;
    throw new SessionLost({
      code: 'CONNECTION_FAILED',
      message: `The connection "${this.profile}" was lost.`,
      hint: 'Send the statement again; a new connection is made for it.',
    });
  }

  #prepare(): Session {
    const secrets = secretsOf(this.#options);
    return {
      driver: create(this.#driver, this.profile, driverOptions(this.#options)),
      link: new Link(),
      secrets,
      onLoopback: isLocalUrl(this.#options.accessUrl),
      onLost: () => {
        this.#lost = true;
      },
    };
  }
}

function create(driver: Driver, profile: string, options: Readonly<Record<string, unknown>>): DriverConnection {
  try {
    return driver.createConnection(options);
  } catch (error) {
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `The connection "${profile}" cannot be used: ${error instanceof Error ? error.message : 'its options are not valid'}`,
      hint: 'Correct it in connections.toml, config.toml or the SNOWFLAKE_* variables, then run: mcp-snow doctor',
    });
  }
}

function driverOptions(options: ConnectionProfile['options']): Readonly<Record<string, unknown>> {
  // A tag of the connection would overwrite the tag of every statement.
  const { queryTag: _, ...own } = options;
  return {
    application: 'mcp-snow',
    // The driver's own repetition of a failed login is bounded; ours is decided above, with back-off.
    sfRetryMaxLoginRetries: isLocalUrl(options.accessUrl) ? 0 : 2,
    rowStreamHighWaterMark: 1000,
    // Above this many cells the driver would upload binds through a stage of the session's schema.
    arrayBindingThreshold: 1_000_000_000,
    ...proxyOptions(options),
    ...own,
  };
}

function isLocalUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && isLoopback(new URL(url).hostname);
}

function loginTimeout(profile: ConnectionProfile): number {
  const authenticator = String(profile.options.authenticator ?? '').toUpperCase();
  return ['EXTERNALBROWSER', 'OAUTH_AUTHORIZATION_CODE'].includes(authenticator) ? BROWSER_LOGIN_MS : LOGIN_MS;
}

/** Runs a callback operation of the driver under our own time limit. */
function within(
  ms: number,
  link: Link,
  start: (done: (error: DriverError | undefined) => void) => unknown,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(Object.assign(new Error(`no answer within ${Math.round(ms / 100) / 10} s`), { name: 'NetworkError' })),
      ms,
    );
    link.run(() =>
      start((error) => {
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      }),
    );
  });
}

function changed(
  parameters: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>> | undefined,
): Readonly<Record<string, string>> {
  if (change === undefined) return parameters;
  const merged = Object.entries({ ...parameters, ...change });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

function cannotLeave(): SnowError {
  return new SnowError({
    code: 'INVALID_ARGUMENT',
    message: 'A pinned session cannot go back to having no database, schema, warehouse or role.',
    hint: 'Set another one with set_session, or unpin the session.',
  });
}

function checkedParameters(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(parameters).map(([name, value]) => [name.toUpperCase(), value] as const);
  const bad = entries.find(([name]) => !/^[A-Z_][A-Z0-9_]*$/.test(name) || PINNED_PARAMETERS.has(name));
  if (bad !== undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `"${bad[0]}" is not the name of a session parameter that can be set here.`,
      hint: 'Names of session parameters consist of letters, digits and underscores, for example TIMEZONE.',
    });
  return Object.fromEntries(entries);
}
