import type { Tool } from '../tool.js';
import { repoList } from './repo-list.js';
import { repoSearch } from './repo-search.js';
import { repoSync } from './repo-sync.js';

/** The toolset `code`, in the order in which it is listed. */
export const CODE_TOOLS: readonly Tool[] = [repoSync, repoList, repoSearch];
