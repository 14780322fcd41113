/** `ic needs` and `ic dispatch answer|say|…`: sessions of agents, from a shell. */
import assert from 'node:assert/strict';
import { storageFolder } from '../../../../src/host/state/stateFolder';
import { permission, QUESTION, SessionFixture } from '../../../support/dispatch/sessions';
import { IcProject } from '../../../support/records/icProject';
import { sqlite3 } from '../../../support/records/sqlite3';

const DISPATCH = 'disp0001';
const ALLOW = `ic dispatch answer ${DISPATCH} 1 allow`;
const ACCEPT = `ic dispatch answer ${DISPATCH} 2 accept --values='{"parser":"new"}'`;
const FIELDS = ['parser (required, one of: new (New)): Parser', 'retries (optional, whole number): Number of retries'];

describe('sessions in ic', function () {
  this.timeout(60_000);
  let project: IcProject;
  let session: SessionFixture;

  beforeEach(async () => {
    project = await IcProject.open();
    await sqlite3(
      project.database,
      `INSERT INTO dispatches (id, agent_type, name, status, project_dir)
       VALUES ('${DISPATCH}', 'acp', 'Reviewer', 'running', '${project.folder}')`,
    );
    session = await SessionFixture.make(storageFolder(project.env), DISPATCH);
    await session.write({ requests: [permission(), QUESTION], canSteer: true });
  });
  afterEach(() => project.close());

  it('lists requests in ic needs, with the arguments of the answer', async () => {
    assert.equal(
      await project.ok('needs'),
      [
        `Permission requested\tReviewer\t\`npm test\`, requested by Scripted Agent\t${DISPATCH} 1\tanswer: ${ALLOW}`,
        `Question asked\tReviewer\tWhich parser? (asked by Scripted Agent)\t${DISPATCH} 2\t${FIELDS.map((field) => `field: ${field}`).join('\t')}\tanswer: ${ACCEPT}`,
      ].join('\n'),
    );
    assert.match(await project.ok('needs', '--json'), /"dispatch_id":"disp0001".*"kind":"permissionAsked".*"number":1/);
    const [, question] = JSON.parse(await project.ok('needs', '--json')) as { fields: unknown[]; ic: string[] }[];
    assert.deepEqual(question?.ic, [ACCEPT]);
    assert.deepEqual(question.fields[1], {
      kind: 'integer',
      name: 'retries',
      required: false,
      title: 'Number of retries',
    });
  });

  it('shows the session with its requests', async () => {
    assert.equal(
      await project.ok('dispatch', 'session', DISPATCH),
      [
        'session\trunning\tScripted Agent\tReading src/a.ts',
        'permissions\tfreeInside',
        'request\t1\t`npm test`',
        `answer\t1\t${ALLOW}`,
        'request\t2\tWhich parser?',
        ...FIELDS.map((field) => `field\t2\t${field}`),
        `answer\t2\t${ACCEPT}`,
      ].join('\n'),
    );
    assert.match(
      await project.ok('dispatch', 'session', DISPATCH, '--json'),
      /"phase":"running".*"command":"npm test"/,
    );
  });

  it('shows a pause that was requested, until it starts', async () => {
    await session.write({ wantsPause: true });
    assert.match(
      await project.ok('dispatch', 'session', DISPATCH),
      /^pause\trequested: it starts with the end of the turn$/m,
    );
    assert.match(await project.ok('dispatch', 'session', DISPATCH, '--json'), /"wants_pause":true/);
    await session.write({ wantsPause: true, phase: 'paused' });
    assert.doesNotMatch(await project.ok('dispatch', 'session', DISPATCH), /^pause\t/m);
  });

  it('lists dispatches as the original does, and says on stderr which agents wait or are paused', async () => {
    const list = () => project.run(['dispatch', 'list']);
    const { stdout, stderr } = await list();
    assert.equal(stdout, `${DISPATCH}\trunning\tacp\tReviewer\n`);
    assert.equal(stderr, `${DISPATCH} waits for a person: ic needs\n`);
    const hint = `ic dispatch resume ${DISPATCH}\n`;
    await session.write({ wantsPause: true });
    assert.equal((await list()).stderr, `${DISPATCH} pauses at the end of its turn: ${hint}`);
    await session.write({ phase: 'paused' });
    assert.deepEqual({ ...(await list()) }, { code: 0, stdout, stderr: `${DISPATCH} is paused: ${hint}` });
    await session.write();
    assert.equal((await list()).stderr, '');
  });

  it('prints an answer of a form that the form accepts', async () => {
    const line = (await project.ok('dispatch', 'session', DISPATCH)).split('\n').at(-1) ?? '';
    const values = /--values='(.*)'$/.exec(line)?.[1] ?? '';
    assert.equal(await project.ok('dispatch', 'answer', DISPATCH, '2', 'accept', `--values=${values}`), 'answered');
  });

  it('answers a request once, and exits with 1 for the second answer', async () => {
    const line = ['dispatch', 'answer', DISPATCH, '1'];
    assert.equal(await project.ok(...line, 'deny', '--reason=Use npm ci.'), 'answered');
    const second = await project.run([...line, 'allow']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /Request 1 of dispatch disp0001 was already answered by ic: deny\./);
    assert.equal(
      await project.ok('dispatch', 'answer', DISPATCH, '2', 'accept', '--values={"parser":"new"}'),
      'answered',
    );
    assert.deepEqual(await session.commands(), [
      { kind: 'answer', number: 1, answer: 'deny', reason: 'Use npm ci.', by: 'ic' },
      { kind: 'answer', number: 2, answer: 'accept', values: { parser: 'new' }, by: 'ic' },
    ]);
  });

  it('lists decisions that no program has recorded yet, each once', async () => {
    const made = { tool: 'execute', answer: 'allow', reason: null, askedAt: 1_700_000_000, decidedAt: 1_700_000_001 };
    session.decide({ ...made, number: 1, subject: 'npm test', by: 'person', name: 'ada' });
    session.decide({ ...made, number: 2, subject: 'ls', by: 'policy', name: 'freeInside' });
    await sqlite3(
      project.database,
      `INSERT INTO permission_decisions
       VALUES ('${DISPATCH}', 1, 'execute', 'npm test', 'allow', 'person', 'ada', NULL, 1700000000, 1700000001)`,
    );
    assert.equal(
      await project.ok('dispatch', 'decisions', DISPATCH),
      ['1\tallow\tperson ada\texecute\tnpm test\t', '2\tallow\tpolicy freeInside\texecute\tls'].join('\n'),
    );
  });

  it('says a text at the time that the caller names', async () => {
    const id = await project.ok('dispatch', 'say', DISPATCH, 'Use the new parser.', '--when=instead');
    assert.deepEqual(await session.commands(), [
      { kind: 'say', id, text: 'Use the new parser.', when: 'instead', by: 'ic' },
    ]);
  });

  it('cancels, pauses, and resumes', async () => {
    for (const verb of ['cancel-turn', 'pause', 'resume']) {
      assert.equal(await project.ok('dispatch', verb, DISPATCH), 'requested');
    }
    const given = (await session.commands()).map(({ kind }) => kind);
    assert.deepEqual(given, ['cancel', 'pause', 'resume']);
  });

  it('refuses wrong arguments, and what is not there', async () => {
    const code = async (...line: readonly string[]) => (await project.run(['dispatch', ...line])).code;
    assert.deepEqual(
      [
        await code('answer', DISPATCH, 'one', 'allow'),
        await code('answer', DISPATCH, '1', 'maybe'),
        await code('answer', DISPATCH, '2', 'accept', '--values={'),
        await code('answer', DISPATCH, '1'),
        await code('answer', DISPATCH, '7', 'allow'),
        await code('say', 'nobody00', 'x'),
      ],
      [3, 3, 3, 3, 1, 1],
    );
    assert.deepEqual(await session.commands(), []);
  });

  it('refuses an answer of an agent', async () => {
    const env = { INTERCORE_DISPATCH_ID: DISPATCH };
    const answered = await project.run(['dispatch', 'answer', DISPATCH, '1', 'allow'], { env });
    assert.equal(answered.code, 1);
    assert.match(answered.stderr, /Only a person can decide on ic dispatch answer/);
    assert.deepEqual(await session.commands(), []);
  });

  it('reports a session that has ended', async () => {
    await session.write({ phase: 'ended' });
    const said = await project.run(['dispatch', 'say', DISPATCH, 'More.']);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /The session of dispatch disp0001 has ended\./);
  });
});
