/** What the rooms log with: a message for people, and fields for programs. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Field names whose values are taken out wherever they stand, one level deep and two. */
const SECRET_FIELDS = [
  'password',
  'passcode',
  'token',
  'privateKey',
  'privateKeyPass',
  'authorization',
  'secret',
  'oauthClientSecret',
];

const SILENT: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * A logger that writes one JSON object a line to stderr (stdout belongs to results and to MCP) and never a secret.
 * The logging library is loaded only when there is something it could write.
 */
export async function createLogger(level: LogLevel, name: string): Promise<Logger> {
  if (level === 'silent') return SILENT;
  const { destination, pino, stdTimeFunctions } = await import('pino');
  const logger: Logger = pino(
    {
      name,
      level,
      timestamp: stdTimeFunctions.isoTime,
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '***' },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ fd: 2, sync: true }),
  );
  return logger;
}
