/** A page on a terminal that is drawn anew in place: nothing scrolls, nothing flickers, and the screen comes back as it was. */
export class LivePage {
  readonly #stream: NodeJS.WriteStream;
  #open = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  draw(text: string): void {
    const start = this.#open ? '' : '\u001b[?1049h\u001b[?25l';
    this.#open = true;
    const rows = this.#stream.rows || 24;
    const lines = text.split('\n');
    const shown =
      lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more lines`];
    // Lines are written over and only their rest is wiped; long ones are cut by the terminal, not wrapped.
    const body = shown.map((line) => `${line}\u001b[K`).join('\n');
    this.#stream.write(`${start}\u001b[?7l\u001b[H${body}\u001b[J\u001b[?7h`);
  }

  close(): void {
    if (this.#open) this.#stream.write('\u001b[?25h\u001b[?1049l');
    this.#open = false;
  }
}
