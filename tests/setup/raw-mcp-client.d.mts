/** A client of `serve --http` over one socket, which calls tools one at a time. */
export class RawMcpClient {
  constructor(options: {
    readonly url: string;
    readonly name: string;
    readonly era: string;
    readonly token?: string | undefined;
  });
  /** Opens the connection, and in the legacy era the session. */
  open(): Promise<void>;
  /** The structured content of the answer. Rejects with the error it is answered with. */
  call(tool: string, args: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
  close(): void;
}
