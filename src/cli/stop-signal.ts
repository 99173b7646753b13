/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once, as a person expects who presses ^C twice. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = true;
    const onSignal = (signal: NodeJS.Signals) => {
      if (!first) process.exit(signal === 'SIGINT' ? 130 : 143);
      first = false;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** Resolves at a signal, too, but throws what makes it pointless to go on. */
export async function signalOrFailure<Signal>(stopped: Promise<Signal>, unusable: Promise<Error>): Promise<Signal> {
  return await Promise.race([
    stopped,
    unusable.then((failure) => {
      throw failure;
    }),
  ]);
}
