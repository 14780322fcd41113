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
import { titleOf } from './support/titles';
import { findWebview } from './support/webview';
import { withWorkbench } from './support/withWorkbench';

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
  { say: 'All tests pass.' },
  { stop: 'end_turn', usage: { inputTokens: 12_500, outputTokens: 840, totalTokens: 13_340 } },
];

describe('the transcript of a session in the window', function () {
  this.timeout(180_000);
  let scratch: string;
  let dispatchId: string;

  const workbench = withWorkbench(async () => {
    scratch = await makeTmpFolder('transcript');
    const kind = await scriptedKind(scratch, { turns: [TURN] });
    await writeAgentKinds(path.join(scratch, 'kinds.json'), [kind]);
    return { opens: 'folder', width: 1200, height: 800, settings: { 'intercore.agents.kinds': [kind] } };
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
  const row = () => workbench().tree('Dispatches').row('Dates');
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
    await workbench().tree('Needs You').row('Permission requested · Dates').waitFor();
    await row().contextMenu(titleOf('dispatch.showTranscript'));
    await (await entry('Request 1: npm test, not answered yet')).waitFor();
    await (await entry('Read src/dates.ts, completed')).waitFor();
    await workbench().screenshot('transcript', 'documentation');
  });

  it('opens changes in the diff editor', async () => {
    const edit = await entry('Edit src/dates.ts, completed');
    await edit.locator('.fold').click();
    await edit.getByRole('button', { name: 'Changes of dates.ts' }).click();
    await workbench().editorTab('dates.ts (changes of a tool call)').waitFor();
    await workbench().page.keyboard.press('Control+w');
  });

  it('follows the session to its end', async () => {
    await does('dispatch', 'answer', dispatchId, '1', 'allow');
    await (await entry('Request 1: npm test, allowed by ic')).waitFor();
    await (await entry('12,500 in, 840 out, 0 from cache')).waitFor();
    const frame = await findWebview(workbench().page, '#plan-title');
    await frame.locator('#plan-title', { hasText: 'Plan: 3 of 3' }).waitFor();
  });
});
