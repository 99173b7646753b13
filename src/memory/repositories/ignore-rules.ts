import ignore, { type Ignore } from 'ignore';

/**
 * Never indexed, whatever the repository says: what tools and packages put there, what machines write for machines, and what
 * is likely to hold credentials. A repository's own rules cannot bring these back.
 */
const BUILT_IN = `
.git
.hg
.svn
.jj
node_modules
bower_components
.venv
venv
__pycache__
.tox
.nox
.mypy_cache
.pytest_cache
.ruff_cache
.ipynb_checkpoints
.gradle
.idea
.vs
.terraform
.next
.nuxt
.cache
.DS_Store
dbt_packages
dbt_modules
*.min.js
*.min.css
*.map
*.lock
package-lock.json
pnpm-lock.yaml
go.sum
.env
.env.*
!.env.example
!.env.sample
!.env.template
.envrc
.netrc
.pgpass
.npmrc
.pypirc
*.pem
*.p8
*.p12
*.pfx
*.key
*.keystore
*.jks
*.ppk
id_rsa
id_dsa
id_ecdsa
id_ed25519
.ssh
.aws
.gnupg
.snowflake
.snowsql
connections.toml
profiles.yml
profiles.yaml
credentials.json
service_account*.json
`;

/** A pattern with more wildcards than this in one part of its path takes too long to match to be worth it. */
const MOST_WILDCARDS = 4;

/** Rules of one file count for the folder it lies in and below. */
interface Rules {
  /** With a slash at its end; empty for the repository itself. */
  readonly base: string;
  readonly rules: Ignore;
}

/** Which paths are left out: the rules of a folder and of all folders above it. The deepest that has a say decides, as for git. */
export class IgnoreRules {
  readonly #levels: readonly Rules[];

  constructor(levels: readonly Rules[] = []) {
    this.#levels = levels;
  }

  /** As these, and what the file in `folder` says. */
  with(folder: string, text: string): IgnoreRules {
    const base = folder === '' ? '' : `${folder}/`;
    return new IgnoreRules([...this.#levels, { base, rules: rulesOf(text) }]);
  }

  ignores(path: string, isFolder: boolean): boolean {
    if (BUILT_IN_RULES.ignores(slashed(path.slice(path.lastIndexOf('/') + 1), isFolder))) return true;
    for (let at = this.#levels.length - 1; at >= 0; at -= 1) {
      const { base, rules } = this.#levels[at] as Rules;
      const { ignored, unignored } = rules.test(slashed(path.slice(base.length), isFolder));
      if (ignored || unignored) return ignored;
    }
    return false;
  }
}

const BUILT_IN_RULES = rulesOf(BUILT_IN);

function rulesOf(text: string): Ignore {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  // Git on Linux tells upper from lower case.
  return ignore({ ignoreCase: false, allowRelativePaths: true }).add(lines.filter(isMatchable));
}

function isMatchable(line: string): boolean {
  const parts = line.split('/');
  if (parts.filter((part) => part === '**').length > MOST_WILDCARDS) return false;
  return parts.every((part) => (part.match(/\*+/g)?.length ?? 0) <= MOST_WILDCARDS);
}

function slashed(path: string, isFolder: boolean): string {
  return isFolder ? `${path}/` : path;
}
