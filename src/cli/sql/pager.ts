import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Long lines are moved through sideways, a text of one screen needs no key. */
const DEFAULT_PAGER = 'less -SFRX';

/**
 * Shows a text page by page, by `PAGER` or less(1), and resolves once the person has left it. Gives false where there is none: the caller
 * then prints the text.
 */
export async function pageThrough(text: string, environment: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const [program = '', ...options] = (environment.PAGER || DEFAULT_PAGER).split(/\s+/);
  const child = spawn(program, options, { stdio: ['pipe', 'inherit', 'inherit'] });
  // Left before the end, or never there: what was not read is nobody's loss.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  try {
    const [code] = await once(child, 'close');
    return code !== 127;
  } catch {
    return false;
  }
}
