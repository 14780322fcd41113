/** Patterns of credentials, which must not be stored (`docs/design/formats.md#state-entries`). */

/** All but the last match only the start of the text. */
const SECRET_PATTERNS: readonly RegExp[] = [
  /^(sk|pk|rk|ak)[-_][a-z0-9]{20,}/i,
  /^(ghp|gho|ghu|ghs|ghr)_[a-z0-9_]{30,}/i,
  /^xox[bpras]-[a-z0-9-]{20,}/i,
  /^eyJ[a-z0-9_-]{20,}\.[a-z0-9_-]{20,}\./i,
  /^AKIA[0-9A-Z]{16}/i,
  /^-----BEGIN (RSA |EC |DSA |OPENSSH )?PRIVATE KEY/i,
  /(password|passwd|secret|token|api_key|apikey|api-key|access_key|private_key)\s*[:=]\s*\S{8,}/i,
];

/** Whether the text is probably a credential, or an assignment of one. */
export function looksSecret(text: string): boolean {
  return SECRET_PATTERNS.some((pattern) => pattern.test(text));
}
