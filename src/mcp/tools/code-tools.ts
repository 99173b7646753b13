import type { Tool } from '../tool.js';

/** The toolset `code`, in the order in which it is listed. */
export const CODE_TOOLS: readonly Tool[] = [];
