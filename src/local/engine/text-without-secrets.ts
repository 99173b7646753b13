const MAY_HAVE_ONE = /password|secret|master_key|_token|private_key/i;

const BLANKS = String.raw`(?:\s|--[^\n]*\n|/\*[\s\S]*?\*/)*`;
const NAMES =
  'PASSWORD|CLIENT_SECRET|OAUTH_CLIENT_SECRET|OAUTH_ACCESS_TOKEN|OAUTH_REFRESH_TOKEN|SECRET_STRING|AWS_SECRET_KEY|AWS_TOKEN|AZURE_SAS_TOKEN|MASTER_KEY|PRIVATE_KEY|PRIVATE_KEY_PASSPHRASE';
const VALUE = String.raw`'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|\$\$[\s\S]*?(?:\$\$|$)`;

const SECRET = new RegExp(`\\b((?:${NAMES})"?${BLANKS}=${BLANKS})(?:${VALUE})`, 'gi');

/** The statement as it may be kept and shown: `****` in place of passwords and keys that it sets. */
export function textWithoutSecrets(text: string): string {
  return MAY_HAVE_ONE.test(text) ? text.replace(SECRET, "$1'****'") : text;
}
