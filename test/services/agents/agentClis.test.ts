/**
 * The real Claude and Codex CLIs, running offline. What is asserted here of their output is what the parsers of
 * `src/services` rely on.
 */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { installAgent, type AgentName } from '../../support/agents/install';
import type { OutputLine } from '../../support/agents/runAgent';
import * as scenarios from '../../support/agents/scenarios';
import { totalUsage } from '../../support/agents/script';
import { perform, type Performance } from '../../support/agents/stage';
import { itLong } from '../../support/long';

/** Describes an agent's tests; they are skipped, with the reason, where its CLI cannot be installed. */
function describeAgent(
  agent: AgentName,
  tests: (play: (scenario: scenarios.Scenario) => Promise<Performance>) => void,
) {
  describe(`the real ${agent} CLI`, function () {
    this.timeout(70_000);
    let binary = '';

    before(async function () {
      this.timeout(400_000);
      const installation = await installAgent(agent);
      if (installation.kind === 'installed') {
        binary = installation.binary;
        return;
      }
      console.warn(`      ${agent} is skipped: ${installation.reason}`);
      this.skip();
    });

    tests(async (scenario) => {
      const performance = await perform(agent, binary, scenario);
      assert.deepEqual(performance.errors, [], 'every request keeps to the API and to the script');
      return performance;
    });
  });
}

const typesOf = ({ run }: Performance) => run.lines.map((line) => line.type);

function only<T>(schema: z.ZodType<T>, lines: readonly OutputLine[]): T {
  const [line, ...others] = lines.flatMap((each) => schema.safeParse(each).data ?? []);
  assert.ok(line !== undefined && others.length === 0, `exactly one such line in ${JSON.stringify(lines)}`);
  return line;
}

describeAgent('claude', (play) => {
  const init = z.object({
    type: z.literal('system'),
    subtype: z.literal('init'),
    session_id: z.string(),
    cwd: z.string(),
  });
  const retry = z.object({
    type: z.literal('system'),
    subtype: z.literal('api_retry'),
    error_status: z.number().nullable(),
  });
  const result = z.object({
    type: z.literal('result'),
    subtype: z.string(),
    is_error: z.boolean(),
    api_error_status: z.number().nullable(),
    result: z.string(),
    session_id: z.string(),
    num_turns: z.number(),
    total_cost_usd: z.number(),
    usage: z.object({
      input_tokens: z.number(),
      cache_creation_input_tokens: z.number(),
      cache_read_input_tokens: z.number(),
      output_tokens: z.number(),
    }),
  });
  const block = z.object({
    type: z.string(),
    id: z.string().optional(),
    tool_use_id: z.string().optional(),
    is_error: z.boolean().optional(),
  });
  const message = z.object({
    type: z.enum(['assistant', 'user']),
    message: z.object({ id: z.string().optional(), content: z.array(block) }),
  });

  it('edits, commits and reports the tokens of all its turns in one result', async () => {
    const performance = await play(scenarios.commit);
    const { run, requests, repository, commits, files } = performance;

    assert.deepEqual({ exitCode: run.exitCode, stderr: run.stderr }, { exitCode: 0, stderr: '' });
    assert.deepEqual({ commits, files }, { commits: ['Add a greeting'], files: { 'greeting.txt': 'hello\n' } });

    const started = only(init, run.lines);
    const ended = only(result, run.lines);
    assert.equal(run.lines.at(-1)?.type, 'result');
    assert.equal(started.cwd, repository);
    assert.deepEqual(
      { subtype: ended.subtype, isError: ended.is_error, apiErrorStatus: ended.api_error_status },
      { subtype: 'success', isError: false, apiErrorStatus: null },
    );
    assert.equal(ended.result, 'The greeting is committed.');
    assert.deepEqual(
      new Set([started.session_id, ended.session_id]),
      new Set(requests.map((request) => request.conversation)),
    );

    const usage = totalUsage(scenarios.commit.turns);
    assert.deepEqual(ended.usage, {
      input_tokens: usage.input,
      cache_creation_input_tokens: usage.cacheWrite,
      cache_read_input_tokens: usage.cacheRead,
      output_tokens: usage.output,
    });
    assert.ok(ended.total_cost_usd > 0);
  });

  it('prints a line for each block, and the result of each command', async () => {
    const { run } = await play(scenarios.commit);
    const messages = run.lines.flatMap((line) => message.safeParse(line).data ?? []);
    const blocks = messages.flatMap((line) => line.message.content);
    assert.deepEqual(
      blocks.map((each) => each.type),
      ['text', 'tool_use', 'tool_result', 'tool_use', 'tool_use', 'tool_result', 'tool_result', 'text'],
    );
    // Commands of one turn run side by side: their results come as they end, and name the command they answer.
    const failed = new Map(blocks.map((each) => [each.tool_use_id, each.is_error]));
    const calls = blocks.filter((each) => each.type === 'tool_use');
    assert.deepEqual(
      calls.map((call) => failed.get(call.id)),
      [false, false, true],
    );
    // The lines of one turn share the message's id: who adds up their usage must count each id once.
    assert.equal(new Set(messages.map((line) => line.message.id).filter((id) => id !== undefined)).size, 3);
  });

  it('calls a refused key a success, with is_error set, and exits with 1', async () => {
    const { run, requests } = await play(scenarios.unauthorized);
    const ended = only(result, run.lines);
    assert.deepEqual({ exitCode: run.exitCode, requestsCount: requests.length }, { exitCode: 1, requestsCount: 2 });
    assert.deepEqual(
      { subtype: ended.subtype, isError: ended.is_error, apiErrorStatus: ended.api_error_status },
      { subtype: 'success', isError: true, apiErrorStatus: 401 },
    );
    assert.equal(ended.usage.output_tokens, 0);
  });

  itLong('waits out a rate limit and continues', async () => {
    const { run } = await play(scenarios.retried);
    const ended = only(result, run.lines);
    assert.equal(only(retry, run.lines).error_status, 429);
    assert.deepEqual(
      { exitCode: run.exitCode, isError: ended.is_error, inputTokens: ended.usage.input_tokens },
      { exitCode: 0, isError: false, inputTokens: 7 },
    );
    assert.ok(run.durationMs >= 1000, 'retry-after was kept');
  });

  itLong('asks again when the stream breaks, without the commands of the broken turn', async () => {
    const { run, requests } = await play(scenarios.broken);
    const ended = only(result, run.lines);
    assert.equal(only(retry, run.lines).error_status, null);
    assert.deepEqual({ exitCode: run.exitCode, result: ended.result }, { exitCode: 0, result: 'Done.' });
    // Whether the broken turn counts hangs on how much of it was read before the connection broke.
    assert.ok([7, 107].includes(ended.usage.input_tokens), String(ended.usage.input_tokens));
    assert.deepEqual(requests.at(-1)?.results, []);
  });

  itLong('exits with 143 on SIGTERM and prints no result, its commit kept', async () => {
    const performance = await play(scenarios.stopped);
    assert.deepEqual(
      { exitCode: performance.run.exitCode, signal: performance.run.signal },
      { exitCode: 143, signal: null },
    );
    assert.ok(!typesOf(performance).includes('result'));
    assert.deepEqual(performance.commits, ['Add a greeting']);
  });
});

describeAgent('codex', (play) => {
  const thread = z.object({ type: z.literal('thread.started'), thread_id: z.string() });
  const completed = z.object({ type: z.literal('turn.completed'), usage: z.record(z.string(), z.number()) });
  const failed = z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) });
  const notice = z.object({ type: z.literal('error'), message: z.string() });
  const item = z.object({
    type: z.literal('item.completed'),
    item: z.object({
      type: z.string(),
      text: z.string().optional(),
      command: z.string().optional(),
      status: z.string().optional(),
      exit_code: z.number().nullish(),
    }),
  });
  const itemsOf = ({ run }: Performance) => run.lines.flatMap((line) => item.safeParse(line).data?.item ?? []);

  it('edits, commits and reports the tokens of all its turns in one line', async () => {
    const performance = await play(scenarios.commit);
    const { run, requests, commits, files } = performance;

    assert.equal(run.exitCode, 0);
    assert.deepEqual({ commits, files }, { commits: ['Add a greeting'], files: { 'greeting.txt': 'hello\n' } });
    assert.deepEqual(
      new Set([only(thread, run.lines).thread_id]),
      new Set(requests.map((request) => request.conversation)),
    );
    const usage = totalUsage(scenarios.commit.turns);
    assert.equal(run.lines.at(-1)?.type, 'turn.completed');
    assert.deepEqual(only(completed, run.lines).usage, {
      input_tokens: usage.input + usage.cacheWrite + usage.cacheRead,
      cached_input_tokens: usage.cacheRead,
      cache_write_input_tokens: usage.cacheWrite,
      output_tokens: usage.output,
      reasoning_output_tokens: usage.reasoning,
    });
  });

  it('prints an item for each text and each command', async () => {
    const performance = await play(scenarios.commit);
    const items = itemsOf(performance);
    assert.deepEqual(
      items.map((each) => each.text ?? each.type),
      [
        'I will write the file.',
        'command_execution',
        'command_execution',
        'command_execution',
        'The greeting is committed.',
      ],
    );
    // Commands of one turn run side by side: their items come as they end.
    const outcome = (part: string) => {
      const command = items.find((each) => each.command?.includes(part));
      return [command?.status, command?.exit_code];
    };
    assert.deepEqual(outcome('git commit'), ['completed', 0]);
    assert.deepEqual(outcome('cat greeting.txt'), ['completed', 0]);
    assert.deepEqual(outcome('cat missing.txt'), ['failed', 1]);
  });

  itLong('warns of a model that it does not know with an error item, and works', async () => {
    const performance = await play(scenarios.unknownModel);
    assert.equal(itemsOf(performance)[0]?.type, 'error');
    assert.equal(performance.run.exitCode, 0);
    assert.deepEqual(performance.commits, ['Add a greeting']);
  });

  it('says turn.failed when the key is refused, and exits with 1', async () => {
    const { run, requests } = await play(scenarios.unauthorized);
    assert.deepEqual({ exitCode: run.exitCode, requestsCount: requests.length }, { exitCode: 1, requestsCount: 2 });
    assert.match(only(failed, run.lines).error.message, /401 Unauthorized: invalid x-api-key/);
    assert.equal(run.lines.at(-1)?.type, 'turn.failed');
  });

  itLong('waits out a rate limit and continues, after an error line that is only a notice', async () => {
    const { run } = await play(scenarios.retried);
    assert.match(only(notice, run.lines).message, /^Reconnecting\.\.\. 1\/5 .*429/);
    assert.deepEqual(
      { exitCode: run.exitCode, inputTokens: only(completed, run.lines).usage['input_tokens'] },
      { exitCode: 0, inputTokens: 7 },
    );
    assert.ok(run.durationMs >= 1000, 'retry-after was kept');
  });

  itLong('asks again when the stream breaks, having run the command that had arrived, without its tokens', async () => {
    const performance = await play(scenarios.broken);
    const { run, requests } = performance;
    assert.match(only(notice, run.lines).message, /^Reconnecting\.\.\. 1\/5 \(stream disconnected/);
    assert.deepEqual(
      { exitCode: run.exitCode, inputTokens: only(completed, run.lines).usage['input_tokens'] },
      { exitCode: 0, inputTokens: 7 },
    );
    assert.equal(requests.at(-1)?.results.length, 1);
  });

  itLong('dies of SIGTERM and prints no more, its commit kept', async () => {
    const performance = await play(scenarios.stopped);
    assert.deepEqual(
      { exitCode: performance.run.exitCode, signal: performance.run.signal },
      { exitCode: null, signal: 'SIGTERM' },
    );
    assert.deepEqual(
      typesOf(performance).filter((type) => type.startsWith('turn.')),
      ['turn.started'],
    );
    assert.deepEqual(performance.commits, ['Add a greeting']);
  });
});
