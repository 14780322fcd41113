/** The transcript of a session in the window: it is opened from the row, follows the agent, and opens its changes. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { AGENT_KINDS_VARIABLE, writeAgentKinds } from '../../src/host/state/agentKindsFile';
import { ic } from '../support/ic/ic';
import { scriptedKind } from '../support/sessions/scriptedKind';
import type { Step } from '../support/sessions/scriptedAgent';
import { makeTmpFolder } from '../../tools/project';
import { inPalette, titleOf, viewName } from './support/titles';
import { findWebview } from './support/webview';
import { withWorkbench } from './support/withWorkbench';
import { said } from './support/said';

const chunk = (sessionUpdate: string, text: string): Step => ({
  update: { sessionUpdate, content: { type: 'text', text } },
});
const plan = (...done: readonly string[]): Step => ({
  update: {
    sessionUpdate: 'plan',
    entries: [
      { content: 'Read the parser of dates', status: done[0] ?? 'pending' },
      { content: 'Replace it', status: done[1] ?? 'pending' },
      { content: 'Run the tests', status: done[2] ?? 'pending' },
    ],
  },
});
const call = (toolCallId: string, title: string, fields: object): Step => ({
  update: { sessionUpdate: 'tool_call', toolCallId, title, status: 'completed', ...fields },
});

const TURN: readonly Step[] = [
  chunk('agent_thought_chunk', 'The parser is in src/dates.ts, and three callers use it.'),
  { say: 'I will read the parser and its callers first.' },
  plan('in_progress'),
  call('read', 'Read src/dates.ts', {
    kind: 'read',
    content: [{ type: 'content', content: { type: 'text', text: 'export const parse = Date.parse;' } }],
  }),
  plan('completed', 'in_progress'),
  call('edit', 'Edit src/dates.ts', {
    kind: 'edit',
    content: [
      {
        type: 'diff',
        path: '/shop/src/dates.ts',
        oldText: 'export const parse = Date.parse;\n',
        newText: "import { parseISO } from 'date-fns';\n\nexport const parse = parseISO;\n",
      },
    ],
  }),
  plan('completed', 'completed', 'in_progress'),
  { say: 'Now the tests.' },
  { ask: { kind: 'execute', title: 'npm test', rawInput: { command: 'npm test' } } },
  plan('completed', 'completed', 'completed'),
  { say: 'All tests pass. See [the report](https://example.com/report).' },
  { stop: 'end_turn', usage: { inputTokens: 12_500, outputTokens: 840, totalTokens: 13_340 } },
];

describe('the transcript of a session in the window', function () {
  this.timeout(180_000);
  let scratch: string;
  let dispatchId: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('transcript');
    const kind = await scriptedKind(scratch, { turns: [TURN] });
    const other = await scriptedKind(scratch, { turns: [[{ ask: { kind: 'execute', title: 'npm pack' } }]] }, 'other');
    await writeAgentKinds(path.join(scratch, 'kinds.json'), [kind]);
    const settings = { 'intercore.agents.kinds': [kind, other], 'intercore.dispatch.maxConcurrent': 1 };
    return { opens: 'folder', width: 1200, height: 800, settings };
  });
  after('remove the script', () => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  const does = async (...args: readonly string[]): Promise<string> => {
    const { opened } = workbench().session;
    const cwd = opened.kind === 'folder' ? opened.path : assert.fail('a folder is open');
    const env = { [AGENT_KINDS_VARIABLE]: path.join(scratch, 'kinds.json') };
    const { code, stdout, stderr } = await ic(args, { cwd, env });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const row = () => workbench().tree(viewName('dispatches')).row('Dates');
  const entry = async (label: string): Promise<Locator> =>
    (await findWebview(workbench().page, '#entries > [data-index="0"]')).locator(`article[aria-label="${label}"]`);

  before('start an agent', async () => {
    await workbench().openContainer('Intercore');
    await does('init');
    const prompt = path.join(scratch, 'task.md');
    await writeFile(prompt, 'Replace the parser of dates.');
    dispatchId = await does('dispatch', 'spawn', '--type=scripted', '--name=Dates', `--prompt-file=${prompt}`);
  });

  it('opens from the row of the dispatch', async () => {
    await workbench().tree(viewName('needsYou')).row('Dates').waitFor();
    await row().contextMenu(titleOf('dispatch.showTranscript'));
    await (await entry('Request 1: npm test, not answered yet')).waitFor();
    await (await entry('Read src/dates.ts, completed')).waitFor();
    await workbench().screenshot('transcript', 'documentation');
  });

  it('opens changes in the diff editor', async () => {
    const edit = await entry('Edit src/dates.ts, completed');
    await edit.locator('.fold').click();
    await edit.getByRole('button', { name: said('Changes of {0}', { 0: 'dates.ts' }) }).click();
    await workbench()
      .editorTab(said('{file} (changes of a tool call)', { file: 'dates.ts' }))
      .waitFor();
    await workbench().page.keyboard.press('Control+w');
  });

  it('follows the session to its end', async () => {
    await does('dispatch', 'answer', dispatchId, '1', 'allow');
    await (await entry('Request 1: npm test, allowed by a person with ic')).waitFor();
    await (await entry(said('{0} in, {1} out, {2} from cache', { 0: '12,500', 1: '840', 2: '0' }))).waitFor();
    const frame = await findWebview(workbench().page, '#plan-title');
    await frame.locator('#plan-title', { hasText: said('Plan: {0} of {1}', { 0: '3', 1: '3' }) }).waitFor();
  });

  it('opens a link once the person has allowed it', async () => {
    await (await entry('Request 1: npm test, allowed by a person with ic')).waitFor();
    const frame = await findWebview(workbench().page, '#plan-title');
    await frame.getByRole('link', { name: 'the report' }).click();
    await workbench().dialog.getByText('https://example.com/report').waitFor();
    await workbench().answerDialog('Cancel');
    assert.equal(workbench().page.context().pages().length, 1);
    await workbench().page.keyboard.press('Control+w');
  });

  it('is handed over to another agent kind from the row', async () => {
    await row().contextMenu(titleOf('dispatch.handOver'));
    await workbench().quickInput.waitFor(said('Select the agent that continues. A running one is stopped first'));
    await workbench().quickInput.pick('other');
    await workbench()
      .dialog.getByText(said('Allow agents of kind {kinds} in this workspace?', { kinds: 'other' }))
      .waitFor();
    await workbench().answerDialog(said('Allow'));
    await workbench().tree(viewName('needsYou')).row('Dates').waitFor();
  });

  it('continues in a queued dispatch where as many agents run as may', async () => {
    await workbench().runCommand(inPalette('session.continue'));
    await workbench().quickInput.waitFor(said('Continue Session'));
    await workbench().quickInput.fill('Now the docs.');
    await workbench().quickInput.accept();
    await workbench().answerDialog(said('Allow'));
    await workbench().answerNotification(
      said('{active} agent is running in this window. The limit is {limit}.', { active: '1', limit: '1' }),
      said('Add to Queue'),
    );
    await workbench().tree(viewName('dispatches')).rows.filter({ hasText: 'queued' }).waitFor();
  });
});
