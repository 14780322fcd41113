/** Whatever an agent prints, its dispatch ends, and what held it is free again. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import type { AgentKind, OutputParser } from '../../../../src/contract/agentKinds';
import { OUTPUT_PARSERS } from '../../../../src/contract/agentKinds';
import { countActive, createDispatch, getDispatch, pruneDispatches } from '../../../../src/kernel/dispatch/service';
import { plainText } from '../../../../src/kernel/input';
import { AGENT_PROGRAMS } from '../../../../src/services/agents/programs';
import { LineCutter } from '../../../../src/services/agents/output/lines';
import { verdictInFile, verdictInMessage } from '../../../../src/services/agents/output/verdict';
import { endingOf, recordEnding } from '../../../../src/services/dispatch/end/dispatchEnding';
import type { ProjectKernel } from '../../../../src/services/record/projectKernel';
import { ended, PATIENCE_MS, rowOf, Stage } from '../../../support/dispatch/dispatchFixture';
import { openTestKernel } from '../../../support/records/kernel';
import { until } from '../../../support/until';

const kindOf = (parser: OutputParser): AgentKind => ({
  name: `printing-${parser}`,
  command: 'sh',
  args: ['${promptFile}'],
  promptBy: 'file',
  parser,
});

/** Texts with what SQLite and UTF-8 cannot hold. */
const nasty = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud83d', '\udc00', '😀', '\n', 'STATUS: ', '"')),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

const value = fc.oneof(nasty, fc.constant(null), fc.double(), fc.integer(), fc.boolean(), fc.array(nasty), fc.object());

const event = fc.oneof(
  fc.record({
    type: fc.constantFrom('result', 'system', 'assistant', 'turn.completed', 'turn.failed', 'thread.started', 'x'),
    subtype: fc.oneof(fc.constant('init'), value),
    is_error: value,
    result: value,
    session_id: value,
    thread_id: value,
    total_cost_usd: value,
    num_turns: value,
    usage: fc.oneof(value, fc.record({ input_tokens: value, output_tokens: value, cache_read_input_tokens: value })),
    error: fc.oneof(value, fc.record({ message: value, resets_in_seconds: value })),
    message: fc.oneof(value, fc.record({ id: value, usage: value, content: fc.oneof(value, fc.array(value)) })),
  }),
  fc.record({ type: fc.constant('item.completed'), item: fc.oneof(value, fc.record({ type: value, text: value })) }),
);

const output = fc.array(
  fc.oneof(
    event.map((line) => Buffer.from(`${JSON.stringify(line)}\n`)),
    nasty.map((text) => Buffer.from(`--- VERDICT ---\nSTATUS: ${text}\nSUMMARY: ${text}\n---\n`, 'utf16le')),
    nasty.map((text) => Buffer.from(`--- VERDICT ---\nSTATUS: ${text}\nSUMMARY: ${text}\n---\n`)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 12 },
);

describe('a dispatch of an agent that prints anything', function () {
  this.timeout(PATIENCE_MS);

  for (const parser of OUTPUT_PARSERS) {
    it(`ends in the record, read as ${parser}`, async () => {
      const kernel = await openTestKernel();
      fc.assert(
        fc.property(output, nasty, fc.option(fc.integer({ min: 0, max: 255 })), (chunks, sidecar, exitCode) => {
          const reader = AGENT_PROGRAMS[parser].reader();
          const cutter = new LineCutter((line) => reader.read(line));
          for (const chunk of chunks) cutter.push(chunk);
          cutter.end();
          const { report } = reader;
          const verdict = verdictInFile(`STATUS: ${sidecar}`) ?? verdictInMessage(report.finalMessage ?? '');
          const exit = { exitCode, signal: null, timedOut: false, startedAtMs: 0, endedAtMs: 1, logHash: null };
          const dispatch = kernel.write((u) => {
            const { id } = createDispatch(u, { agentType: parser, projectDir: '/p' });
            const facts = { exit, started: true, cancel: undefined, overdue: false, timeLimitSec: null };
            return recordEnding(u, id, endingOf({ ...facts, report, verdict }));
          });
          assert.notEqual(dispatch.completedAt, null);
          for (const text of [dispatch.errorMessage, dispatch.verdictStatus, dispatch.verdictSummary]) {
            assert.ok(text === null || plainText.safeParse(text).success);
          }
        }),
        { numRuns: 150, seed: 20 },
      );
      assert.equal(
        kernel.read((r) => countActive(r)),
        0,
      );
    });
  }

  describe('as a process', () => {
    let stage: Stage;
    let kernel: ProjectKernel;

    beforeEach(async () => {
      stage = await Stage.open();
      kernel = await stage.kernel();
    });
    afterEach(() => stage.close());

    const LINES = [
      '{"type":"system","subtype":"init","session_id":"a\\u0000\\ud83d"}',
      '{"type":"thread.started","thread_id":"\\udc00"}',
      '{"type":"turn.failed","error":{"message":"half \\ud83d and \\u0000"}}',
      '{"type":"result","subtype":"success","is_error":true,"result":"half \\ud83d and \\u0000","usage":null}',
      '--- VERDICT ---',
      `STATUS: pass${'x'.repeat(195)}😀`,
      'SUMMARY: \0 and more',
    ].join('\n');

    for (const parser of OUTPUT_PARSERS) {
      it(`ends, is pruned, and leaves no slot taken, read as ${parser}`, async () => {
        const bytes = path.join(stage.root, 'bytes');
        await writeFile(bytes, Buffer.concat([Buffer.from(LINES), Buffer.from([0, 0xff, 0xfe, 0xd8, 10])]));
        const prompt = `cat ${bytes}; printf 'STATUS: a\\0b\\n' > "$INTERCORE_VERDICT_FILE"; exit 1`;
        const { id, status } = await stage.play({ kind: `printing-${parser}`, prompt }, {}, [kindOf(parser)]);
        assert.equal(status, 'failed');
        assert.deepEqual(
          { countActive: kernel.read((r) => countActive(r)), verdictStatus: rowOf(kernel, id).verdictStatus },
          { countActive: 0, verdictStatus: 'a\uFFFDb' },
        );
        const later = await kernel.write((u) => pruneDispatches({ ...u, now: u.now + 100 }, 10));
        assert.equal(later, 1);
      });
    }

    it('ends with its tokens and verdict, read from a result of megabytes in one line', async () => {
      const bytes = path.join(stage.root, 'bytes');
      const result = `${'a long report\n'.repeat(200_000)}--- VERDICT ---\nSTATUS: warn\n---`;
      const usage = { input_tokens: 30, output_tokens: 40 };
      await writeFile(bytes, `${JSON.stringify({ type: 'result', result, usage })}\n`);
      const { id } = await stage.play({ kind: 'printing-claude', prompt: `cat ${bytes}` }, {}, [kindOf('claude')]);
      const { inputTokens, outputTokens, verdictStatus } = rowOf(kernel, id);
      assert.deepEqual(
        { inputTokens, outputTokens, verdictStatus },
        { inputTokens: 30, outputTokens: 40, verdictStatus: 'warn' },
      );
    });

    it('ends at the next look, where an earlier program could not store how', async () => {
      const first = stage.dispatcher({}, [kindOf('claude')]);
      const prompt = `sleep 0.3; printf 'STATUS: a\\0b\\n' > "$INTERCORE_VERDICT_FILE"`;
      const { id } = await first.start(kernel, { kind: 'printing-claude', prompt });
      await first.dispose();
      const next = stage.dispatcher({}, [kindOf('claude')]);
      await until(
        async () => (await next.adopt(kernel), rowOf(kernel, id).status),
        (status) => status === 'completed',
      );
      assert.equal(rowOf(kernel, id).verdictStatus, 'a\uFFFDb');
    });

    it('is killed while it prints', async () => {
      const dispatcher = stage.dispatcher({}, [kindOf('claude')]);
      const prompt = `while :; do printf '%s\\n' '{"type":"system","subtype":"init","session_id":"\\u0000"}'; sleep 0.05; done`;
      const { id } = await dispatcher.start(kernel, { kind: 'printing-claude', prompt });
      const dispatch = await dispatcher.kill(kernel, id);
      assert.equal(dispatch.status, 'cancelled');
      assert.equal((await ended(dispatcher, kernel, id)).status, 'cancelled');
      assert.equal(kernel.read((r) => getDispatch(r, id)).status, 'cancelled');
    });
  });
});
