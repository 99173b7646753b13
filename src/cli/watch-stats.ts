import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from '../store/store.js';
import type { GlobalOptions } from './global-options.js';
import { LivePage } from './live-page.js';
import { stopSignal } from './stop-signal.js';
import { paintFor } from './terminal.js';

export interface Watched<Value> {
  readonly read: () => Promise<Value>;
  /** For a terminal. */
  readonly page: (value: Value, paint: Awaited<ReturnType<typeof paintFor>>) => string;
  /** For anything else: one line of text, or of JSON. */
  readonly line: (value: Value) => string;
}

/** Shortest time between two pictures in ms; changes in between are seen in the next. */
const CALM_MS = 500;

/** Longest time between two pictures in ms: ages grow also where nothing happens. */
const EVERY_MS = 2_000;

/**
 * Shows a value until ^C: as a page in place on a terminal; elsewhere, and with --json, as a line whenever it has changed.
 */
export async function watch<Value>(
  store: Pick<Store, 'onChange'>,
  options: GlobalOptions,
  watched: Watched<Value>,
): Promise<void> {
  const { stdout } = process;
  const live = stdout.isTTY === true && options.json !== true ? new LivePage(stdout) : undefined;
  const paint = await paintFor(stdout, options.color);
  const stop = new AbortController();
  let changed: (() => void) | undefined;
  let last: string | undefined;
  const stopListening = store.onChange(() => changed?.());
  void stopSignal().then(() => stop.abort());
  const pause = (ms: number): Promise<void> => delay(ms, undefined, { signal: stop.signal }).catch(() => undefined);

  const show = async (): Promise<void> => {
    const value = await watched.read();
    if (live !== undefined) {
      live.draw(watched.page(value, paint));
      return;
    }
    const line = watched.line(value);
    if (line !== last) stdout.write(`${line}\n`);
    last = line;
  };
  try {
    while (!stop.signal.aborted) {
      const change = new Promise<void>((resolve) => {
        changed = resolve;
      });
      await show();
      await pause(CALM_MS);
      await Promise.race([change, pause(EVERY_MS - CALM_MS)]);
    }
  } finally {
    stopListening();
    live?.close();
  }
}
