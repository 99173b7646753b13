import { createInterface, type Interface } from 'node:readline';
import { historyPath, readHistory, writeHistory } from './history-file.js';
import { NameCompleter } from './name-completer.js';
import type { Shell } from './shell.js';
import { type Opening, StatementReader } from './statement-reader.js';

const GREETING = 'Statements end with ; — !help lists what else there is.';
const CONTINUED: Readonly<Record<Opening, string>> = { string: "'", name: '"', comment: '*', dollar: '$', block: '-' };

/**
 * The prompt: reads statements over several lines, with history and completion, until ^D or `!exit`. ^C cancels the statement
 * that runs, else it throws away what was typed.
 */
export async function runPrompt(shell: Shell): Promise<void> {
  const path = historyPath();
  const completer = new NameCompleter(shell.session);
  const reader = new StatementReader();
  const typed = new TypedLines();
  const begun: Begun = { lines: [], prompt: '> ' };
  let history: string[] = readHistory(path);
  const line: Interface = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: [...history],
    historySize: 1_000,
    removeHistoryDuplicates: true,
    completer: (text: string, answer: (error: null, found: [string[], string]) => void) =>
      void completer.complete(text, [...begun.lines, line.line].join('\n')).then((found) => answer(null, found)),
  });
  line.on('history', (lines: string[]) => {
    history = lines;
  });
  line.on('line', (text) => typed.push(text));
  line.on('close', () => {
    shell.interrupt();
    typed.end();
  });
  line.on('SIGINT', () => {
    if (shell.interrupt()) return;
    const lost = !reader.empty || line.line !== '';
    reader.clear();
    begun.lines = [];
    line.setPrompt(begun.prompt);
    line.write(null, { ctrl: true, name: 'e' });
    line.write(null, { ctrl: true, name: 'u' });
    process.stdout.write(lost ? '^C\n' : '^C (!exit or ^D leaves)\n');
    line.prompt();
  });
  process.stdout.write(`${shell.session.where}\n${GREETING}\n`);
  try {
    await ask({ line, shell, reader, typed, completer, begun, history: () => history });
  } finally {
    line.close();
    writeHistory(path, history);
  }
}

/** The statement that has begun. */
interface Begun {
  lines: string[];
  /** What is shown before a new one. */
  prompt: string;
}

interface Asked {
  readonly line: Interface;
  readonly shell: Shell;
  readonly reader: StatementReader;
  readonly typed: TypedLines;
  readonly completer: NameCompleter;
  readonly begun: Begun;
  readonly history: () => string[];
}

async function ask({ line, shell, reader, typed, completer, begun, history }: Asked): Promise<void> {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  for (;;) {
    if (reader.empty) {
      begun.lines = [];
      begun.prompt = await promptText(shell);
    }
    line.setPrompt(reader.empty ? begun.prompt : `${CONTINUED[reader.open ?? 'block']}> `.padStart(6));
    line.prompt();
    const text = await typed.next();
    if (text === undefined) {
      process.stdout.write('\n');
      return;
    }
    try {
      if (reader.empty && text.trimStart().startsWith('!')) {
        reader.clear();
        if (await shell.command(text.trim())) return;
        continue;
      }
      begun.lines.push(text);
      const statements = reader.push(`${text}\n`);
      if (statements.length > 0) {
        joinInHistory(history(), begun.lines);
        begun.lines = [];
      }
      for (const statement of statements) await shell.run(statement);
      if (statements.length > 0) completer.forget();
    } catch (thrown) {
      shell.printError(thrown, print);
    }
  }
}

async function promptText(shell: Shell): Promise<string> {
  const { database, schema } = await shell.session.context().catch(() => ({ database: undefined, schema: undefined }));
  const place = [database, schema].filter((name) => name !== undefined).join('.');
  return `${place}> `;
}

/** One entry for a statement of several lines: a person wants all of it back. */
function joinInHistory(history: string[], pieces: readonly string[]): void {
  if (pieces.length < 2) return;
  const lines = pieces.filter((piece) => piece.trim() !== '');
  const own = lines.every((piece, at) => history[lines.length - 1 - at] === piece);
  if (own) history.splice(0, lines.length, lines.map((piece) => piece.trim()).join(' '));
}

/** Lines in the order they were typed, also those that come while a statement runs. */
class TypedLines {
  readonly #lines: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;

  push(line: string): void {
    if (this.#waiting === undefined) this.#lines.push(line);
    else this.#waiting(line);
    this.#waiting = undefined;
  }

  end(): void {
    this.#ended = true;
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  /** The next line, or `undefined` after the last. */
  next(): Promise<string | undefined> {
    if (this.#lines.length > 0) return Promise.resolve(this.#lines.shift());
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
