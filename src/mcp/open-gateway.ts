import type { AuthInfo } from '@modelcontextprotocol/server';
import type { Caller, Gateway } from '../gateway/requests.js';

/**
 * Opens the store and what stands on it, and says who the caller is; `label` is made of what the client calls itself, `auth`
 * is what its token said (HTTP only). Asked with every call, so it has to keep what it has opened.
 */
export type OpenGateway = (
  label: string,
  auth?: AuthInfo,
) => Promise<{ readonly gateway: Gateway; readonly caller: Caller }>;
