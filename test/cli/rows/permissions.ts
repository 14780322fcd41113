/** What a person allows in a folder: agents, hooks, and records of another user. */
import type { Row } from '../../support/cliTable';

export const PERMISSION_ROWS: readonly Row[] = [
  { line: 'agent list', out: /^claude\s+not allowed$/m },
  { line: 'agent allow claude', out: /^allowed in .*: claude --print / },
  { line: 'agent list', out: /^claude\s+allowed$/m },
  { line: 'agent allow', code: 3, err: /<kind>/ },
  { line: 'agent allow nobody', code: 2, out: '', err: /nobody/ },
  { line: 'agent revoke claude', out: 'revoked\n' },
  { line: 'agent list', out: /^claude\s+not allowed$/m },
  { line: 'agent revoke', code: 3, err: /<kind>/ },
  { line: 'hooks list', out: /^on-phase-advance\s+not allowed\n$/ },
  { line: 'hooks allow', out: /^on-phase-advance\s+allowed\n$/ },
  { line: 'hooks list', out: /^on-phase-advance\s+allowed\n$/ },
  { line: 'hooks revoke', out: 'revoked\n' },
  { line: 'hooks list', out: /^on-phase-advance\s+not allowed\n$/ },
  { line: 'hooks allow --all', code: 3 },
  { line: 'hooks revoke --all', code: 3 },
  { line: 'trust add', out: /^trusted: / },
  { line: 'trust add {folder}/state', out: /^trusted: .*\/state\n$/ },
  { line: 'trust remove {folder}/state', out: /^not trusted: .*\/state\n$/ },
  { line: 'trust add --all', code: 3 },
  { line: 'trust remove --all', code: 3 },
];
