import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { CliCommand } from '../../../src/cli/command/command';
import { allCommands } from '../../../src/cli/table';
import { GLOBAL_FLAGS } from '../../../src/cli/command/usage';
import type { FlagSpec } from '../../../src/cli/grammar/argv';
import { ic } from '../../support/ic/ic';
import { execute, isInstalled } from '../../support/shell';

/** The shell's candidates for each incomplete line; the last word may be empty. */
type Offer = (lines: readonly string[]) => Promise<string[][]>;

const isUnder = (command: CliCommand, words: readonly string[]): boolean =>
  words.every((word, i) => command.words[i] === word);

const withoutValue = (word: string): string => word.replace(/=$/, '');

describe('the completion of ic', function () {
  this.timeout(240_000);
  let folder: string;
  let commands: readonly CliCommand[];

  before(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'ic-completion-')));
    commands = await allCommands();
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await ic(['completion', shell], { cwd: folder });
      assert.equal(code, 0);
      await writeFile(path.join(folder, `ic.${shell}`), stdout);
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a script for each line. Answers are separated by a marker line. */
  const asking =
    (program: string, first: string, ask: (line: string) => string): Offer =>
    async (lines) => {
      const script = [first, ...lines.map((line) => `${ask(line)}\necho --next--`)].join('\n');
      const { code, out } = await execute(program, ['-c', script], { cwd: folder });
      assert.equal(code, 0);
      return out
        .split('--next--\n')
        .slice(0, -1)
        .map((part) => part.split('\n').filter((word) => word !== ''));
    };

  /** Like bash: the words of the line in COMP_WORDS, the answer in COMPREPLY. */
  const bash = (): Offer =>
    asking('bash', '. ./ic.bash; compopt() { :; }', (line) => {
      const words = line.split(' ');
      return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
COMPREPLY=(); _ic; printf '%s\\n' "\${COMPREPLY[@]}"`;
    });

  const shells: readonly (readonly [name: string, offer: () => Offer])[] = [
    ['bash', bash],
    [
      'fish',
      () => asking('fish', 'source ./ic.fish', (line) => `complete -C '${line}' | string replace -r '\\t.*' ''`),
    ],
  ];

  for (const [name, offerOf] of shells) {
    describe(`in ${name}`, () => {
      const offer: Offer = (lines) => offerOf()(lines);
      before(async function () {
        if (!(await isInstalled(name))) this.skip();
      });

      it('offers every noun and every word that follows it', async () => {
        const prefixes = [
          ...new Set(commands.flatMap(({ words }) => words.map((_, i) => words.slice(0, i).join(' ')))),
        ];
        const offers = await offer(
          prefixes.map((prefix) => ['ic', ...prefix.split(' '), ''].filter(unlessInner).join(' ')),
        );
        prefixes.forEach((prefix, i) => {
          const words = prefix === '' ? [] : prefix.split(' ');
          const next = commands
            .filter((command) => isUnder(command, words))
            .flatMap((command) => command.words[words.length] ?? []);
          const plain = (offers[i] ?? []).filter((word) => !word.startsWith('-'));
          assert.deepEqual(plain.sort(), [...new Set(next)].sort(), `after “ic ${prefix}”`);
        });
      });

      it('offers every flag of every command, and the global ones', async () => {
        const offers = await offer(commands.map(({ words }) => `ic ${words.join(' ')} --`));
        commands.forEach(({ words, flags = [] }, i) => {
          const offered = new Set((offers[i] ?? []).map(withoutValue));
          const missing = [...flags, ...GLOBAL_FLAGS].filter((flag: FlagSpec) => !offered.has(`--${flag.name}`));
          assert.deepEqual(missing, [], `after “ic ${words.join(' ')}”`);
        });
      });

      it('offers no flag of another command', async () => {
        const [offered = []] = await offer(['ic run advance --']);
        assert.ok(offered.map(withoutValue).includes('--skip-reason'));
        for (const other of ['--goal', '--consumer', '--to-phase'])
          assert.ok(!offered.map(withoutValue).includes(other));
      });

      it('completes a partial word after flags and operands', async () => {
        const offers = await offer(['ic ru', 'ic run adv', 'ic gate --json ove', 'ic run advance --sk', 'ic nothing ']);
        assert.deepEqual(
          offers.map((words) => words.filter((word) => !word.startsWith('--j')).map(withoutValue)).slice(0, 4),
          [['run'], ['advance'], ['override'], ['--skip-reason']],
        );
        assert.deepEqual(
          offers[4]?.filter((word) => !word.startsWith('-')),
          [],
        );
      });
    });
  }

  it('works in zsh, at a terminal', async function () {
    if (!(await isInstalled('zsh'))) return this.skip();
    // The tab key completes; `ic` then prints the words it got. Its own definition must not look like that output.
    const typed = ['ic ru\tadv\tR', 'ic gate overr\t', 'ic run advance --sk\t'];
    const script = [
      'zmodload zsh/zpty; zpty z zsh -f -i',
      `zpty -w z 'autoload -U compinit; compinit -u -d ./dump; . ./ic.zsh; ic() { print -r -- "go""t:" "$@" "<""end>" }'`,
      ...typed.map((keys) => `zpty -w z $'${keys}'; zpty -r z answer '*got:*<end>*'; print -r -- "$answer"`),
    ].join('\n');
    const { out } = await execute('zsh', ['-f', '-c', script], {
      cwd: folder,
      env: { ...process.env, TERM: 'dumb' },
      timeout: 60_000,
    });
    assert.deepEqual(
      [...out.matchAll(/got: (.*?) <end>/g)].map(([, words]) => words),
      ['run advance R', 'gate override', 'run advance --skip-reason='],
    );
  });
});

/** Keeps an empty last word of a line, and drops the empty word of an empty prefix. */
function unlessInner(word: string, i: number, all: readonly string[]): boolean {
  return word !== '' || i === all.length - 1;
}
