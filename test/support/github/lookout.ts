/**
 * A process that an agent may have left behind: it reads again and again what every process of the user shows of itself
 * in `/proc`, its environment and its command line, and reports where it saw one of the given words.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** The words come by standard input, so that the program itself shows none of them. */
const PROGRAM = `
  const fs = require('node:fs');
  const words = JSON.parse(fs.readFileSync(0, 'utf8'));
  const seen = new Set();
  let rounds = 0;
  process.stdout.write('ready\\n');
  const look = () => {
    for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
      for (const file of ['environ', 'cmdline']) {
        try {
          const shown = fs.readFileSync('/proc/' + pid + '/' + file, 'latin1');
          const name = fs.readFileSync('/proc/' + pid + '/comm', 'utf8').trim();
          if (file === 'cmdline' && /^git/.test(name)) seen.add('checked git');
          if (words.some((word) => shown.includes(word))) seen.add(file + ' of ' + name);
        } catch {
          // The process has ended, or belongs to another user.
        }
      }
    }
    rounds += 1;
    setImmediate(look);
  };
  process.on('SIGTERM', () => {
    process.stdout.write(JSON.stringify({ rounds, seen: [...seen] }));
    process.exit();
  });
  look();`;

export class Lookout {
  private constructor(
    private readonly child: ChildProcess,
    private readonly printed: Promise<string>,
  ) {}

  static async start(words: readonly string[]): Promise<Lookout> {
    const child = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ready = once(child.stdout, 'data');
    const printed = text(child.stdout);
    child.stdin.end(JSON.stringify(words));
    await ready;
    return new Lookout(child, printed);
  }

  /** Where a word was seen, and whether the process saw git at all. */
  async end(): Promise<{ readonly sawGit: boolean; readonly found: readonly string[] }> {
    this.child.kill('SIGTERM');
    const printed = (await this.printed).replace(/^ready\n/, '');
    const { seen } = JSON.parse(printed) as { readonly seen: readonly string[] };
    return { sawGit: seen.includes('checked git'), found: seen.filter((entry) => entry !== 'checked git') };
  }
}
