/** Every hostile folder, used from a shell and by an MCP client. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ic } from '../support/ic/ic';
import { McpSession } from '../support/ic/mcp';
import { Canaries, SECRET } from './canaries';
import { CORPUS, makeHostileFolder } from './corpus';

const COMMANDS: readonly (readonly string[])[] = [
  ['needs'],
  ['run', 'list'],
  ['doctor'],
  ['dispatch', 'list'],
  ['project', 'list'],
  ['worktree', 'unused'],
];
/** The machine may be busy with all other tests. */
const MAX_MS = 60_000;
const MAX_RSS_KB = 400_000;

describe('a hostile folder', function () {
  this.timeout(180_000);
  let root: string;
  let canaries: Canaries;
  let env: Readonly<Record<string, string>>;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'intercore-security-')));
    canaries = await Canaries.create(path.join(root, 'canaries'));
    await mkdir(path.join(root, 'home'));
    const meter = path.join(root, 'meter.js');
    const log = path.join(root, 'memory');
    await writeFile(
      meter,
      `process.on('exit', () => require('node:fs').appendFileSync(${JSON.stringify(log)}, process.resourceUsage().maxRSS + '\\n'));`,
    );
    env = { HOME: path.join(root, 'home'), NODE_OPTIONS: `--require ${meter}` };
  });

  after(async () => {
    await canaries.close();
    await rm(root, { recursive: true, force: true });
  });

  const measured = async <T>(work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const value = await work();
    assert.ok(performance.now() - startedAt < MAX_MS);
    const used = (await readFile(path.join(root, 'memory'), 'utf8')).trim().split('\n').map(Number);
    assert.ok(Math.max(...used) < MAX_RSS_KB);
    return value;
  };

  for (const hostile of CORPUS) {
    it(`${hostile.name} does no harm to users of ic`, async () => {
      const folder = await makeHostileFolder(hostile, path.join(root, 'cli'), canaries);
      const used = async (command: readonly string[]): Promise<void> => {
        const { code, stdout, stderr } = await measured(() => ic(command, { cwd: folder, env }));
        const said = `ic ${command.join(' ')}: ${code}\n${stdout}\n${stderr}`;
        assert.ok(!/\n\s+at /.test(stderr), said);
        assert.ok(!`${stdout}${stderr}`.includes(SECRET), said);
        if (hostile.isRefused && command[0] !== 'doctor') assert.match(stderr, /^ic.*intercore\.db/, said);
        else if (code > 1) assert.match(stderr, /^((ic: [^\n]+\n)+ {2}[^\n]+\n)+$/, said);
      };
      await Promise.all(COMMANDS.map(used));
      await canaries.check();
    });

    it(`${hostile.name} does no harm to users of ic mcp`, async () => {
      const folder = await makeHostileFolder(hostile, path.join(root, 'mcp'), canaries);
      await measured(async () => {
        const session = await McpSession.open({ cwd: folder, env });
        try {
          const { tools } = await session.client.listTools();
          assert.ok(tools.length > 0);
          const { resources } = await session.client.listResources();
          for (const { uri } of resources.slice(0, 20)) {
            const read = await session.client.readResource({ uri }).catch((error: unknown) => String(error));
            assert.ok(!JSON.stringify(read).includes(SECRET), uri);
          }
          const runs = await session.call('runs_list');
          assert.equal('code' in runs, hostile.isRefused);
        } finally {
          await session.close();
        }
      });
      await canaries.check();
    });
  }
});
