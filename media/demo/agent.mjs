// @ts-check
/**
 * The agent of the demo. It is a script and no model: it plans and builds the same each time, needs no network and costs
 * nothing. All else is as with real agents: it gets a prompt, works in a git worktree, commits, and says by `ic` what it
 * has done. Intercore trusts none of it and checks the work itself.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** So that there is something to watch. */
const PACE_MS = 700;

/** @typedef {{ title: string, spec: string, plan: string, after?: string, files: Record<string, string> }} Step */

/** Of the service. @type {Step[]} */
const LATE_PARCELS = [
  {
    title: 'Know when a parcel last moved',
    spec: 'The service knows of each parcel when it came to its place.',
    plan: '`src/parcels.js` keeps the time beside the place; a test says so.',
    files: {
      'src/parcels.js': `const parcels = new Map();

exports.add = (id, place, movedAt = Date.now()) => parcels.set(id, { place, movedAt });
exports.where = (id) => parcels.get(id)?.place;
exports.movedAt = (id) => parcels.get(id)?.movedAt;
`,
      'test/moved.test.js': `const assert = require('node:assert');
const test = require('node:test');
const { add, movedAt } = require('../src/parcels');

test('it is known when a parcel moved', () => {
  add('p3', 'depot', 1000);
  assert.equal(movedAt('p3'), 1000);
});
`,
    },
  },
  {
    title: 'Say that a parcel is late',
    spec: 'A parcel that has not moved for two days is late, and the answer says so.',
    plan: '`src/late.js` decides; `src/server.js` asks it. The rule has a test.',
    after: 'Know when a parcel last moved',
    files: {
      'src/late.js': `const { movedAt } = require('./parcels');

const TWO_DAYS_MS = 2 * 24 * 60 * 60 * 1000;

exports.isLate = (id, now = Date.now()) => now - (movedAt(id) ?? now) > TWO_DAYS_MS;
`,
      'src/server.js': `const http = require('node:http');
const { where } = require('./parcels');
const { isLate } = require('./late');

exports.server = http.createServer((request, response) => {
  const id = request.url.slice(1);
  response.end(JSON.stringify({ id, place: where(id) ?? null, late: isLate(id) }));
});
`,
      'test/late.test.js': `const assert = require('node:assert');
const test = require('node:test');
const { add } = require('../src/parcels');
const { isLate } = require('../src/late');

test('a parcel is late after two days without a move', () => {
  add('p4', 'depot', 0);
  assert.equal(isLate('p4', 1000), false);
  assert.equal(isLate('p4', 3 * 24 * 60 * 60 * 1000), true);
});
`,
    },
  },
];

/** Of the page; the two may be built at the same time. @type {Step[]} */
const KINDER_PAGE = [
  {
    title: 'Say when the service does not answer',
    spec: 'A search for a parcel reports when the service is out of reach.',
    plan: '`track.js` tells instead of showing nothing.',
    files: {
      'track.js': `const number = document.querySelector('#number');
const place = document.querySelector('#place');

number.addEventListener('input', async () => {
  try {
    const answer = await fetch(\`/api/\${number.value}\`);
    place.textContent = (await answer.json()).place ?? 'Not found';
  } catch {
    place.textContent = 'We cannot look just now. Please try again later.';
  }
});
`,
    },
  },
  {
    title: 'Be easy to read in the dark',
    spec: 'The page follows the dark mode of the system.',
    plan: '`dark.css` has the colors; `index.html` links it.',
    files: {
      'dark.css': '@media (prefers-color-scheme: dark) {\n  body {\n    background: #111;\n    color: #eee;\n  }\n}\n',
      'index.html': `<!doctype html>
<title>Where is my parcel?</title>
<link rel="stylesheet" href="style.css" />
<link rel="stylesheet" href="dark.css" />
<input id="number" aria-label="Parcel number" />
<output id="place"></output>
<script src="track.js"></script>
`,
    },
  },
];

/** What to do for a task of any title once the rest is done. @type {(title: string) => Step} */
const note = (title) => ({
  title: `Write down: ${title}`.slice(0, 200),
  spec: `The demo's agent is a script, so it writes down what is wanted: ${title}`,
  plan: 'One line in `docs/wanted.md`.',
  files: {},
});

const { INTERCORE_TASK_ID: taskId = '', INTERCORE_SUBTASK_ID: subtaskId } = process.env;
const scratch = mkdtempSync(path.join(tmpdir(), 'intercore-demo-'));

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  // Windows starts a script such as ic.cmd by its shell alone; no argument here has anything in it that a shell reads.
  const shell = process.platform === 'win32' && program === 'ic';
  return execFileSync(program, args, { encoding: 'utf8', shell }).trim();
}

/** @param {string} line */
async function say(line) {
  console.log(line);
  await pause(PACE_MS);
}

/** Texts go by files, so that no command line ever holds them. @param {string} name @param {string} text */
function file(name, text) {
  const place = path.join(scratch, name);
  writeFileSync(place, text);
  return place;
}

async function plan() {
  const { title } = JSON.parse(run('ic', 'task', 'show', taskId, '--json'));
  await say(`I am the demo's agent: a script. I plan "${title}".`);
  const steps = existsSync('src/parcels.js')
    ? existsSync('src/late.js')
      ? [note(title)]
      : LATE_PARCELS
    : existsSync('track.js') && !existsSync('dark.css')
      ? KINDER_PAGE
      : [note(title)];
  /** @type {Map<string, string>} */
  const ids = new Map();
  for (const [index, step] of steps.entries()) {
    const body = `## Spec\n${step.spec}\n\n## Implementation Plan\n${step.plan}\n\n## Acceptance Criteria\nThe tests pass.\n`;
    const texts = [`--title-file=${file(`title-${index}`, step.title)}`, `--body-file=${file(`body-${index}`, body)}`];
    const id = run('ic', 'subtask', 'create', ...texts);
    ids.set(step.title, id);
    await say(`Subtask ${id}: ${step.title}`);
    const first = step.after && ids.get(step.after);
    if (first) run('ic', 'subtask', 'depend', id, `--on=${first}`);
  }
}

async function build() {
  const { title, spec } = JSON.parse(run('ic', 'subtask', 'show', subtaskId ?? '', '--json'));
  await say(`I am the demo's agent: a script. I build "${title}".`);
  const step = [...LATE_PARCELS, ...KINDER_PAGE].find((known) => known.title === title);
  for (const [name, text] of Object.entries(step?.files ?? {})) {
    mkdirSync(path.dirname(name), { recursive: true });
    writeFileSync(name, text);
    await say(`Wrote ${name}`);
  }
  if (step === undefined) {
    mkdirSync('docs', { recursive: true });
    appendFileSync('docs/wanted.md', `- ${title}: ${spec}\n`);
    await say('Wrote docs/wanted.md');
  }
  run('git', 'add', '--all');
  run('git', 'commit', '--quiet', '--file', file('message', `${title}\n\n${spec}\n`));
  await say('Committed.');
  run('ic', 'subtask', 'close', '--reason=Done');
}

/** As a dispatch of its own, or where a session was handed over to it. */
async function decline() {
  await say("I am the demo's agent: a script. I plan and build tasks only, so I change nothing here.");
  await say('To see me work, use Create Task. To talk to an agent, start one of the kind demo-session.');
}

try {
  if (subtaskId !== undefined) await build();
  else if (taskId !== '') await plan();
  else await decline();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
