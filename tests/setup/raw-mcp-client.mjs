// A client of `serve --http` that costs next to nothing: one kept-alive socket, requests written as text, answers searched for
// their last message. It takes what this server sends, not everything that HTTP allows.
import { connect } from 'node:net';

const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const LAST_CHUNK = '0\r\n\r\n';

export class RawMcpClient {
  #host;
  #port;
  #path;
  #socket;
  #pending;
  #received = '';
  #lastId = 0;
  #auth;
  #session = '';

  /** @param era `modern` or `legacy` */
  constructor({ url, name, era, token }) {
    const { hostname, port, pathname } = new URL(url);
    this.name = name;
    this.era = era;
    this.#host = hostname;
    this.#port = Number(port);
    this.#path = pathname;
    this.#auth = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  }

  /** Opens the connection, and in the legacy era the session. */
  async open() {
    await new Promise((resolve, reject) => {
      this.#socket = connect({ host: this.#host, port: this.#port, noDelay: true }, resolve);
      this.#socket.setEncoding('latin1');
      this.#socket.on('data', (text) => this.#receive(text));
      this.#socket.on('error', (error) => {
        reject(error);
        this.#fail(error);
      });
      this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
    });
    if (this.era === 'modern') return;
    const params = { protocolVersion: LEGACY, capabilities: {}, clientInfo: { name: this.name, version: '1' } };
    const { headers } = await this.#post({ id: 0, method: 'initialize', params }, '');
    const session = /^mcp-session-id: *(\S+)/im.exec(headers)?.[1];
    if (session === undefined) throw new Error(`no session: ${headers}`);
    this.#session = `Mcp-Session-Id: ${session}\r\nMCP-Protocol-Version: ${LEGACY}\r\n`;
    await this.#post({ method: 'notifications/initialized' }, this.#session);
  }

  /** The structured content of a tool call's answer. Throws the error it is answered with. */
  async call(tool, args) {
    this.#lastId += 1;
    const params = { name: tool, arguments: args };
    let headers = this.#session;
    if (this.era === 'modern') {
      params._meta = {
        'io.modelcontextprotocol/protocolVersion': MODERN,
        'io.modelcontextprotocol/clientCapabilities': {},
        'io.modelcontextprotocol/clientInfo': { name: this.name, version: '1' },
      };
      headers = `MCP-Protocol-Version: ${MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: ${tool}\r\n`;
    }
    const { body } = await this.#post({ id: this.#lastId, method: 'tools/call', params }, headers);
    const message = JSON.parse(lastMessage(body));
    if (message.id !== this.#lastId) throw new Error(`the answer is to ${message.id}, asked was ${this.#lastId}`);
    if (message.error ?? message.result?.isError)
      throw new Error(JSON.stringify(message.error ?? message.result.structuredContent));
    return message.result.structuredContent;
  }

  close() {
    this.#socket?.destroy();
  }

  #post(message, headers) {
    if (this.#socket.destroyed) return Promise.reject(new Error('the connection is closed'));
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    const answer = new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
    this.#socket.write(
      `POST ${this.#path} HTTP/1.1\r\nHost: ${this.#host}:${this.#port}\r\nContent-Type: application/json\r\n` +
        `Accept: application/json, text/event-stream\r\n${this.#auth}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    return answer;
  }

  #receive(text) {
    this.#received += text;
    const headersEnd = this.#received.indexOf('\r\n\r\n');
    if (headersEnd < 0) return;
    const headers = this.#received.slice(0, headersEnd);
    const length = /^content-length: *(\d+)/im.exec(headers)?.[1];
    const chunked = /^transfer-encoding: *chunked/im.test(headers);
    const body = this.#received.slice(headersEnd + 4);
    const whole = chunked ? body.endsWith(LAST_CHUNK) : body.length >= Number(length ?? 0);
    if (!whole) return;
    this.#received = '';
    const { resolve, reject } = this.#pending ?? {};
    this.#pending = undefined;
    const status = Number(headers.slice(9, 12));
    if (status >= 300) reject?.(new Error(`${status}: ${body.slice(0, 500)}`));
    else resolve?.({ headers, body });
  }

  #fail(error) {
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}

/** Of an event stream the last event, which is the answer; of anything else the object. */
function lastMessage(body) {
  const event = body.lastIndexOf('data: {');
  if (event < 0) return body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1);
  return body.slice(event + 'data: '.length, body.indexOf('\n', event));
}
