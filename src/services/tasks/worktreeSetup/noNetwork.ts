/**
 * Detects from its output whether a command failed because it reached no server. Package managers print their own
 * texts.
 */
import { shortened } from '../../../kernel/text/storableText';

/** Read from npm, pip, Cargo, Go, Maven, and git in a network namespace without a network. */
const NO_NETWORK = [
  /\b(?:ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|ENETDOWN|EHOSTUNREACH|ECONNREFUSED|ECONNRESET)\b/i,
  /could(?: not|n't) resolve host|name resolution|failed to lookup address|dns error|no such host/i,
  /unknown ?host|network is unreachable|no route to host|failed to establish a new connection/i,
] as const;

/** A stopped service of this machine does not mean a missing network. */
const THIS_MACHINE = /\blocalhost\b|\b127\.0\.0\.1\b|\[?::1\]?|\b0\.0\.0\.0\b/i;

const LONGEST_LINE = 300;

/** The last such line; undefined if there is none. */
export function noNetworkIn(output: string): string | undefined {
  const line = output.split('\n').findLast((each) => saysSo(each) && !THIS_MACHINE.test(each));
  return line && shortened(line.trim(), LONGEST_LINE);
}

const saysSo = (line: string): boolean => NO_NETWORK.some((pattern) => pattern.test(line));
