const NARROWEST = 40;
/** Where nobody looks, nothing is cut to fit. */
export const ENDLESS = 1_000_000;

/** Characters that fit into a line of the terminal. */
export function terminalWidth(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(NARROWEST, stream.columns ?? 80) : ENDLESS;
}
