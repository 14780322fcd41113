/** `ic mcp` under the official MCP Inspector, which checks that a server follows the protocol. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { TOOL_OPERATIONS, toolNameOf } from '../../../src/contract/surfaces/surfaces';
import { problemOf } from '../../../src/kernel/errors/errors';
import { IcProject } from '../../support/records/icProject';
import { inspect, installInspector } from '../../support/hostile/inspector';
import { describeLong } from '../../support/long';

describeLong('ic mcp under the MCP Inspector', function () {
  this.timeout(120_000);
  let program = '';
  let project: IcProject;

  before(async function () {
    this.timeout(400_000);
    try {
      program = await installInspector();
    } catch (error) {
      console.warn(`      the inspector is skipped: ${problemOf(error)}`);
      this.skip();
    }
  });
  beforeEach(async () => {
    project = await IcProject.open();
  });
  afterEach(() => project.close());

  const ask = (...request: string[]): Promise<unknown> => inspect(program, project.folder, project.env, ...request);

  it('lists its tools', async () => {
    const { tools } = z
      .object({ tools: z.array(z.object({ name: z.string() })) })
      .parse(await ask('--method', 'tools/list'));
    assert.deepEqual(
      tools.map(({ name }) => name),
      TOOL_OPERATIONS.map(toolNameOf),
    );
  });

  it('calls a tool, and reads the result', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'runs_create', '--tool-arg', 'goal=inspected'];
    const made = z.object({ structuredContent: z.object({ result: z.object({ id: z.string() }) }) });
    const { id } = made.parse(await ask(...call)).structuredContent.result;
    assert.match(await project.ok('run', 'status', id), /inspected/);
    const listed = z.object({ resources: z.array(z.object({ uri: z.string() })) });
    const uris = listed.parse(await ask('--method', 'resources/list')).resources.map(({ uri }) => uri);
    assert.deepEqual(uris, ['intercore://runs', `intercore://runs/${id}`]);
    const read = z.object({ contents: z.tuple([z.object({ text: z.string() })]) });
    const uri = `intercore://runs/${id}`;
    assert.match(read.parse(await ask('--method', 'resources/read', '--uri', uri)).contents[0].text, /inspected/);
  });
});
