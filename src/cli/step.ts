/** Something that takes a while, as a person is shown it. */
export interface Step {
  update(text: string): void;
  /** It went well: the last line, which stays. */
  done(text: string): void;
  /** It is over, one way or the other; nothing stays of the spinner. */
  end(): void;
}

/** A spinner on stderr where that is a terminal with a width; elsewhere only the last line is printed, plain. */
export async function startStep(text: string, options: { readonly color: boolean }): Promise<Step> {
  if (process.stderr.isTTY !== true || !process.stderr.columns) {
    return { update: () => undefined, done: (last) => process.stderr.write(`${last}\n`), end: () => undefined };
  }
  const { default: ora } = await import('ora');
  const plain = !options.color || Boolean(process.env.NO_COLOR);
  const spinner = ora({ text, stream: process.stderr, discardStdin: false, ...(plain && { color: false }) }).start();
  return {
    update(next) {
      spinner.text = next;
    },
    done: (last) => void (plain ? spinner.stopAndPersist({ symbol: '✔', text: last }) : spinner.succeed(last)),
    end: () => void spinner.stop(),
  };
}
