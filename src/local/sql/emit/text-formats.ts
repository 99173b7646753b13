import { type FormatElement, formatElements } from './moment-format.js';

/** How the session turns dates, times and bytes into text; undefined where it is Snowflake's default. */
export interface TextFormats {
  readonly DATE?: readonly FormatElement[];
  readonly TIME?: readonly FormatElement[];
  readonly TIMESTAMP_NTZ?: readonly FormatElement[];
  readonly TIMESTAMP_LTZ?: readonly FormatElement[];
  readonly TIMESTAMP_TZ?: readonly FormatElement[];
  readonly base64?: boolean;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  DATE: 'YYYY-MM-DD',
  TIME: 'HH24:MI:SS',
  TIMESTAMP_NTZ: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_LTZ: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TZ: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
};

/** Reads DATE_OUTPUT_FORMAT and its kin; TIMESTAMP_OUTPUT_FORMAT counts where a type has none of its own. */
function formatsOf(parameter: (name: string) => string): TextFormats {
  const formats: { -readonly [Name in keyof TextFormats]: TextFormats[Name] } = {};
  for (const type of ['DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ', 'TIMESTAMP_TZ'] as const) {
    const own = parameter(`${type}_OUTPUT_FORMAT`);
    const format = own === '' && type.startsWith('TIMESTAMP') ? parameter('TIMESTAMP_OUTPUT_FORMAT') : own;
    if (format !== '' && format.toUpperCase() !== 'AUTO' && format.toUpperCase() !== DEFAULTS[type])
      formats[type] = formatElements(format);
  }
  if (parameter('BINARY_OUTPUT_FORMAT').toUpperCase() === 'BASE64') formats.base64 = true;
  return formats;
}

let current: TextFormats = {};

/** The formats of the session for which a statement is being translated. */
export function textFormats(): TextFormats {
  return current;
}

/**
 * Translates with a session's formats. They are asked for deep inside, where values become text, by rules that know nothing of a
 * session; translation is synchronous, so that no other session's come in between.
 */
export function withTextFormats<T>(parameter: (name: string) => string, work: () => T): T {
  const before = current;
  current = formatsOf(parameter);
  try {
    return work();
  } finally {
    current = before;
  }
}
