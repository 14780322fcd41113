/** A transcript from the file of a log: read, followed, searched, and as Markdown. */
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Transcript } from '../../../../src/services/agents/transcript/transcript';
import { markdownOf } from '../../../../src/services/agents/transcript/markdown';
import type { OutputParser } from '../../../../src/contract/agentKinds';
import type { TranscriptEntry } from '../../../../src/contract/transcript';
import { searchedText } from '../../../../src/views/transcript/transcriptRows';
import { SessionLines } from '../../../support/agents/sessionLines';
import { ownFile } from '../../../support/dispatch/ownFiles';
import { describeLong } from '../../../support/long';
import { until } from '../../../support/until';

const made: string[] = [];

async function opened(text: string, parser: OutputParser): Promise<{ transcript: Transcript; file: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'intercore-transcript-'));
  made.push(folder);
  const file = path.join(folder, 'output.log');
  await writeFile(file, text);
  const transcript = new Transcript(await ownFile(file), parser, {
    onChanged: () => undefined,
    onProblem: (problem) => assert.fail(problem),
  });
  return { transcript, file };
}

async function removeMade(): Promise<void> {
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true })));
}

describe('a transcript', () => {
  after(removeMade);

  it('reads a log, and what is added to it', async () => {
    const lines = new SessionLines().opened('none').turn().says('First.');
    const { transcript, file } = await opened(`${lines.lines.join('\n')}\n`, 'acp');
    transcript.follow();
    await until(
      async () => await Promise.resolve(transcript.count),
      (count) => count === 3,
    );
    const before = lines.lines.length;
    lines.says(' Second.').update('plan', { entries: [{ content: 'Read', status: 'completed' }] });
    await appendFile(file, `${lines.lines.slice(before).join('\n')}\n`);
    await until(
      async () => await Promise.resolve(transcript.plan),
      (plan) => plan !== undefined,
    );
    assert.deepEqual(transcript.at(2), { kind: 'message', by: null, text: 'First. Second.' });
    assert.equal(transcript.count, 4);
    assert.equal(transcript.at(4), undefined);
    await transcript.dispose();
  });

  it('finds a text regardless of case', async () => {
    const lines = new SessionLines().opened('none').turn().says('The Parser fails.');
    lines.update('tool_call', { toolCallId: 'a', title: 'Read parser.ts', status: 'completed' });
    const { transcript } = await opened(lines.lines.join('\n'), 'acp');
    await transcript.finish(true);
    assert.deepEqual(await transcript.search('PARSER'), { indexes: [2, 3], isComplete: true });
    assert.deepEqual(await transcript.search('lexer'), { indexes: [], isComplete: true });
    await transcript.dispose();
  });

  it('finds what its reader shows of an entry, as a note in another language', async () => {
    const lines = new SessionLines().opened('none').turn().says('The parser fails.');
    const { transcript } = await opened(lines.lines.join('\n'), 'acp');
    await transcript.finish(true);
    const german = { l10n: { t: (text: string) => (text === 'Session started' ? 'Sitzung gestartet' : text) } };
    const shown = (entry: TranscriptEntry): string =>
      searchedText({ ...german, formats: { count: String, dollars: String } }, entry);
    assert.deepEqual(await transcript.search('sitzung', shown), { indexes: [0], isComplete: true });
    assert.deepEqual(await transcript.search('parser', shown), { indexes: [2], isComplete: true });
    await transcript.dispose();
  });

  it('is Markdown in which a foreign text cannot end its own block', () => {
    assert.equal(
      markdownOf({
        kind: 'tool',
        title: 'cat `a`',
        status: 'failed',
        paths: [],
        output: '```\n# b',
        diffs: [{ path: 'a', oldText: 'x\n', newText: 'y\nz' }],
      }),
      '**Tool** `` cat `a` ``: failed\n\n```diff\n--- a\n-x\n+y\n+z\n```\n\n````\n```\n# b\n````',
    );
    assert.equal(
      markdownOf({
        kind: 'decision',
        number: 3,
        title: 'npm test',
        details: ['outside the worktree: /etc'],
        answer: 'deny',
        by: { kind: 'person', name: 'Ada *' },
        reason: 'No.\n# Not now',
      }),
      '**Request 3** `npm test`: denied by Ada \\*: No. \\# Not now\n\n- `outside the worktree: /etc`',
    );
  });
});

describeLong('the transcript of a log of 100 MB', function () {
  this.timeout(120_000);
  after(removeMade);

  it('is read with little memory', async () => {
    const { transcript, file } = await opened('', 'acp');
    const log = await open(file, 'a');
    const text = 'line of a file\n'.repeat(100);
    const content = [{ type: 'content', content: { type: 'text', text } }];
    let calls = 0;
    for (let written = 0; written < 100_000_000;) {
      const lines = new SessionLines().turn();
      for (const last = calls + 200; calls < last; calls += 1) {
        const toolCallId = `call-${calls}`;
        lines.says(`Message ${calls}: ${'word '.repeat(40)}`);
        lines.update('tool_call', { toolCallId, title: `Read ${calls}.ts`, kind: 'read', status: 'pending' });
        lines.update('tool_call_update', { toolCallId, status: 'completed', content });
      }
      const part = `${lines.lines.join('\n')}\n`;
      written += part.length;
      await log.write(part);
    }
    await log.close();
    const before = process.memoryUsage().rss;
    await transcript.finish(true);
    assert.ok(process.memoryUsage().rss - before < 200_000_000);
    assert.ok(transcript.count > calls);
    assert.equal(transcript.at(transcript.count - 1)?.kind, 'tool');
    assert.equal((await transcript.search(`Message ${calls - 1}:`)).indexes.length, 1);
    await transcript.dispose();
  });
});
