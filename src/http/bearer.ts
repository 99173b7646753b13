import type { AuthInfo } from '@modelcontextprotocol/server';
import { type JsonAnswer, jsonRpcRefusal } from './json-answer.js';
import type { TokenGate } from './token-gate.js';

/** The caller's token, checked; `auth` is absent for a caller without one where none is required. */
export type Identification =
  | { readonly auth?: AuthInfo }
  /** `reason` and `client` are for the audit: the answer tells neither. */
  | { readonly refusal: JsonAnswer; readonly reason: string; readonly client?: string };

const SCHEME = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * Checks the `Authorization` header (RFC 6750). A token that is no good is refused also where none would be needed: whoever
 * sends one wants to be known.
 *
 * @param metadataUrl where the protected-resource metadata lies (RFC 9728), told with every refusal
 */
export async function identify(
  authorization: string | undefined,
  gate: TokenGate,
  metadataUrl: string,
): Promise<Identification> {
  if (authorization === undefined) {
    if (!(await gate.required())) return {};
    return { refusal: challenge('This server asks for a bearer token.', metadataUrl), reason: 'no token' };
  }
  const token = SCHEME.exec(authorization)?.[1];
  const verified = token === undefined ? ({ refused: 'malformed' } as const) : await gate.verify(token);
  if ('refused' in verified) {
    const refusal = challenge('The bearer token is unknown, expired or revoked.', metadataUrl, 'invalid_token');
    const client = 'client' in verified ? verified.client : undefined;
    return { refusal, reason: `${verified.refused} token`, ...(client === undefined ? {} : { client }) };
  }
  const { client, scopes, expiresAt, tokenId } = verified;
  return {
    auth: {
      // Only its public part: what is handed on may end in a log.
      token: tokenId,
      clientId: client,
      scopes: [...scopes],
      resourceMetadataUrl: metadataUrl,
      ...(expiresAt === undefined ? {} : { expiresAt: Math.floor(expiresAt / 1000) }),
    },
  };
}

function challenge(message: string, metadataUrl: string, error?: 'invalid_token'): JsonAnswer {
  const parts = [
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${message}"`]),
    `resource_metadata="${metadataUrl}"`,
  ];
  return jsonRpcRefusal(401, -32_001, `${message} Ask whoever runs it for one (mcp-snow client token NAME).`, {
    'www-authenticate': `Bearer ${parts.join(', ')}`,
  });
}
