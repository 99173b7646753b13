/** Streams that clients keep open to be told of changes: none of them may have all there are. */
export class StreamSlots {
  readonly #mostPerOwner: number;
  readonly #taken = new Map<string, number>();

  constructor(mostPerOwner: number) {
    this.#mostPerOwner = mostPerOwner;
  }

  /** Gives the slot back when it is called; `undefined` when the owner has as many as it may. */
  take(owner: string): (() => void) | undefined {
    const taken = this.#taken.get(owner) ?? 0;
    if (taken >= this.#mostPerOwner) return undefined;
    this.#taken.set(owner, taken + 1);
    return () => {
      const left = (this.#taken.get(owner) ?? 1) - 1;
      if (left === 0) this.#taken.delete(owner);
      else this.#taken.set(owner, left);
    };
  }
}
