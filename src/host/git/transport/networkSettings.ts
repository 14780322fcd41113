/**
 * Network settings from the user's own configuration of git: only proxies and certificates. The configuration of a
 * repository is never read.
 */

export interface Setting {
  readonly key: string;
  readonly value: string;
}

/** Settings below `http`, for all addresses or for some, about connections and certificates. */
const CARRIED = new Set([
  'proxy',
  'proxyauthmethod',
  'proxysslcert',
  'proxysslkey',
  'proxysslcertpasswordprotected',
  'proxysslcainfo',
  'noproxy',
  'sslverify',
  'sslversion',
  'sslcipherlist',
  'sslcert',
  'sslcerttype',
  'sslkey',
  'sslkeytype',
  'sslcertpasswordprotected',
  'sslcainfo',
  'sslcapath',
  'sslbackend',
  'schannelcheckrevoke',
  'schannelusesslcainfo',
  'pinnedpubkey',
  'ssltry',
  'version',
]);

/** Parses the output of `git config --null --get-regexp`. */
export function networkSettings(printed: string): Setting[] {
  return printed.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    if (end === -1) return [];
    const [key, value] = [entry.slice(0, end), entry.slice(end + 1)];
    const [section, name] = [key.split('.', 1)[0], key.slice(key.lastIndexOf('.') + 1)];
    return (section === 'http' || section === 'https') && CARRIED.has(name.toLowerCase()) ? [{ key, value }] : [];
  });
}

/** As a file of git's configuration. */
export function configurationFile(settings: readonly Setting[]): string {
  return settings.map(({ key, value }) => `${header(key)}\n\t${nameOf(key)} = ${quoted(value)}\n`).join('');
}

function header(key: string): string {
  const section = key.slice(0, key.indexOf('.'));
  const inner = key.slice(section.length + 1, Math.max(section.length + 1, key.lastIndexOf('.')));
  return inner === '' ? `[${section}]` : `[${section} "${inner.replace(/[\\"]/g, '\\$&')}"]`;
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

function quoted(value: string): string {
  const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
