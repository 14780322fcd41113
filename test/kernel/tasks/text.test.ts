import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KernelError } from '../../../src/kernel/errors/errors';
import { delayAfter } from '../../../src/kernel/tasks/stage/backoff';
import { formatBody, parseBody } from '../../../src/kernel/tasks/subtask/body';
import { branchName, slug } from '../../../src/kernel/tasks/names';
import { parseRepositoryUrl } from '../../../src/kernel/text/repositoryUrl';

describe('names made of titles', () => {
  const VECTORS = [
    ['Add OAuth Handler', 'add-oauth-handler'],
    ['Fix Bug #123', 'fix-bug-123'],
    ['  Multiple   Spaces  ', 'multiple-spaces'],
    ['underscores_work_too', 'underscores-work-too'],
    ['', 'task'],
    ['Éditer l’à-côté', 'editer-la-cote'],
    ['日本語', 'task'],
    ['../../etc/passwd', 'etcpasswd'],
    ['a.lock', 'alock'],
    ['--force', 'force'],
    ['$(rm -rf ~) `id` "quoted"', 'rm-rf-id-quoted'],
  ] as const;
  for (const [title, expected] of VECTORS) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(title)}`, () => {
      assert.equal(slug(title), expected);
    });
  }

  it('cuts a long title between words', () => {
    assert.equal(slug('word '.repeat(30)), 'word-word-word-word-word-word-word-word-word-word');
    assert.equal(slug('x'.repeat(80)).length, 50);
  });

  it('is a safe part of a branch and of a path, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        assert.match(slug(title), /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/);
      }),
    );
  });

  it('makes a branch name that is the subtask’s forever', () => {
    assert.equal(branchName('ab12cd34', 'Fix!'), 'ab12cd34-fix');
  });
});

describe('the body of a subtask', () => {
  it('is divided by its headings, in any case and at levels 1 to 3', () => {
    const text = '# SPEC\nsay hello\n## implementation plan\n1. write\n### Acceptance Criteria\n- it says hello';
    assert.deepEqual(parseBody(text), { spec: 'say hello', plan: '1. write', acceptance: '- it says hello' });
  });

  it('keeps acceptance criteria (D14)', () => {
    assert.equal(parseBody('## Definition of Done\ntests pass').acceptance, 'tests pass');
  });

  it('is all specification without headings, and empty where there is nothing', () => {
    assert.deepEqual(parseBody(' just text '), { spec: 'just text', plan: '', acceptance: '' });
    assert.deepEqual(parseBody(''), { spec: '', plan: '', acceptance: '' });
  });

  it('does not take a comment in a code fence for a heading', () => {
    const fenced = '```sh\n# spec: not a heading\n~~~\n# plan\n```';
    assert.deepEqual(parseBody(`## Plan\n${fenced}\n## Spec\nreal`), { spec: 'real', plan: fenced, acceptance: '' });
  });

  it('keeps an unknown section, with its heading, in the specification', () => {
    assert.equal(parseBody('## Plan\nrun\n## Risks\nfew').spec, '## Risks\nfew');
    assert.equal(parseBody('## Plan\n### Details\nrun').plan, '### Details\nrun');
  });

  it('reads back what it wrote', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((part) => !/[#`~\r]/.test(part));
    const body = fc.record({ spec: text, plan: text, acceptance: text });
    fc.assert(
      fc.property(body, ({ spec, plan, acceptance }) => {
        const trimmed = { spec: spec.trim(), plan: plan.trim(), acceptance: acceptance.trim() };
        assert.deepEqual(parseBody(formatBody(trimmed)), trimmed);
      }),
    );
  });
});

describe('the address of a repository', () => {
  const SAME = [
    'github.com/o/r',
    'https://github.com/o/r',
    'https://github.com/o/r.git',
    'https://github.com/o/r/',
    'http://www.github.com/o/r.git/',
    'git@github.com:o/r.git',
    'ssh://git@github.com/o/r.git',
    'ssh://git@github.com:22/o/r',
    'https://github.com/o/r/tree/main/src?plain=1#L3',
    'o/r',
    '  github.com/o/r  ',
    'HTTPS://GitHub.com/o/r',
  ];
  for (const address of SAME) {
    it(`understands ${address}`, () => {
      assert.deepEqual(parseRepositoryUrl(address), { owner: 'o', repo: 'r' });
    });
  }

  for (const address of ['', ' ', 'github.com/o', 'not-a-url', 'gitlab.com/o/r', 'o/..', '-o/r', 'https://evil/o/r']) {
    it(`refuses ${JSON.stringify(address)}`, () => {
      assert.throws(
        () => parseRepositoryUrl(address),
        (error) => KernelError.is(error, 'INVALID_ARGUMENT'),
      );
    });
  }

  it('takes the host of an enterprise instead', () => {
    assert.deepEqual(parseRepositoryUrl('git@git.example.org:o/r', 'git.example.org'), { owner: 'o', repo: 'r' });
  });
});

describe('waiting between attempts', () => {
  it('is 5, 10, 20, 40, 80, 120, 120 seconds, and up to a fifth more (D25)', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => delayAfter(attempt, 0));
    assert.deepEqual(delays, [5, 10, 20, 40, 80, 120, 120]);
    assert.equal(Math.round(delayAfter(7, 0.999_999)), 144);
  });
});
