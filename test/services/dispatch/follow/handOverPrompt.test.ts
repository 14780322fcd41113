/** The prompt of an agent that takes over: what it contains, and its bounds. */
import assert from 'node:assert/strict';
import type { EarlierWork } from '../../../../src/services/dispatch/follow/earlierWork';
import { handOverPrompt, handOverSection } from '../../../../src/services/dispatch/follow/handOverPrompt';

const PROMPT = 'Write the parser';
const WORK: EarlierWork = {
  kind: 'claude-acp',
  ending: { status: 'failed', error: 'usage limit reached', verdict: null, isStopped: false },
  commits: 'abc1234 Add the lexer\n\n12\t0\tsrc/lexer.ts',
  changed: ['untracked: src/parser.ts'],
  plan: [
    { text: 'Write the lexer', status: 'completed' },
    { text: 'Write the parser', status: 'inProgress' },
    { text: 'Test both', status: 'pending' },
  ],
  message: 'The lexer works.',
};

describe('the prompt of an agent that takes over', () => {
  it('contains the task, what was done, what is open, and how the agent ended', () => {
    const text = handOverPrompt(PROMPT, WORK);
    for (const part of [
      '```text\nWrite the parser\n```',
      'Its status is “failed”.\n\n```text\nusage limit reached\n```',
      'abc1234 Add the lexer',
      'untracked: src/parser.ts',
      '[x] Write the lexer\n[~] Write the parser\n[ ] Test both',
      'The lexer works.',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it('leaves out parts that do not exist', () => {
    const ending = { status: 'cancelled', error: null, verdict: null, isStopped: true };
    const text = handOverPrompt(PROMPT, { ...WORK, commits: '', changed: null, plan: [], message: null, ending });
    assert.ok(text.includes('It was stopped, so that you can take over.'));
    assert.ok(text.includes('### Commits since it started\n\nNone.'));
    assert.ok(text.includes('Unknown: git could not list them.'));
    assert.doesNotMatch(text, /Plan of the agent|Last message|Result of the agent/);
  });

  it('is shorter for a subtask, whose prompt the agent has', () => {
    const text = handOverSection(WORK);
    assert.ok(text.includes('An agent of the kind “claude-acp” worked on this before'));
    assert.ok(text.includes('usage limit reached'));
    assert.ok(!text.includes('## Task'));
  });

  it('has a bound, and says how much was left out', () => {
    const long = 'ä'.repeat(200_000);
    const ending = { status: 'failed', error: long, verdict: long, isStopped: false };
    const plan = Array.from({ length: 1000 }, () => ({ text: long.slice(0, 500), status: 'pending' as const }));
    const work = { ...WORK, commits: long, changed: [long], plan, message: long, ending };
    const text = handOverPrompt(long, work);
    assert.ok(Buffer.byteLength(text) < 110 * 1024, String(Buffer.byteLength(text)));
    assert.ok(text.includes(`Left out: ${400_000 - 64 * 1024} bytes.`));
    assert.doesNotMatch(text, /\uFFFD/);
  });

  it('quotes text that looks like the end of a fence', () => {
    const text = handOverPrompt(PROMPT, { ...WORK, message: '```\n# Now\n````' });
    assert.ok(text.includes('`````text\n```\n# Now\n````\n`````'));
  });
});
