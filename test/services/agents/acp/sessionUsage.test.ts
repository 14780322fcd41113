/** Tokens and cost of a session, by what each agent's figures mean. */
import assert from 'node:assert/strict';
import type { UsageMeaning } from '../../../../src/contract/usageMeanings';
import { progressOf } from '../../../../src/services/agents/output/report';
import { SessionLines } from '../../../support/agents/sessionLines';

/** A request of the scripted models: 1000 tokens are new, 200 from the cache, 50 written to it, 40 are the answer. */
const INPUT = 1000;
const CACHED = 200;
const OUTPUT = 40;

const costOf = (amount: number) => ({ used: 1240, size: 200_000, cost: { amount, currency: 'USD' } });

function figuresOf(lines: SessionLines) {
  const { inputTokens, outputTokens, cacheHits, tokensReported, costUsd } = lines.report();
  return { inputTokens, outputTokens, cacheHits, tokensReported, costUsd };
}

/** As Claude reports `requests` of a turn. */
function ofClaude(requests: number, besides = 0) {
  const counts = (times: number) => ({
    totalTokens: times * (INPUT + CACHED + 50 + OUTPUT),
    inputTokens: times * INPUT,
    cachedInputTokens: times * CACHED,
    cachedWriteTokens: times * 50,
    outputTokens: times * OUTPUT,
    reasoningOutputTokens: 0,
  });
  const { inputTokens, outputTokens, cachedWriteTokens, totalTokens } = counts(requests);
  const models = [
    { model: 'claude-opus', token_count: counts(requests) },
    ...(besides === 0 ? [] : [{ model: 'claude-haiku', token_count: counts(besides) }]),
  ];
  return {
    usage: { inputTokens, outputTokens, cachedReadTokens: requests * CACHED, cachedWriteTokens, totalTokens },
    _meta: { quota: { token_count: counts(requests), model_usage: models } },
  };
}

/** As Codex reports them. */
function ofCodex(requests: number) {
  const count = {
    totalTokens: requests * (INPUT + CACHED + OUTPUT),
    inputTokens: requests * INPUT,
    cachedInputTokens: requests * CACHED,
    cacheWriteInputTokens: 0,
    outputTokens: requests * OUTPUT,
    reasoningOutputTokens: requests * 7,
  };
  return {
    usage: {
      totalTokens: count.totalTokens,
      inputTokens: count.inputTokens,
      cachedReadTokens: count.cachedInputTokens,
      cachedWriteTokens: 0,
      outputTokens: count.outputTokens,
      thoughtTokens: count.reasoningOutputTokens,
    },
    _meta: { quota: { token_count: count, model_usage: [{ model: 'gpt', token_count: count }] } },
  };
}

/** As opencode and Copilot do: one with cached tokens apart from the input, the other with them in it. */
const requestsOf = (times: number, inInput: boolean) => ({
  usage: {
    totalTokens: times * (INPUT + CACHED + OUTPUT),
    inputTokens: times * (inInput ? INPUT + CACHED : INPUT),
    cachedReadTokens: times * CACHED,
    outputTokens: times * OUTPUT,
  },
});

const ofGemini = (requests: number) => {
  const count = { input_tokens: requests * (INPUT + CACHED), output_tokens: requests * OUTPUT };
  return { _meta: { quota: { token_count: count, model_usage: [{ model: 'gemini', token_count: count }] } } };
};

describe('the usage of a session', () => {
  it('is that of each turn for Claude, with what its own agents used, and a cost that grows', () => {
    const lines = new SessionLines().opened('turn').turn().update('usage_update', costOf(0.25));
    lines.ended(ofClaude(2, 1)).turn().update('usage_update', costOf(0.75)).ended(ofClaude(1));
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 4 * (INPUT + 50),
      outputTokens: 4 * OUTPUT,
      cacheHits: 4 * CACHED,
      tokensReported: true,
      costUsd: 0.75,
    });
  });

  it('is that of each turn for Codex, without a cost', () => {
    const lines = new SessionLines().opened('turn').turn().ended(ofCodex(2)).turn().ended(ofCodex(3));
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 5 * INPUT,
      outputTokens: 5 * OUTPUT,
      cacheHits: 5 * CACHED,
      tokensReported: true,
      costUsd: undefined,
    });
  });

  it('is that of each turn for Gemini, whose cached tokens are in the input', () => {
    const lines = new SessionLines().opened('turnWithCache').turn().ended(ofGemini(2)).turn().ended(ofGemini(1));
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 3 * (INPUT + CACHED),
      outputTokens: 3 * OUTPUT,
      cacheHits: 0,
      tokensReported: true,
      costUsd: undefined,
    });
  });

  it('is that of each request for Qwen, in messages without text', () => {
    const request = { usage: { inputTokens: INPUT + CACHED, outputTokens: OUTPUT, cachedReadTokens: CACHED } };
    const lines = new SessionLines().opened('requests').turn().says('', { _meta: request });
    lines
      .says('Done.')
      .says('', { _meta: { ...request, durationMs: 5 } })
      .ended({});
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 2 * INPUT,
      outputTokens: 2 * OUTPUT,
      cacheHits: 2 * CACHED,
      tokensReported: true,
      costUsd: undefined,
    });
    assert.equal(lines.report().messages, 1);
  });

  it('is at least that of the last requests for opencode, has its cost, and is not priced', () => {
    const lines = new SessionLines().opened('lastRequest').turn().update('usage_update', costOf(0.01));
    lines.ended(requestsOf(1, false)).turn().ended(requestsOf(1, false)).update('usage_update', costOf(0.03));
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 2 * INPUT,
      outputTokens: 2 * OUTPUT,
      cacheHits: 2 * CACHED,
      tokensReported: undefined,
      costUsd: 0.03,
    });
    const { pricedCostMicros } = progressOf(lines.report(), { inputUsdPerMillion: 1, outputUsdPerMillion: 1 });
    assert.equal(pricedCostMicros, undefined);
  });

  it('grows with every turn of a process for Copilot, and starts again with the next process', () => {
    const lines = new SessionLines().opened('process').turn().ended(requestsOf(1, true)).turn();
    lines.ended(requestsOf(3, true)).opened('process', { how: 'load' }).turn().ended(requestsOf(2, true));
    assert.deepEqual(figuresOf(lines), {
      inputTokens: 5 * INPUT,
      outputTokens: 5 * OUTPUT,
      cacheHits: 5 * CACHED,
      tokensReported: true,
      costUsd: undefined,
    });
  });

  it('counts a process again where its figures fall', () => {
    const lines = new SessionLines().opened('process').turn().ended(requestsOf(3, true)).turn();
    assert.equal(lines.ended(requestsOf(1, true)).report().inputTokens, 4 * INPUT);
  });

  it('is unknown for Kimi, whatever its answers contain', () => {
    const lines = new SessionLines().opened('none').turn().update('usage_update', { used: 5000, size: 200_000 });
    assert.deepEqual(figuresOf(lines.ended(ofCodex(2))), {
      inputTokens: 0,
      outputTokens: 0,
      cacheHits: 0,
      tokensReported: undefined,
      costUsd: undefined,
    });
  });

  it('leaves out the cost of the history that a session was loaded with', () => {
    const lines = new SessionLines().add('replaying', { isOn: true }).says('Old.').update('usage_update', costOf(2));
    lines.add('replaying', { isOn: false }).opened('lastRequest', { how: 'load' }).turn();
    assert.equal(lines.report().costUsd, undefined);
    lines.update('usage_update', costOf(2.5)).ended(null);
    assert.equal(lines.report().costUsd, 0.5);
    assert.equal(lines.report().messages, 0);
    // The agent was started again in the same log.
    lines.add('replaying', { isOn: true }).update('usage_update', costOf(2.5)).add('replaying', { isOn: false });
    lines.opened('lastRequest', { how: 'load' }).turn().update('usage_update', costOf(2.75));
    assert.equal(lines.report().costUsd, 0.75);
  });

  it('adds the costs of processes that each start from nothing', () => {
    const lines = new SessionLines().opened('turn').turn().update('usage_update', costOf(0.5)).ended(null);
    lines.opened('turn', { how: 'resume' }).turn().update('usage_update', costOf(0.25));
    assert.equal(lines.report().costUsd, 0.75);
  });

  it('takes no cost in another currency', () => {
    const euros = { used: 1, size: 2, cost: { amount: 3, currency: 'EUR' } };
    assert.equal(new SessionLines().opened('turn').turn().update('usage_update', euros).report().costUsd, undefined);
  });

  it('is not changed by a canceled turn without figures', () => {
    const nothing = { usage: null, _meta: { quota: { token_count: null, model_usage: [] } } };
    for (const meaning of ['turn', 'turnWithCache', 'lastRequest', 'process', 'requests'] satisfies UsageMeaning[]) {
      const lines = new SessionLines().opened(meaning).turn().ended(nothing, { stopReason: 'cancelled' });
      assert.deepEqual({ ...figuresOf(lines), meaning }, { ...figuresOf(new SessionLines()), meaning });
    }
  });

  it('takes the time of a reset from a limit that refused Claude', () => {
    const limit = (status: string, resetsAt: number) => ({ _meta: { '_claude/rateLimit': { status, resetsAt } } });
    const lines = new SessionLines().opened('turn').turn().update('usage_update', limit('allowed', 1));
    assert.equal(lines.report().resetsAtSec, undefined);
    assert.equal(lines.update('usage_update', limit('rejected', 1_800_000_000)).report().resetsAtSec, 1_800_000_000);
  });

  it('survives figures that are none', () => {
    const hostile: readonly unknown[] = ['many', -5, null, [], {}, 1e300, Number.MAX_VALUE, { inputTokens: 'x' }];
    for (const meaning of ['turn', 'turnWithCache', 'lastRequest', 'process', 'requests'] satisfies UsageMeaning[]) {
      for (const value of hostile) {
        const usage = { inputTokens: value, outputTokens: value, cachedReadTokens: value };
        const quota = { token_count: value, model_usage: [{ token_count: value }, value] };
        const lines = new SessionLines()
          .opened(meaning)
          .turn()
          .says('', { _meta: { usage: value } });
        lines.update('usage_update', { cost: value }).update('usage_update', { cost: { amount: value } });
        lines.ended({ usage, _meta: { quota } }).ended({ usage: value, _meta: value });
        const { inputTokens, outputTokens, cacheHits } = lines.report();
        for (const figure of [inputTokens, outputTokens, cacheHits])
          assert.ok(figure >= 0 && Number.isSafeInteger(figure));
      }
    }
  });
});
