/** Agents in sessions run every command that our own prompts name without a person. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decide } from '../../../../src/contract/permissions/decide';
import type { PermissionAnswer } from '../../../../src/contract/permissions/model';
import { toolCall } from '../../../../src/host/session/connection/protocol';
import { toolUseOf } from '../../../../src/host/session/requests/toolUse';
import type { Project, Subtask, Task } from '../../../../src/kernel/tasks/record/model';
import { getProject } from '../../../../src/kernel/tasks/service';
import { placeSubtask, startSubtask } from '../../../../src/kernel/tasks/subtask/progress';
import {
  plannerPrompt,
  retryPrompt,
  revisionPrompt,
  SESSION_SECTION,
  workerPrompt,
} from '../../../../src/services/tasks/work/prompts';
import {
  beadsPlannerForms,
  beadsPlannerWords,
  beadsWorkerForms,
  beadsWorkerWords,
  NATIVE_WORDS,
  type PlannerWords,
  type WorkerWords,
} from '../../../../src/services/tasks/tracker/trackerWords';
import { openTestKernel } from '../../../support/records/kernel';
import { planned, workplace } from '../../../support/tasks/taskRecord';

const PROMPTS = path.resolve(__dirname, '../../../../../prompts');
const EPIC = 'web-a1b';
const ISSUE = `${EPIC}.2`;
const CHECK = 'npm test';
const FAILURE = { attempt: 1, error: 'it has no subtasks', lastLines: '' };

interface Tracker {
  readonly name: string;
  readonly planner: { readonly words: PlannerWords; readonly forms: readonly string[] };
  readonly worker: { readonly words: WorkerWords; readonly forms: readonly string[] };
}

const beads = (name: string, bd: string): Tracker => ({
  name,
  planner: { words: beadsPlannerWords(bd, EPIC, true), forms: beadsPlannerForms(bd, EPIC) },
  worker: { words: beadsWorkerWords(bd, ISSUE), forms: beadsWorkerForms(bd, ISSUE) },
});

const TRACKERS: readonly Tracker[] = [
  { name: 'the record', planner: { words: NATIVE_WORDS, forms: [] }, worker: { words: NATIVE_WORDS, forms: [] } },
  beads('Beads', 'bd'),
  beads('Beads at a path', '/opt/beads/bd'),
];

/** What the words in angle brackets stand for, each in one command. */
const SAMPLES: readonly (readonly [RegExp, string])[] = [
  [/<issue[^>]*>/, `${EPIC}.1`],
  [/<issue[^>]*>/, ISSUE],
  [/<subtask[^>]*>/g, 'a1b2c3d4'],
  [/<file>/, 'src/a.ts'],
];

interface Named {
  readonly commands: readonly string[];
  /** Those that the prompt forbids. */
  readonly forbidden: readonly string[];
}

/** The commands in blocks and between backquotes: whatever has a word after a program. */
function namedIn(prompt: string, other: string): Named {
  const blocks = [...prompt.matchAll(/```sh\n([^]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
  const text = prompt.replace(/```[^]*?```/g, '');
  const spans = [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll('\n', ' '));
  const sentences = [...text.matchAll(/Do not run ((?:`[^`]+`(?:, | or )?)+)/g)].map(([, list = '']) => list);
  const forbidden = sentences.flatMap((list) => [...list.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span));
  const commands = [...blocks, ...spans]
    .map((command) => command.replace(/ +#.*$/, ''))
    .filter((command) => /^[a-z./]+ \S/.test(command) && !forbidden.includes(command))
    .map((command) => SAMPLES.reduce((filled, [place, sample]) => filled.replace(place, sample), command))
    .map((command) => command.replace('<other>', other));
  return { commands: [...new Set(commands)], forbidden };
}

describe('the commands in prompts', () => {
  let folder: string;
  let facts: { readonly project: Project; readonly task: Task; readonly subtask: Subtask };

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'prompts-')));
    const kernel = await openTestKernel();
    facts = kernel.write((u) => {
      const { task, subtasks } = planned(u, { A: [] });
      const id = subtasks['A']?.id ?? '';
      startSubtask(u, id);
      return { task, project: getProject(u, task.projectId), subtask: placeSubtask(u, id, workplace(id)) };
    });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function answerTo(command: string, forms: readonly string[]): Promise<PermissionAnswer> {
    const call = toolCall.parse({ toolCallId: '1', kind: 'execute', title: command, rawInput: { command } });
    return decide('freeInside', [], await toolUseOf(call, folder, folder), forms).answer;
  }

  async function assertFree(prompts: readonly string[], forms: readonly string[], least: number): Promise<void> {
    const all = prompts.map((prompt) => namedIn(prompt, forms.length === 0 ? 'b1b2c3d4' : `${EPIC}.1`));
    const commands = all.flatMap((named) => named.commands);
    assert.ok(new Set(commands).size >= least, commands.join('\n'));
    for (const command of commands) assert.equal(await answerTo(command, forms), 'allow', command);
    for (const command of all.flatMap(({ forbidden }) => forbidden)) {
      assert.equal(await answerTo(command, forms), 'ask', command);
    }
  }

  for (const { name, planner, worker } of TRACKERS) {
    it(`need no person in the work of a planner (${name})`, async () => {
      const { words, forms } = planner;
      const template = await readFile(path.join(PROMPTS, 'planner.md'), 'utf8');
      const whole = plannerPrompt(template, { ...facts, failure: FAILURE, words });
      const revision = revisionPrompt({ ...facts, failure: undefined, words, revision: 'Split it.' });
      const prompts = [whole, SESSION_SECTION, retryPrompt({ failure: FAILURE, report: words.correctPlan }), revision];
      await assertFree(prompts, forms, 9);
    });

    it(`need no person in the work of a worker (${name})`, async () => {
      const { words, forms } = worker;
      const template = await readFile(path.join(PROMPTS, 'worker.md'), 'utf8');
      const work = { ...facts, dependencies: [], notes: [], failure: FAILURE, checks: [CHECK], words };
      const prompts = [workerPrompt(template, work), SESSION_SECTION];
      await assertFree([...prompts, retryPrompt({ failure: FAILURE, report: words.sayDone })], [CHECK, ...forms], 7);
    });
  }

  it('that reach beyond the issues of the task wait for a person', async () => {
    const planner = beadsPlannerForms('bd', EPIC);
    const worker = beadsWorkerForms('bd', ISSUE);
    await symlink('/etc/hosts', path.join(folder, 'linked.md'));
    const asked: readonly (readonly [readonly string[], string])[] = [
      [planner, `bd delete ${EPIC} --force`],
      [planner, 'bd delete web-zzz.1 --force'],
      [planner, `bd delete ${EPIC}.1 --force --cascade`],
      [planner, `bd update ${EPIC}.1 --status closed`],
      [planner, `bd close ${EPIC}.1 --reason done`],
      [planner, `bd create --type task --parent web-zzz --title="A" --body-file=body.md --silent`],
      [planner, `bd create --type task --parent ${EPIC} --title="$(cat title.txt)" --body-file=body.md --silent`],
      [planner, `bd create --type task --parent ${EPIC} --title="A" --body-file=/etc/passwd --silent`],
      [planner, 'bd config set sync.branch main'],
      [planner, 'bd hooks install'],
      [planner, 'bd init'],
      [worker, `bd close ${EPIC}.1 --reason done`],
      [worker, `bd comments add ${ISSUE} --file=../note.md`],
      [worker, `bd comments add ${ISSUE} --file=linked.md`],
      [worker, `bd delete ${ISSUE} --force`],
      [worker, '/opt/beads/bd close web-a1b.2 --reason done'],
    ];
    for (const [forms, command] of asked) assert.equal(await answerTo(command, forms), 'ask', command);
    for (const bd of ['my bd', 'bd;id', '$BD', 'sh', '']) assert.deepEqual(beadsWorkerForms(bd, ISSUE), [], bd);
    for (const issue of ['a b', '<text>', '']) assert.deepEqual(beadsPlannerForms('bd', issue), [], issue);
  });
});
