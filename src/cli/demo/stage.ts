/** What a show of several processes has started and has to end, last first. */
export class Stage {
  readonly #endings: (() => Promise<unknown>)[] = [];
  #ended: Promise<void> | undefined;

  atEnd(ending: () => Promise<unknown>): void {
    this.#endings.unshift(ending);
  }

  async end(): Promise<void> {
    this.#ended ??= (async () => {
      for (const ending of this.#endings) await ending().catch(() => undefined);
    })();
    await this.#ended;
  }
}
