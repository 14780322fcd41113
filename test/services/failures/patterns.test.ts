/** Texts and codes of today's agents, and the class of each. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { agentKind, type AgentKind } from '../../../src/contract/agentKinds';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import type { FailureClass } from '../../../src/kernel/failure/failureClass';
import { AGENT_PROGRAMS } from '../../../src/services/agents/programs';
import { agentFailure, type AgentFailure } from '../../../src/services/failures/agentFailure';
import { fixturePath } from '../../support/agents/project';

const kindNamed = (name: string): AgentKind =>
  BUILT_IN_AGENT_KINDS.find((kind) => kind.name === name) ?? assert.fail(name);

function failureOf(kind: AgentKind, lines: readonly string[], exitCode = 1): AgentFailure {
  const reader = AGENT_PROGRAMS[kind.parser].reader();
  for (const line of lines) reader.read(line);
  const { report, otherLines } = reader;
  return agentFailure({ kind, report, otherLines, exitCode, endedAtMs: Date.parse('2026-11-28T22:00:00Z') });
}

const claudeResult = (result: string, more: object = {}): string =>
  JSON.stringify({ type: 'result', subtype: 'success', is_error: true, result, ...more });
const claudeError = (error: string, more: object = {}): string =>
  JSON.stringify({ type: 'assistant', error, ...more, message: { content: [] } });
const codexEvent = (type: string, more: object): string => JSON.stringify({ type, ...more });
const codexFailed = (message: string): string => JSON.stringify({ type: 'turn.failed', error: { message } });

/** Read from Claude Code 2.1.329, and the texts of its earlier versions that are known from reports. */
const CLAUDE: readonly (readonly [FailureClass, ...string[]])[] = [
  ['usageLimit', claudeResult("You've hit your session limit · resets 3am")],
  ['usageLimit', claudeResult("You've hit your weekly limit · resets Oct 7 at 9am")],
  ['usageLimit', claudeError('rate_limit'), claudeResult("You've hit your Opus limit · resets 3:30pm (Europe/Berlin)")],
  ['usageLimit', claudeResult('Claude AI usage limit reached|1796000000')],
  ['usageLimit', claudeResult("You've hit your monthly spend limit.")],
  ['usageLimit', "You've hit your session limit · resets 3am"],
  ['rateLimit', claudeError('rate_limit'), claudeResult('API Error: Request rejected (429) · slow down')],
  ['overload', claudeError('overloaded'), claudeResult('API Error: Repeated 529 Overloaded errors')],
  ['overload', claudeResult('API Error: Server is temporarily limiting requests (not your usage limit)')],
  ['overload', claudeResult('API Error: 500 Internal server error')],
  ['signIn', claudeError('authentication_failed'), claudeResult('Invalid API key · Fix external API key')],
  [
    'sessionLost',
    JSON.stringify({
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      errors: ['No conversation found with session ID: 11111111-2222-3333-4444-555555555555'],
    }),
  ],
  [
    'rateLimit',
    claudeError('rate_limit'),
    claudeResult("API Error: Request rejected (429) · This request would exceed your account's rate limit."),
  ],
  [
    'overload',
    claudeError('server_error'),
    claudeResult(
      'API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:44285).',
    ),
  ],
  // Printed by the program when a local server answered as the service does.
  [
    'usageLimit',
    claudeError('rate_limit', { api_error: 'usage_limit_reached' }),
    claudeResult("You've hit your 5-hour limit · resets 3:39pm (Europe/Berlin)"),
  ],
  ['usageLimit', claudeError('rate_limit', { api_error: 'usage_limit_reached' }), claudeResult('Words to come')],
  ['usageLimit', claudeResult('API Error: Request rejected (429) · spend limit reached · resets Dec 1')],
  [
    'usageLimit',
    claudeError('unknown'),
    claudeResult(
      'API Error: 400 You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.',
    ),
  ],
  ['signIn', claudeError('billing_error'), claudeResult('Credit balance is too low')],
  [
    'network',
    claudeError('server_error', { api_error: 'connection_failed' }),
    claudeResult('API Error: Connection refused — a firewall or proxy may be blocking it (ECONNREFUSED)'),
  ],
  // In the program, or in an earlier version of it.
  ['usageLimit', claudeResult('5-hour limit reached ∙ resets 3pm')],
  ['usageLimit', claudeResult('Opus weekly limit reached ∙ resets Oct 6, 1pm')],
  ['usageLimit', claudeResult('Claude usage limit reached. Your limit will reset at 7pm (Europe/Berlin)')],
  ['usageLimit', claudeError('rate_limit'), claudeResult('Your org is out of usage · add funds to continue')],
  ['usageLimit', claudeResult("You're out of extra usage · resets 3am")],
  ['signIn', claudeError('rate_limit'), claudeResult("Your seat type doesn't include usage credits")],
  ['signIn', claudeError('rate_limit'), claudeResult("Your group's usage limit is set to $0")],
  ['signIn', claudeError('rate_limit'), claudeResult('Usage is paused for your organization.')],
  ['signIn', claudeResult('Authentication required · Sign in again to continue')],
  ['signIn', claudeResult('Invalid auth token · Fix external auth token')],
  ['signIn', claudeResult('Not logged in · Please run /login')],
  ['signIn', claudeResult('Credit balance is too low')],
  ['signIn', claudeResult('Your organization has disabled Claude subscription access for Claude Code')],
  ['modelRefused', claudeError('model_not_found'), claudeResult("There's an issue with the selected model (x).")],
  ['badArguments', "error: unknown option '--frobnicate'"],
  ['network', claudeResult('API Error: Unable to connect to API (ECONNREFUSED)')],
  ['network', claudeResult('API Error: Connection error.')],
  ['workNotDone', claudeResult('', { subtype: 'error_max_turns' })],
  ['crash', 'Segmentation fault'],
];

/** Read from Codex 0.169.0. */
const CODEX: readonly (readonly [FailureClass, ...string[]])[] = [
  ['usageLimit', codexFailed("You've hit your usage limit. Try again at Jan 3rd, 2027 4:12 PM.")],
  ['usageLimit', codexFailed("You've hit your usage limit. Upgrade to Plus to continue using Codex")],
  [
    'usageLimit',
    codexFailed(
      'You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at 4:49 AM.',
    ),
  ],
  [
    'sessionLost',
    'Error: thread/resume: thread/resume failed: no rollout found for thread id 0199a213-81c0-7800-8aa1-bbab2a035a53 (code -32600)',
  ],
  [
    'signIn',
    codexFailed(
      'unexpected status 401 Unauthorized: Incorrect API key provided, url: http://127.0.0.1:44285/v1/responses',
    ),
  ],
  ['signIn', codexFailed('unexpected status 402 Payment Required: Payment required, url: http://127.0.0.1:1/v1')],
  [
    'usageLimit',
    codexFailed(
      'You’ve hit your usage limit. To get more access now, send a request to your admin or try again at Dec 2nd, 2026 1:39 PM.',
    ),
  ],
  ['modelRefused', codexFailed('The model `nope` does not exist or you do not have access to it.')],
  ['usageLimit', codexFailed('Your workspace is out of credits. Add credits to continue.')],
  ['usageLimit', codexFailed('Quota exceeded. Check your plan and billing details.')],
  ['rateLimit', codexFailed('exceeded retry limit, last status: 429 Too Many Requests')],
  ['overload', codexFailed('Selected model is at capacity. Please try a different model.')],
  ['overload', codexFailed("We're currently experiencing high demand, which may cause temporary errors.")],
  ['overload', codexFailed('unexpected status 503 Service Unavailable: busy')],
  ['signIn', codexFailed('unexpected status 401 Unauthorized: invalid x-api-key')],
  ['signIn', codexFailed('Your access token could not be refreshed. Please log out and sign in again.')],
  ['badArguments', "error: unexpected argument '--frobnicate' found"],
  ['network', codexFailed('stream disconnected before completion: Transport error: network error')],
  ['network', codexFailed('error sending request for url (http://127.0.0.1:1/v1/responses)')],
  ['crash', 'thread main panicked'],
];

describe('the failure of an agent', () => {
  for (const [name, cases] of [
    ['claude', CLAUDE],
    ['codex', CODEX],
  ] as const) {
    for (const [expected, ...lines] of cases) {
      it(`of ${name} is ${expected}: ${lines.at(-1) ?? ''}`, () => {
        assert.equal(failureOf(kindNamed(name), lines).class, expected);
      });
    }
  }

  const RECORDED = { claudeUnauthorized: 'signIn', claudeRateLimited: 'rateLimit' } as const;
  const RECORDED_CODEX = { codexUnauthorized: 'signIn', codexRateLimited: 'rateLimit' } as const;
  for (const [fixture, expected] of Object.entries({ ...RECORDED, ...RECORDED_CODEX })) {
    it(`recorded as ${fixture} is ${expected}`, () => {
      const lines = readFileSync(fixturePath(fixture), 'utf8').split('\n');
      assert.equal(failureOf(kindNamed(fixture.replace(/[A-Z].*/, '')), lines).class, expected);
    });
  }

  it('says when a limit resets: in an event, in words, and in seconds', () => {
    const claude = kindNamed('claude');
    const event = JSON.stringify({
      type: 'rate_limit_event',
      rate_limit_info: { status: 'rejected', resetsAt: 1_796_000_000 },
    });
    const limit = claudeResult("You've hit your session limit");
    assert.equal(failureOf(claude, [event, limit]).resetsAt, 1_796_000_000);
    assert.equal(failureOf(claude, [claudeResult('Claude AI usage limit reached|1796000000')]).resetsAt, 1_796_000_000);
    const error = { message: "You've hit your usage limit.", resets_in_seconds: 90 };
    const failed = JSON.stringify({ type: 'turn.failed', error });
    assert.equal(failureOf(kindNamed('codex'), [failed]).resetsAt, Date.parse('2026-11-28T22:01:30Z') / 1000);
    assert.equal(failureOf(claude, [limit]).resetsAt, null);
  });

  it('says what a person can do about a sign-in', () => {
    assert.match(
      failureOf(kindNamed('claude'), [claudeResult('Not logged in · Please run /login')]).remedy ?? '',
      /login/,
    );
    assert.match(failureOf(kindNamed('codex'), [codexFailed('401 Unauthorized')]).remedy ?? '', /codex login/);
  });

  it('is known by patterns of the kind, without code', () => {
    const kind = agentKind.parse({
      name: 'own',
      command: 'own',
      failures: [
        { class: 'usageLimit', text: 'bucket is empty' },
        { class: 'signIn', exitCode: 77, remedy: 'Run own login.' },
      ],
    });
    const empty = failureOf(kind, ['The bucket is empty, try again in 5 minutes']);
    assert.deepEqual(
      { emptyClass: empty.class, resetsAt: empty.resetsAt },
      { emptyClass: 'usageLimit', resetsAt: Date.parse('2026-11-28T22:05:00Z') / 1000 },
    );
    assert.deepEqual(
      { failureOfClass: failureOf(kind, ['what'], 77).class, remedy: failureOf(kind, ['what'], 77).remedy },
      { failureOfClass: 'signIn', remedy: 'Run own login.' },
    );
    for (const bad of [{ class: 'usageLimit' }, { class: 'odd', text: 'x' }, { class: 'crash', text: '(' }]) {
      assert.equal(agentKind.safeParse({ name: 'own', command: 'own', failures: [bad] }).success, false);
    }
  });
});

describe('a notice of Codex before a crash without turn.failed', () => {
  const codex = kindNamed('codex');
  const notice = codexEvent('error', { message: 'Reconnecting... 1/5 (exceeded retry limit, last status: 429)' });
  const message = codexEvent('item.completed', { item: { type: 'agent_message', text: 'Working.' } });
  const command = { item: { id: 'item_1', type: 'command_execution', command: 'ls' } };

  for (const [progress, line] of [
    ['a message', message],
    ['a new command', codexEvent('item.started', command)],
    ['a finished turn', codexEvent('turn.completed', { usage: { input_tokens: 1, output_tokens: 1 } })],
  ] as const) {
    it(`is no rate limit where ${progress} followed it`, () => {
      assert.equal(failureOf(codex, [notice, line], 137).class, 'crash');
    });
  }

  it('is a rate limit where nothing followed it', () => {
    assert.equal(failureOf(codex, [message, notice], 137).class, 'rateLimit');
  });

  it('is a rate limit where only a command finished that ran before it', () => {
    const lines = [codexEvent('item.started', command), notice, codexEvent('item.completed', command)];
    assert.equal(failureOf(codex, lines, 137).class, 'rateLimit');
  });

  it('keeps what the program printed in plain text', () => {
    const lines = ['error: 401 Unauthorized', notice, message];
    assert.equal(failureOf(codex, lines, 1).class, 'signIn');
  });
});
