/** Output and exit codes of the commands that maintain and serve the record. */
import * as z from 'zod';
import { DOCTOR_CHECKS, FINDING_LEVELS } from '../../../src/contract/results/doctor';
import type { Row } from '../../support/ic/cliTable';

const HOME = { HOME: '{folder}' };

const OF_AN_AGENT = { INTERCORE_DISPATCH_ID: 'd1', INTERCORE_DB: '{folder}/.clavain/intercore.db' };

const REPORT = z.strictObject({
  at: z.int(),
  program: z.string(),
  platform: z.string(),
  findings: z.array(
    z.strictObject({
      check: z.enum(DOCTOR_CHECKS),
      level: z.enum(FINDING_LEVELS),
      code: z.string().min(1),
      facts: z.record(z.string(), z.union([z.string(), z.number()])),
      saw: z.string().min(1),
      why: z.string(),
      remedy: z.string(),
      fix: z.union([z.null(), z.looseObject({ kind: z.enum(['command', 'setting', 'shell', 'link']) })]),
    }),
  ),
});

const request = (method: string, params: object): string =>
  `${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`;

const INITIALIZE = request('initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

const INITIALIZED = z.object({
  id: z.literal(1),
  result: z.object({
    serverInfo: z.object({ name: z.literal('intercore') }),
    capabilities: z.object({ tools: z.object({}), resources: z.object({}) }),
  }),
});

export const HEALTH_ROWS: Readonly<Record<string, readonly Row[]>> = {
  'the doctor': [
    {
      line: 'doctor',
      env: HOME,
      out: /^Intercore Doctor\n=+\n\n[^]*\[databases\] ~\/\.clavain\/intercore\.db is intact\./,
    },
    { line: 'doctor --json', env: HOME, json: REPORT },
    { line: 'doctor --agents', env: { ...HOME, PATH: '' }, code: 1, out: /\[git\]/ },
    {
      line: 'doctor --db=damaged.db',
      env: HOME,
      code: 1,
      out: /\[databases\] ~\/damaged\.db is (damaged|no database)/,
    },
    { line: 'doctor --db=damaged.db --json', env: HOME, code: 1, json: REPORT },
  ],
  'the server of tools': [
    { line: 'mcp', input: INITIALIZE, json: INITIALIZED },
    { line: 'mcp {folder} --core', input: INITIALIZE, json: INITIALIZED },
    { line: 'mcp --nope', code: 3, out: '', err: /unknown flag: --nope/ },
    { line: 'mcp {folder}/elsewhere', code: 2, out: '', err: /^ic: mcp: The folder .*elsewhere does not exist/ },
    { line: 'mcp --workspace={folder}/no.code-workspace', code: 2, out: '', err: /no such file/ },
    { line: 'mcp {folder}/elsewhere', env: OF_AN_AGENT, code: 2, out: '', err: /elsewhere/ },
  ],
};
