/** Each function that reads or shows text of others takes time in proportion to it, and never fails on it. */
import assert from 'node:assert/strict';
import { parseDuration } from '../../../src/cli/grammar/duration';
import { placeholdersIn } from '../../../src/contract/agentKinds';
import { redact, redactedEnd } from '../../../src/host/git/redaction';
import { gitHubAddress } from '../../../src/host/github/address';
import { versionIn } from '../../../src/host/process/programs';
import { KernelError } from '../../../src/kernel/errors/errors';
import { parseEvidence } from '../../../src/kernel/gate/evidence';
import { refNameOf, shaOf } from '../../../src/kernel/text/gitNames';
import { encodeGoJson } from '../../../src/kernel/text/goJson';
import { parseChain } from '../../../src/kernel/run/record/chain';
import { checkKey, checkPayload, looksSecret } from '../../../src/kernel/state/rules';
import { formatBody, parseBody } from '../../../src/kernel/tasks/subtask/body';
import { branchName, slug } from '../../../src/kernel/tasks/names';
import { parseRepositoryUrl } from '../../../src/kernel/text/repositoryUrl';
import { formatSubtask, parseSubtask } from '../../../src/kernel/tasks/subtask/subtaskText';
import { LogText } from '../../../src/services/agents/logText';
import { PlainReader } from '../../../src/services/agents/plain/program';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { tokensInSummary, verdictInFile, verdictInMessage } from '../../../src/services/agents/output/verdict';
import { redactionFor } from '../../../src/services/doctor/redaction';
import { parseNameStatus, parseStatus } from '../../../src/host/git/statusOutput';
import { proposalBody, proposalTitle, type ProposalFacts } from '../../../src/services/tasks/landing/proposalText';
import { headline, literalMarkdown } from '../../../src/views/rows/format';
import { safeHtml } from '../../../src/webview/board/detail/markdown';
import { SessionLines } from '../../support/agents/sessionLines';
import { slowness } from '../../support/hostile/hostileText';
import { openTestKernel } from '../../support/records/kernel';
import { planned } from '../../support/tasks/taskRecord';

/** A quadratic function takes seconds for these. */
const LENGTH = 60_000;
const BOUND_MS = 800;

/** What is repeated; `\0` stands for nothing that any of them expects. */
const UNITS = [
  ...[' ', '\t', '\r', '\n', '\r\n', '\0', 'a', '0', '-', '.', '/', '\\', '#', '`', '~', '"', "'", '*', '_', '|', '<'],
  ...[
    '*a_ ',
    '**a*',
    '[a](',
    '[[a]]',
    '> 1. ',
    '1. - ',
    '> ',
    '- a\n  - b\n',
    '`a``',
    '<a ',
    '&#',
    '\u001b[',
    '\u001b]',
  ],
  ...['## a\n', '# # ', '```\n', '~~~ ', 'a://', 'a@', 'https://a', 'authorization: ', 'ghp_a', 'sk-ant-', 'token = '],
  ...['--- VERDICT ---\n', 'STATUS: ', 'error: a:\n\ta\n', 'a.a', 'A\tb\0', '{"a":', '[', '{{a', '${a', 'é', '\ud800'],
];
/** What leads into the middle of a pattern, and what is then repeated. */
const STARTS = ['', '# ', '## ', 'authorization:', 'https://', 'a.', '{"type":"', '``` ', '--- VERDICT ---\nSTATUS: '];

const TEXTS = [
  ...UNITS.map((unit) => longText('', unit)),
  ...STARTS.flatMap((start) => [' ', '\t', '\n', '#', '`', 'a', '.'].map((unit) => longText(start, unit))),
];

function longText(start: string, unit: string): string {
  return `${start}${unit.repeat(Math.ceil(LENGTH / unit.length))}\u0001`;
}

const claudeSays = (text: string): string =>
  JSON.stringify({ type: 'assistant', message: { id: 'm', content: [{ type: 'text', text }] } });
const codexSays = (text: string): string =>
  JSON.stringify({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } });
const sessionSays = (text: string): readonly string[] =>
  new SessionLines().says(text).update('tool_call', { toolCallId: 'c', title: text, status: 'completed' }).lines;

const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  redact,
  redactedEnd,
  'the redaction of the doctor': redactionFor({ HOME: '/home/a' }),
  looksSecret,
  checkKey,
  checkPayload,
  parseBody,
  formatBody: (text) => formatBody({ spec: text, plan: text, acceptance: text }),
  parseSubtask,
  formatSubtask: (text) => formatSubtask({ title: text, spec: text, plan: '', acceptance: '' }),
  slug,
  branchName: (text) => branchName('ic-1', text),
  parseRepositoryUrl: (text) => parseRepositoryUrl(text),
  gitHubAddress,
  shaOf,
  refNameOf,
  parseChain,
  parseEvidence,
  encodeGoJson: (text) => encodeGoJson({ text }),
  versionIn,
  placeholdersIn,
  parseDuration,
  parseNameStatus,
  parseStatus,
  tokensInSummary,
  verdictInFile,
  verdictInMessage,
  headline: (text) => headline(text),
  literalMarkdown,
  safeHtml,
  'a log of any program': (text) => new LogText('plain').render(text),
  'a log of Claude': (text) => new LogText('claude').render(claudeSays(text)),
  'a log of Codex': (text) => new LogText('codex').render(codexSays(text)),
  'a log of a session': (text) => {
    const log = new LogText('acp');
    return sessionSays(text).map((line) => log.render(line));
  },
  'a line of Claude that is none': (text) => new LogText('claude').render(text),
  'the reader of any program': (text) => new PlainReader().read(text),
  'the reader of Claude': (text) => AGENT_PROGRAMS.claude.reader().read(claudeSays(text)),
  'the reader of Codex': (text) => AGENT_PROGRAMS.codex.reader().read(codexSays(text)),
  'the reader of a session': (text) => {
    const reader = AGENT_PROGRAMS.acp.reader();
    for (const line of sessionSays(text)) reader.read(line);
  },
};

/** A refusal is an answer. */
function asked(read: (text: string) => unknown, text: string): void {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
  }
}

describe('text of others', function () {
  this.timeout(240_000);

  const isInProportion = (read: (text: string) => unknown): void => {
    const slow = TEXTS.filter((text) => slowness(() => asked(read, text), BOUND_MS) > BOUND_MS);
    assert.deepEqual(
      slow.map((text) => text.slice(0, 40)),
      [],
    );
  };

  for (const [name, read] of Object.entries(READERS)) {
    it(`takes time in proportion to its length: ${name}`, () => isInProportion(read));
  }

  it('takes time in proportion to its length: a pull request', async () => {
    const kernel = await openTestKernel();
    const { task, subtasks } = kernel.write((u) => planned(u, { 'Count parcels': [] }));
    const subtask = subtasks['Count parcels'] ?? assert.fail('no subtask');
    const proposal = (text: string): ProposalFacts => ({
      task: { ...task, title: text },
      subtask: { ...subtask, title: text, spec: text, acceptanceCriteria: text },
      commits: [{ sha: 'a'.repeat(40), subject: text }],
      dependencies: [],
    });
    isInProportion((text) => [proposalTitle(proposal(text)), proposalBody(proposal(text))]);
  });
});
