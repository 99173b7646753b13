import type { ChalkInstance } from 'chalk';

/** How a command talks to whoever started it: results on stdout, everything else on stderr. */
export interface Terminal {
  readonly json: boolean;
  /** Prints a command's result: the value itself with --json, else the text made for people. */
  result(value: unknown, text: (paint: ChalkInstance) => string): Promise<void>;
  /** A line about what goes on, never a result. */
  note(line: string): void;
}

/** Colours only where a person looks, and where neither --no-color nor NO_COLOR says otherwise. */
export async function paintFor(stream: NodeJS.WriteStream, color: boolean): Promise<ChalkInstance> {
  const { Chalk, supportsColor, supportsColorStderr } = await import('chalk');
  const support = stream === process.stderr ? supportsColorStderr : supportsColor;
  const wanted = color && !process.env.NO_COLOR && stream.isTTY === true;
  return new Chalk({ level: wanted && support ? support.level : 0 });
}

export function terminal(options: { readonly json: boolean; readonly color: boolean }): Terminal {
  return {
    json: options.json,
    async result(value, text) {
      const line = options.json ? JSON.stringify(value) : text(await paintFor(process.stdout, options.color));
      process.stdout.write(line.endsWith('\n') ? line : `${line}\n`);
    },
    note(line) {
      process.stderr.write(`${line}\n`);
    },
  };
}
