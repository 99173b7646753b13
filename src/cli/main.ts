import { CommanderError } from 'commander';
import { EXIT } from './exit-code.js';
import { buildProgram } from './program.js';
import { reportError } from './report-error.js';

/** Node prints warnings of libraries to the user's terminal; they are for us, and NODE_OPTIONS=--trace-warnings shows them. */
function keepWarningsOff(): void {
  if (
    process.execArgv.some((argument) => argument.includes('warnings')) ||
    process.env.NODE_OPTIONS?.includes('warnings')
  )
    return;
  process.removeAllListeners('warning');
}

async function main(): Promise<void> {
  keepWarningsOff();
  const report = (thrown: unknown) => reportError(thrown, { json: process.argv.includes('--json') });
  process.on('uncaughtException', (thrown) => process.exit(report(thrown)));
  // A reader that goes away (`mcp-snow jobs list | head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await buildProgram().parseAsync(process.argv);
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return;
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') {
      process.exitCode = EXIT.usage;
      return;
    }
    process.exitCode = report(thrown);
  }
}

await main();
