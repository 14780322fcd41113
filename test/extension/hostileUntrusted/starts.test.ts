/**
 * Every way to start a process, in an untrusted window of a hostile folder: enumerated from the declarations, so that a
 * new operation, command or tool is tried as soon as it is declared.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { IntercoreApi, OperationName } from '../../../src/contract/surfaces/api';
import { COMMANDS, type CommandId } from '../../../src/contract/surfaces/commands';
import { CORE_OPERATIONS, OPERATION_NAMES, SURFACES, chatToolNameOf } from '../../../src/contract/surfaces/surfaces';
import { Canaries, CANARIES } from '../../security/canaries';
import { activateExtension, openFolder } from '../../support/extension/window';
import { ProcessSpy } from '../../support/extension/processSpy';
import { argumentsFor } from '../../support/ic/operationArguments';

/** What only reads may ask a person something; then it is dismissed. */
const MAX_ANSWER_MS = 1500;

const FOLDERS = ['crafted-rows', 'hooks-and-settings', 'git-configuration'];

const manifest = z.object({
  contributes: z.object({
    commands: z.array(z.object({ command: z.string() })),
    languageModelTools: z.array(z.object({ name: z.string() })),
  }),
});

describe('in an untrusted window, no process is started', function () {
  this.timeout(120_000);
  let api: IntercoreApi;
  let canaries: Canaries;
  let spy: ProcessSpy;
  let declared: z.infer<typeof manifest>['contributes'];

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    api = await activateExtension();
    canaries = await Canaries.at(path.join(path.dirname(openFolder()), CANARIES));
    const extension = vscode.extensions.getExtension('intercore.intercore');
    declared = manifest.parse(extension?.packageJSON).contributes;
  });
  beforeEach(() => {
    spy = new ProcessSpy();
  });
  afterEach(async () => {
    spy.dispose();
    assert.deepEqual(spy.started, []);
    await canaries.check();
  });

  /** The code of the refusal; `answered` and `asking` where there was none. */
  async function outcome(work: PromiseLike<unknown>): Promise<string> {
    const answer = Promise.resolve(work).then(
      () => 'answered',
      (error: unknown) => String(error instanceof Error && 'code' in error ? error.code : error),
    );
    const answered = await Promise.race([answer, delay(MAX_ANSWER_MS, 'asking')]);
    if (answered === 'asking') await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    return answered;
  }

  /** By names, so that a failure shows all. */
  function refusedAll(outcomes: ReadonlyMap<string, string>, isRefused: (name: string) => boolean): void {
    const wrong = [...outcomes].filter(([name, code]) => isRefused(name) && !code.includes('UNTRUSTED'));
    assert.deepEqual(wrong, []);
  }

  for (const name of FOLDERS) {
    it(`by an operation of the API, in ${name}`, async () => {
      const outcomes = new Map<string, string>();
      for (const operation of OPERATION_NAMES) {
        const args = argumentsFor(operation, openFolder(name), operation === 'dispatches.wait' ? IDLE : {});
        outcomes.set(operation, await outcome(operationOf(operation)(args)));
      }
      refusedAll(outcomes, (operation) => SURFACES[operation as OperationName].effect !== 'read');
    });
  }

  /** A dispatch that there is not, so that no test waits for it. */
  const IDLE = { dispatchId: 'none0000' };

  function operationOf(name: OperationName): (args: unknown) => Promise<unknown> {
    const [group = '', verb = ''] = name.split('.');
    const operations = z.record(z.string(), z.unknown()).parse(z.looseObject({}).parse(api)[group]);
    const operation = operations[verb];
    assert.ok(typeof operation === 'function', `${name} is no function of the API`);
    return operation as (args: unknown) => Promise<unknown>;
  }

  it('by a command of the manifest', async () => {
    const outcomes = new Map<string, string>();
    for (const { command } of declared.commands) {
      assert.ok(Object.hasOwn(COMMANDS, command), `${command} is in the manifest alone`);
      const args = argumentsOf(COMMANDS[command as CommandId].args, openFolder('crafted-rows'));
      outcomes.set(command, await outcome(vscode.commands.executeCommand(command, args)));
    }
    assert.deepEqual([...outcomes.keys()].sort(), Object.keys(COMMANDS).sort());
    refusedAll(outcomes, (command) => COMMANDS[command as CommandId].changes);
  });

  /** Ids and answers as far as the command takes them. */
  function argumentsOf(schema: z.ZodObject, folder: string): Record<string, unknown> {
    const known = { folder, runId: 'run00001', dispatchId: 'disp0000', taskId: 'task0001', subtaskId: '0001sub3' };
    const given = { ...known, projectId: 'project1', portfolioId: 'parent01', confirm: true };
    return Object.fromEntries(Object.entries(given).filter(([key]) => Object.hasOwn(schema.shape, key)));
  }

  it('by a tool of the chat', async () => {
    assert.deepEqual(
      declared.languageModelTools.map((tool) => tool.name).sort(),
      CORE_OPERATIONS.map(chatToolNameOf).sort(),
    );
    const outcomes = new Map<string, string>();
    for (const operation of CORE_OPERATIONS) {
      const input = argumentsFor(operation, openFolder('crafted-rows'));
      const name = chatToolNameOf(operation);
      const invoked = vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
      const text = invoked.then(({ content }) => {
        const answer = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
        if (answer.includes('"error"')) throw new Error(answer);
      });
      outcomes.set(operation, await outcome(text));
    }
    refusedAll(outcomes, (operation) => SURFACES[operation as OperationName].effect !== 'read');
  });

  it('by a relay, the adoption of dispatches, the queue or tasks, where a record or a window changes', async () => {
    for (const name of FOLDERS) await outcome(api.database.reload({ folder: openFolder(name) }));
    await vscode.commands.executeCommand('workbench.view.extension.intercore');
    await delay(3000);
  });
});
