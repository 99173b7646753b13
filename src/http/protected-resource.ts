import { SCOPES } from '../store/client-store.js';

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Where the metadata of the resource lies (RFC 9728, section 3.1). */
export function metadataUrl(resource: URL): string {
  return new URL(`${METADATA_PATH}${resource.pathname}`, resource).href;
}

/**
 * Protected-resource metadata (RFC 9728). It names no authorization server: tokens are given out by whoever runs this one,
 * with `mcp-snow client token`.
 */
export function resourceMetadata(resource: URL): object {
  return {
    resource: resource.href,
    resource_name: 'mcp-snow',
    bearer_methods_supported: ['header'],
    scopes_supported: SCOPES,
  };
}
