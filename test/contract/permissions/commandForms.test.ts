/** Forms of commands that are free: what matches them, and what a hostile agent would like to match. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { matchesForm } from '../../../src/contract/permissions/commandForms';

const CLOSE = 'bd close web-1.2 --reason <text>';
const CREATE = 'bd create --parent web-1 --title=<text> --body-file=<file>';
const MOVE = 'bd dep add web-1.<numbers> web-1.<numbers>';
const HISTORY = 'git log --oneline <revision>..HEAD';

describe('a form of a command', () => {
  it('matches its words and what its places stand for', () => {
    const commands: readonly (readonly [form: string, command: string])[] = [
      [CLOSE, 'bd close web-1.2 --reason "Implementation complete"'],
      [CLOSE, `bd close web-1.2 --reason 'It says "done"'`],
      [CLOSE, '  bd  close web-1.2 --reason done '],
      [CREATE, 'bd create --parent web-1 --title="Write (a) – 100 % of it, #2" --body-file=body.md'],
      [CREATE, `bd create --parent web-1 '--title=Write A' --body-file="body-2.md"`],
      [MOVE, 'bd dep add web-1.1 web-1.12.3'],
      [HISTORY, 'git log --oneline 0a1b2c..HEAD'],
      [HISTORY, 'git log --oneline origin/main..HEAD'],
      ['npm test', 'npm test'],
    ];
    for (const [form, command] of commands) assert.equal(matchesForm(form, command), true, command);
  });

  it('matches nothing that does more, or that shells read in other ways', () => {
    const commands: readonly (readonly [form: string, command: string])[] = [
      // Other issues, other records, other options.
      [CLOSE, 'bd close web-1.3 --reason done'],
      [CLOSE, 'bd close web-1.2 web-1.3 --reason done'],
      [CLOSE, 'bd close web-1.2 --reason done --force'],
      [CLOSE, 'bd close web-1.2 --reason --db=/tmp/other.db'],
      [CLOSE, 'bd --db=/tmp/other.db close web-1.2 --reason done'],
      [CLOSE, 'BEADS_DIR=/tmp/other bd close web-1.2 --reason done'],
      [CLOSE, './bd close web-1.2 --reason done'],
      [MOVE, 'bd dep add web-1.1 web-10.1'],
      [MOVE, 'bd dep add web-1.1 web-1.'],
      [MOVE, 'bd dep add web-1.1 web-1.1,web-2.1'],
      [CREATE, 'bd create --parent web-1 --title=A --body-file=/etc/passwd'],
      [CREATE, 'bd create --parent web-1 --title=A --body-file=../secret'],
      [CREATE, 'bd create --parent web-1 --title=A --body-file=.env'],
      [CREATE, 'bd create --parent web-1 --title=A --body-file=-'],
      [HISTORY, 'git log --oneline --output=x..HEAD'],
      [HISTORY, 'git log --oneline -p..HEAD'],
      [HISTORY, 'git log --oneline main..HEAD --output=/etc/x'],
      [HISTORY, 'git -c core.pager=sh log --oneline main..HEAD'],
      // More than one command, files, and replaced text.
      [CLOSE, 'bd close web-1.2 --reason "$(cat /etc/passwd)"'],
      [CLOSE, 'bd close web-1.2 --reason "`id`"'],
      [CLOSE, 'bd close web-1.2 --reason "$HOME"'],
      [CLOSE, 'bd close web-1.2 --reason $HOME'],
      [CLOSE, 'bd close web-1.2 --reason "a" "b"'],
      [CLOSE, String.raw`bd close web-1.2 --reason "a\" ; id"`],
      [CLOSE, 'bd close web-1.2 --reason done; id'],
      [CLOSE, 'bd close web-1.2 --reason done && id'],
      [CLOSE, 'bd close web-1.2 --reason done | sh'],
      [CLOSE, 'bd close web-1.2 --reason done > /etc/x'],
      [CLOSE, 'bd close web-1.2 --reason done\nid'],
      [CLOSE, "bd close web-1.2 --reason 'a & b'"],
      [CLOSE, 'bd close web-1.2 --reason *'],
      [CLOSE, 'bd close web-1.2 --reason {a,b}'],
      [CLOSE, 'bd close web-1.2 --reason ~'],
      [CLOSE, 'bd close web-1.2 --reason "not closed'],
      [CLOSE, 'bd close web-1.2 --reason done # and more'],
      [CLOSE, 'bd close web-1.2 --reason'],
      ['npm test', 'npm test x'],
      ['npm test', 'npm'],
      ['a <other>', 'a b'],
    ];
    for (const [form, command] of commands) assert.equal(matchesForm(form, command), false, command);
  });

  it('matches only what is one word in its place to a shell', () => {
    const special = fc.string({
      unit: fc.constantFrom(...`" ' a b $ \\ ; & | < > ~ * # = - \n \``.split(' '), ' '),
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.oneof(special, fc.string({ maxLength: 40 })), (text) => {
        const words = `bd close web-1.2 --reason "${text}"`;
        if (!matchesForm(CLOSE, words)) return true;
        const read = execFileSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' }).split('\0');
        return read.length === 6 && read.slice(0, 4).join(' ') === 'bd close web-1.2 --reason';
      }),
      { numRuns: 300 },
    );
  });

  it('takes linear time', () => {
    const long = '"'.repeat(100_001);
    assert.equal(matchesForm(CLOSE, `bd close web-1.2 --reason ${long}`), false);
    assert.equal(matchesForm(CLOSE, `bd close web-1.2 --reason ${'a'.repeat(1_000_000)}`), true);
    assert.equal(matchesForm(CLOSE, `bd close ${' '.repeat(1_000_000)}`), false);
    assert.equal(matchesForm(MOVE, `bd dep add web-1.${'1.'.repeat(500_000)} web-1.1`), false);
  });
});
