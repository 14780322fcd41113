/** Takes secrets out of what programs print, before anybody stores or shows it (`spec/village.md` §28). */

const HIDDEN = '***';

const SECRETS: readonly RegExp[] = [
  /\bgh[pousr]_[A-Za-z0-9]{16,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bsk-ant-[A-Za-z0-9_-]{10,}/g,
  /(?<=\bauthorization:\s*(?:basic|bearer|token)\s+)[^\s"']+/gi,
  // The user and password of an address.
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+(?=@)/gi,
];

export function redact(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, HIDDEN), text);
}
