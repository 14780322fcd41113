/** The page of the doctor's report: what is not fine, with buttons, and no markup from facts. */
import assert from 'node:assert/strict';
import type { DoctorFinding, DoctorReport } from '../../../../src/contract/results/doctor';
import { fill } from '../../../../src/kernel/errors/errors';
import { doctorPage } from '../../../../src/views/documents/doctor/doctorPage';

const TEXTS = {
  runAgain: 'Run Again',
  copyText: 'Copy Report',
  showText: 'Show as Text',
  allFine: 'No problems were found.',
  fixOf: ({ fix }: DoctorFinding) => (fix === null ? undefined : 'Fix It'),
};

function finding(level: DoctorFinding['level'], code: string, more: Partial<DoctorFinding> = {}): DoctorFinding {
  return { check: 'git', level, code, facts: {}, saw: '', why: '', remedy: '', fix: null, ...more };
}

function pageOf(...findings: readonly DoctorFinding[]): string {
  const report: DoctorReport = { at: 0, program: 'test', platform: 'linux x64', findings };
  return doctorPage(report, TEXTS, fill);
}

describe("the doctor's page", () => {
  it('lists problems and warnings, closes notes, and leaves out what is fine', () => {
    const page = pageOf(
      finding('ok', 'trust.trusted'),
      finding('info', 'trust.untrusted'),
      finding('problem', 'git.missing'),
    );
    assert.match(page, /<section class="problem"><h2>Problems \(1\)/);
    assert.match(page, /<details><summary><h2>Notes \(1\)/);
    assert.equal(page.match(/<article>/g)?.length, 2);
    assert.ok(!page.includes(TEXTS.allFine));
  });

  it('says that no problems were found where there are none', () => {
    assert.ok(pageOf(finding('ok', 'trust.trusted')).includes(TEXTS.allFine));
  });

  it('has a button for a finding that can be fixed, which names it by its place in the report', () => {
    const fix = { kind: 'link', url: 'https://git-scm.com' } as const;
    const page = pageOf(finding('ok', 'trust.trusted'), finding('problem', 'git.missing', { fix }));
    const [, query = ''] = /command:intercore\.doctor\.fix\?([^"]+)"/.exec(page) ?? [];
    assert.deepEqual(JSON.parse(decodeURIComponent(query)), [{ finding: 1 }]);
  });

  it('shows facts as text, whatever they look like', () => {
    const fix = { kind: 'shell', line: 'rm "<script>alert(1)</script>"' } as const;
    const page = pageOf(finding('problem', 'git.missing', { fix }));
    assert.ok(!page.includes('<script'));
    assert.match(page, /<code>rm &#34;&#60;script&#62;/);
  });
});
