// @ts-check
/**
 * The agent of the demo that runs in sessions. It is a script and no model, and says so. It speaks the Agent Client
 * Protocol as real agents do: it talks, shows a plan, asks for permission and for a decision, and does what it was
 * allowed to do. It changes files of the demo only, uses no network and costs nothing.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** So that there is time to read along. Tests need none. */
const PACE_MS = Number(process.env['INTERCORE_DEMO_PACE_MS'] ?? 3000);
const MAX_QUOTED = 200;
const METHOD_NOT_FOUND = -32601;
const MODES = { currentModeId: 'ask', availableModes: [{ id: 'ask', name: 'Ask' }] };
const OPTIONS = [
  { optionId: 'allow', name: 'Allow', kind: 'allow_once' },
  { optionId: 'deny', name: 'Deny', kind: 'reject_once' },
];

/** @typedef {Record<string, any>} Message */
/** @typedef {(turn: Turn, prompt: string) => Promise<void>} Story */

/** @param {Message} message */
const send = (message) => void process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

/** Our requests that have no answer yet. @type {Map<number, (result: Message) => void>} */
const open = new Map();
let lastId = 0;

/** @param {string} method @param {Message} params @returns {Promise<Message>} */
function request(method, params) {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    open.set(id, resolve);
    send({ id, method, params });
  });
}

class Canceled extends Error {}

/** From a prompt to its answer. */
class Turn {
  #cancel = new AbortController();

  /** @param {string} sessionId @param {string} cwd */
  constructor(sessionId, cwd) {
    this.sessionId = sessionId;
    this.cwd = cwd;
  }

  cancel() {
    this.#cancel.abort();
  }

  /** @param {Message} update */
  update(update) {
    send({ method: 'session/update', params: { sessionId: this.sessionId, update } });
  }

  /** @param {string} text */
  async say(text) {
    const content = { type: 'text', text: `${text}\n\n` };
    this.update({ sessionUpdate: 'agent_message_chunk', messageId: randomUUID(), content });
    await this.#pace();
  }

  /** Shows the steps of the plan, of which so many are done. @param {readonly string[]} steps @param {number} done */
  plan(steps, done) {
    const status = (/** @type {number} */ index) =>
      index < done ? 'completed' : index === done ? 'in_progress' : 'pending';
    const entries = steps.map((content, index) => ({ content, priority: 'medium', status: status(index) }));
    this.update({ sessionUpdate: 'plan', entries });
  }

  /** @param {string} name @returns {Promise<string>} */
  async read(name) {
    const file = path.join(this.cwd, name);
    const call = { toolCallId: randomUUID(), kind: 'read', title: `Read ${name}`, locations: [{ path: file }] };
    this.update({ sessionUpdate: 'tool_call', status: 'in_progress', ...call });
    const text = readFileSync(file, 'utf8');
    this.update({ sessionUpdate: 'tool_call_update', toolCallId: call.toolCallId, status: 'completed' });
    await this.#pace();
    return text;
  }

  /** Writes the file if it is allowed to. Returns whether it was. @param {string} name @param {string} newText */
  async write(name, newText) {
    const file = path.join(this.cwd, name);
    const oldText = existsSync(file) ? readFileSync(file, 'utf8') : null;
    const content = [{ type: 'diff', path: file, oldText, newText }];
    return await this.#use({ kind: 'edit', title: `Change ${name}`, locations: [{ path: file }], content }, () => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, newText);
      return content;
    });
  }

  /** Runs git if it is allowed to. Returns its output; undefined if it was denied. @param {string[]} args */
  async git(...args) {
    const command = ['git', ...args].join(' ');
    let output = '';
    const isAllowed = await this.#use({ kind: 'execute', title: command, rawInput: { command } }, () => {
      output = execFileSync('git', args, { cwd: this.cwd, encoding: 'utf8' }).trim();
      return [{ type: 'content', content: { type: 'text', text: output } }];
    });
    return isAllowed ? output : undefined;
  }

  /** Returns the values of the form; undefined if the person declined. @param {string} message @param {Message} fields */
  async ask(message, fields) {
    const requestedSchema = { type: 'object', ...fields };
    const answer = await request('elicitation/create', {
      sessionId: this.sessionId,
      mode: 'form',
      message,
      requestedSchema,
    });
    this.#refuseCanceled();
    return answer['action'] === 'accept' ? answer['content'] : undefined;
  }

  /** @param {Message} call @param {() => Message[]} work */
  async #use(call, work) {
    const toolCall = { toolCallId: randomUUID(), ...call };
    this.update({ sessionUpdate: 'tool_call', status: 'pending', ...toolCall });
    const { outcome } = await request('session/request_permission', {
      sessionId: this.sessionId,
      toolCall,
      options: OPTIONS,
    });
    const isAllowed = outcome?.optionId === 'allow';
    const result = isAllowed ? { status: 'completed', content: work() } : { status: 'failed' };
    this.update({ sessionUpdate: 'tool_call_update', toolCallId: toolCall.toolCallId, ...result });
    this.#refuseCanceled();
    return isAllowed;
  }

  async #pace() {
    await pause(PACE_MS, undefined, { signal: this.#cancel.signal }).catch(() => undefined);
    this.#refuseCanceled();
  }

  #refuseCanceled() {
    if (this.#cancel.signal.aborted) throw new Canceled();
  }
}

const LATE = '\n## Late parcels\n\nA parcel is late when it has not moved for two days.\n';

/** It reads for a while, and then shows a diff. @type {Story} */
async function documentLateParcels(turn) {
  const steps = ['Read the service', 'Read its test', 'Explain late parcels in README.md'];
  await turn.say("I am the demo's agent: a script, not a model. I always do the same, and you decide what I may do.");
  turn.plan(steps, 0);
  await turn.read('src/parcels.js');
  await turn.say('`src/parcels.js` keeps each parcel with its place, in memory.');
  await turn.read('src/server.js');
  await turn.say('`src/server.js` answers with the place of one parcel, as JSON.');
  turn.plan(steps, 1);
  await turn.read('test/parcels.test.js');
  await turn.say('The test covers a known parcel and an unknown one. Neither is late.');
  turn.plan(steps, 2);
  const text = await turn.read('README.md');
  if (text.includes(LATE)) {
    await turn.say('`README.md` explains late parcels already, so there is nothing to change.');
    return;
  }
  await turn.say(
    'Now I want to change `README.md`. This session has to ask for everything, so I wait for your answer.',
  );
  if (await turn.write('README.md', `${text}${LATE}`)) {
    turn.plan(steps, 3);
    await turn.say('You allowed it: `README.md` has a section on late parcels. It is not committed.');
  } else {
    await turn.say('You denied it, so `README.md` stays as it was.');
  }
}

/** It needs a command. @type {Story} */
async function summarizeHistory(turn) {
  await turn.say("I am the demo's agent: a script. To summarize the history, I want to run one command.");
  const log = await turn.git('log', '--oneline');
  if (log === undefined) {
    await turn.say('You denied the command, so I have no summary.');
    return;
  }
  const commits = log.split('\n');
  await turn.say(`The page has ${commits.length} commits. The latest is \`${commits[0] ?? ''}\`. I changed nothing.`);
}

/** It cannot decide alone. @type {Story} */
async function chooseUnit(turn) {
  await turn.say("I am the demo's agent: a script. Before I write down how delays are shown, I have a question.");
  const answer = await turn.ask('In which unit does the service show the delay of a parcel?', {
    properties: {
      unit: { type: 'string', title: 'Unit', oneOf: ['days', 'hours'].map((unit) => ({ const: unit, title: unit })) },
      reason: { type: 'string', title: 'Reason', description: 'Optional' },
    },
    required: ['unit'],
  });
  if (answer === undefined) {
    await turn.say('You declined, so nothing is decided.');
    return;
  }
  const reason = answer['reason'] ? ` Reason: ${quoted(answer['reason'])}` : '';
  const decision = `# Unit of delays\n\nDelays are shown in ${quoted(answer['unit'])}.${reason}\n`;
  const isWritten = await turn.write('docs/delay-unit.md', decision);
  await turn.say(isWritten ? 'Your decision is in `docs/delay-unit.md`.' : 'I was not allowed to write it down.');
}

/** Any other text. @type {Story} */
async function writeDown(turn, prompt) {
  await turn.say(`You said: “${quoted(prompt)}” I am a script and understand nothing, but I can write it down.`);
  const name = 'docs/said.md';
  const file = path.join(turn.cwd, name);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '# What was said to the agent\n\n';
  const isWritten = await turn.write(name, `${before}- ${quoted(prompt)}\n`);
  await turn.say(isWritten ? `It is in \`${name}\`.` : 'I was not allowed to, so it is only in this transcript.');
}

/** By the first line of the prompt, with which the demo is made. @type {Readonly<Record<string, Story>>} */
const STORIES = {
  'Document late parcels': documentLateParcels,
  'Summarize the history of the page': summarizeHistory,
  'Choose the unit of delays': chooseUnit,
};

/** @param {unknown} text */
function quoted(text) {
  const line = String(text).replace(/\s+/g, ' ').trim();
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}…` : line;
}

/** The folder of each session. @type {Map<string, string>} */
const folders = new Map();
/** @type {Turn | undefined} */
let running;

/** @param {Message} params */
async function play({ sessionId, prompt }) {
  const text = prompt.map((/** @type {Message} */ block) => block['text'] ?? '').join('\n');
  const turn = new Turn(sessionId, folders.get(sessionId) ?? process.cwd());
  running = turn;
  try {
    const title = text.split('\n', 1)[0] ?? '';
    await (Object.hasOwn(STORIES, title) ? STORIES[title] : writeDown)?.(turn, text);
    return { stopReason: 'end_turn' };
  } catch (error) {
    if (error instanceof Canceled) return { stopReason: 'cancelled' };
    throw error;
  } finally {
    running = undefined;
  }
}

/** @type {Readonly<Record<string, (params: Message) => Message | Promise<Message>>>} */
const METHODS = {
  initialize: () => ({
    protocolVersion: 1,
    agentInfo: { name: 'intercore-demo', title: 'Demo Agent (a script)' },
    agentCapabilities: { sessionCapabilities: { resume: {} } },
  }),
  'session/new': ({ cwd }) => {
    const sessionId = randomUUID();
    folders.set(sessionId, cwd);
    return { sessionId, modes: MODES };
  },
  // It remembers nothing, and needs nothing of what was said.
  'session/resume': ({ sessionId, cwd }) => {
    folders.set(sessionId, cwd);
    return { modes: MODES };
  },
  'session/set_mode': () => ({}),
  'session/prompt': play,
};

/** @param {Message} message */
async function answer({ id, method, params = {} }) {
  const work = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (work === undefined) {
    send({ id, error: { code: METHOD_NOT_FOUND, message: `There is no method ${method}.` } });
    return;
  }
  try {
    send({ id, result: await work(params) });
  } catch (error) {
    send({ id, error: { code: -32603, message: error instanceof Error ? error.message : String(error) } });
  }
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('line', (line) => {
  /** @type {Message} */
  const message = JSON.parse(line);
  if (message['method'] === undefined) {
    open.get(message['id'])?.(message['result'] ?? {});
    open.delete(message['id']);
  } else if (message['id'] !== undefined) void answer(message);
  else if (message['method'] === 'session/cancel') running?.cancel();
});
lines.on('close', () => process.exit(0));
