import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';

/** A stretch of the line to the warehouse that can be disturbed and cut. Listens on a free port of the loopback address. */
export class Relay {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  /** Kept over a cut, so that whoever was connected finds it again. */
  #port = 0;
  #faultShare = 0;

  constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) };
  }

  get port(): number {
    return this.#port;
  }

  /** Of what clients send, this share (0 to 1) ends their connection instead of arriving. */
  disturb(share: number): void {
    this.#faultShare = share;
  }

  async open(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends every connection; new ones are refused until `open`. */
  async cut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = tcpConnect(this.#target);
    const ends = [client, server];
    for (const end of ends) {
      this.#sockets.add(end);
      end.setNoDelay(true);
      end.on('error', () => {});
      end.once('close', () => {
        this.#sockets.delete(end);
        for (const other of ends) other.destroy();
      });
    }
    client.on('data', (data) => {
      if (Math.random() < this.#faultShare) client.resetAndDestroy();
      else server.write(data);
    });
    server.on('data', (data) => client.write(data));
  }
}
